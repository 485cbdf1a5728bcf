#include "voxel/formats/vox_model.h"

#include <algorithm>
#include <vector>

#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/formats/little_endian.h"
#include "voxel/formats/vox_cursor.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

constexpr int32_t kMaxBricksSide = kVoxMaxSide / kBrickSize;
constexpr size_t kMaxBricks = size_t{kMaxBricksSide} * kMaxBricksSide * kMaxBricksSide;

constexpr uint32_t ByteOf(uint32_t voxel, int byte) { return voxel >> (8 * byte) & 255; }

// The brick of a voxel (x, y, z, index from the low byte), bricks counted x fastest in a model of
// 256^3.
constexpr size_t BrickOf(uint32_t voxel) {
  return ByteOf(voxel, 0) >> kBrickBits | ByteOf(voxel, 1) >> kBrickBits << 4 |
         ByteOf(voxel, 2) >> kBrickBits << 8;
}
constexpr int PlaceInBrick(uint32_t voxel) {
  return BrickIndex(ByteOf(voxel, 0) & 15, ByteOf(voxel, 1) & 15, ByteOf(voxel, 2) & 15);
}
constexpr Coord BrickMin(size_t brick) {
  const auto b = static_cast<int32_t>(brick);
  return {(b & 15) << kBrickBits, (b >> 4 & 15) << kBrickBits, b >> 8 << kBrickBits};
}

absl::Status CheckInside(Coord size, const VoxChunk& chunk, std::string_view voxels) {
  for (size_t i = 0; i < voxels.size(); i += 4) {
    const uint32_t voxel = LoadUint32(voxels, i);
    const Coord at{static_cast<int32_t>(ByteOf(voxel, 0)), static_cast<int32_t>(ByteOf(voxel, 1)),
                   static_cast<int32_t>(ByteOf(voxel, 2))};
    if (at.x < size.x && at.y < size.y && at.z < size.z) continue;
    return VoxCorrupt(chunk.id, chunk.offset,
                      StrCat("voxel ", i / 4, " at byte ", chunk.content_offset() + 4 + i,
                             " lies at (", at.x, ", ", at.y, ", ", at.z, "), outside the model of ",
                             size.x, " x ", size.y, " x ", size.z));
  }
  return absl::OkStatus();
}

// The voxels sorted by brick, in file order within each. `ends[b]` is the end of brick b.
std::vector<uint32_t> SortByBrick(std::string_view voxels, std::vector<uint32_t>& ends) {
  std::vector<uint32_t> next(kMaxBricks + 1, 0);
  for (size_t i = 0; i < voxels.size(); i += 4) ++next[BrickOf(LoadUint32(voxels, i)) + 1];
  for (size_t b = 0; b < kMaxBricks; ++b) next[b + 1] += next[b];
  std::vector<uint32_t> sorted(voxels.size() / 4);
  for (size_t i = 0; i < voxels.size(); i += 4) {
    const uint32_t voxel = LoadUint32(voxels, i);
    sorted[next[BrickOf(voxel)]++] = voxel;
  }
  ends = std::move(next);
  return sorted;
}

// Fills bricks one after the other.
class BrickFiller {
 public:
  BrickFiller(const VoxIndexColors& colors, VoxModelResult& result)
      : colors_(colors), result_(result) {}

  void Fill(Coord min, const uint32_t* voxels, size_t count) {
    voxels_.fill(kAir);
    BrickMask seen;
    bool any = false;
    bool ambiguous = false;
    for (size_t i = 0; i < count; ++i) {
      const int place = PlaceInBrick(voxels[i]);
      const uint32_t index = ByteOf(voxels[i], 3);
      if (seen.Get(place)) ++result_.repeated;
      if (index == 0) {
        ++result_.index_zero;
      } else {
        seen.Set(place);
      }
      result_.used.set(index);
      voxels_[static_cast<size_t>(place)] = colors_.color[index];
      any = any || index != 0;
      ambiguous = ambiguous || colors_.lowest[index] != index;
    }
    if (any) editor_.PutBrick(min, voxels_);
    if (ambiguous) FillIndices(min, voxels, count);
  }

  void Commit() {
    result_.model.voxels = editor_.Commit();
    result_.model.indices = indices_.Commit();
  }

 private:
  void FillIndices(Coord min, const uint32_t* voxels, size_t count) {
    voxels_.fill(kAir);
    for (size_t i = 0; i < count; ++i) {
      const uint32_t index = ByteOf(voxels[i], 3);
      // Written even where it is air, for the last voxel of a place counts.
      voxels_[static_cast<size_t>(PlaceInBrick(voxels[i]))] =
          colors_.lowest[index] == index ? kAir : (index << 8 | 255);
    }
    indices_.PutBrick(min, voxels_);
  }

  const VoxIndexColors& colors_;
  VoxModelResult& result_;
  DenseBrick voxels_;
  VolumeEditor editor_{Volume()};
  VolumeEditor indices_{Volume()};
};

// Appends voxels of one model.
class VoxelWriter {
 public:
  VoxelWriter(const VoxModelSource& source, const VoxColorTable& colors, std::string& out)
      : source_(source),
        colors_(colors),
        indices_(source.indices != nullptr ? *source.indices : no_indices_),
        has_indices_(source.indices != nullptr && !source.indices->empty()),
        out_(out) {}

  // `colors` as Volume::ForEachColors gives them.
  void AppendCell(const Cell& cell, const Color* colors) {
    const Box box = cell.box().Intersection(source_.box);
    for (int32_t z = box.min.z; z < box.max.z; ++z) {
      for (int32_t y = box.min.y; y < box.max.y; ++y) {
        for (int32_t x = box.min.x; x < box.max.x; ++x) {
          const Color color =
              colors == nullptr
                  ? cell.color
                  : colors[BrickIndex(x - cell.min.x, y - cell.min.y, z - cell.min.z)];
          if (color != kAir) Append({x, y, z}, color);
        }
      }
    }
  }

 private:
  void Append(Coord c, Color color) {
    if (color != last_color_) {
      last_color_ = color;
      last_index_ = colors_.IndexOf(color);
    }
    uint8_t index = last_index_;
    if (has_indices_) {
      const auto own = static_cast<uint8_t>(indices_.Get(c) >> 8);
      if (colors_.Means(own, color)) index = own;
    }
    const Coord place = c - source_.box.min;
    const char bytes[4] = {static_cast<char>(place.x), static_cast<char>(place.y),
                           static_cast<char>(place.z), static_cast<char>(index)};
    out_.append(bytes, 4);
  }

  const VoxModelSource& source_;
  const VoxColorTable& colors_;
  Volume no_indices_;
  VolumeReader indices_;
  bool has_indices_;
  std::string& out_;
  Color last_color_ = kAir;
  uint8_t last_index_ = 0;
};

int64_t CountInBrick(const Cell& cell, const Box& box) {
  if (box == cell.box()) return BrickCount(cell.brick);
  const BrickMask& occupied = BrickOccupancy(cell.brick);
  int64_t count = 0;
  for (int32_t z = box.min.z; z < box.max.z; ++z) {
    for (int32_t y = box.min.y; y < box.max.y; ++y) {
      for (int32_t x = box.min.x; x < box.max.x; ++x) {
        count += occupied.Get(BrickIndex(x - cell.min.x, y - cell.min.y, z - cell.min.z)) ? 1 : 0;
      }
    }
  }
  return count;
}

}  // namespace

VoxIndexColors::VoxIndexColors(const Palette& palette) {
  for (size_t index = 1; index < color.size(); ++index) {
    color[index] = VoxVoxelColor(palette.entries[index - 1].color);
    const auto first =
        std::find(color.begin() + 1, color.begin() + static_cast<ptrdiff_t>(index), color[index]);
    lowest[index] = static_cast<uint8_t>(first - color.begin());
  }
}

absl::StatusOr<Coord> ReadVoxSize(const VoxChunk& chunk) {
  VoxCursor cursor(chunk);
  Coord size;
  for (int axis = 0; axis < 3; ++axis) {
    VOXEL_ASSIGN_OR_RETURN(size[axis], cursor.Int32("size"));
    if (size[axis] < 1 || size[axis] > kVoxMaxSide) {
      return VoxCorrupt(
          chunk.id, chunk.offset,
          StrCat("side ", size[axis], " at byte ", cursor.offset() - 4, " is outside [1, 256]"));
    }
  }
  return size;
}

absl::StatusOr<int64_t> ReadVoxCount(const VoxChunk& chunk) {
  VoxCursor cursor(chunk);
  VOXEL_ASSIGN_OR_RETURN(const size_t count, cursor.Count("number of voxels", 4));
  return static_cast<int64_t>(count);
}

absl::StatusOr<VoxModelResult> ReadVoxModel(Coord size, const VoxChunk& chunk,
                                            const VoxIndexColors& colors,
                                            const TaskContext& context) {
  const std::string_view voxels = chunk.content.substr(4, size_t{4} * LoadUint32(chunk.content, 0));
  VOXEL_RETURN_IF_ERROR(CheckInside(size, chunk, voxels));
  std::vector<uint32_t> ends;
  const std::vector<uint32_t> sorted = SortByBrick(voxels, ends);
  VoxModelResult result;
  result.model.size = size;
  BrickFiller filler(colors, result);
  uint32_t begin = 0;
  for (size_t brick = 0; brick < kMaxBricks; ++brick) {
    const uint32_t end = ends[brick];
    if (end == begin) continue;
    VOXEL_RETURN_IF_ERROR(context.Check());
    filler.Fill(BrickMin(brick), &sorted[begin], end - begin);
    begin = end;
  }
  filler.Commit();
  return result;
}

int64_t CountVoxelsIn(const VoxModelSource& source) {
  int64_t count = 0;
  source.voxels->ForEachCell(source.box, [&](const Cell& cell) {
    const Box box = cell.box().Intersection(source.box);
    count += cell.brick == nullptr ? box.Voxels() : CountInBrick(cell, box);
    return true;
  });
  return count;
}

absl::Status AppendVoxModel(const VoxModelSource& source, const VoxColorTable& colors,
                            const TaskContext& context, std::string& out) {
  const size_t start = out.size();
  AppendUint32(out, 0);
  VoxelWriter writer(source, colors, out);
  absl::Status status;
  source.voxels->ForEachColors(source.box, [&](const Cell& cell, const Color* voxels) {
    status = context.Check();
    if (status.ok()) writer.AppendCell(cell, voxels);
    return status.ok();
  });
  VOXEL_RETURN_IF_ERROR(status);
  const auto count = static_cast<uint32_t>((out.size() - start - 4) / 4);
  for (size_t i = 0; i < 4; ++i) out[start + i] = static_cast<char>(count >> (8 * i) & 255);
  return absl::OkStatus();
}

}  // namespace voxel
