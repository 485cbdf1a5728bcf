#include "daemon/codec/cells.h"

#include <limits>
#include <optional>
#include <string>

#include "daemon/codec/brick_bytes.h"
#include "voxel/base/check.h"
#include "voxel/grid/diff.h"

namespace voxeld {
namespace {

using voxel::Box;
using voxel::Cell;
using voxel::Color;
using voxel::Coord;

constexpr int kRegionBits = 10;
constexpr int kLevels = 3;  // of nodes between a region and its bricks
constexpr uint64_t kRegionBricks = uint64_t{1} << (6 * kLevels);
constexpr int32_t kRegionEnd = voxel::kMaxCoord >> kRegionBits;

enum class CellKind : uint8_t { kUniform, kBrick, kDelta };

Coord RegionOf(Coord min) {
  return {min.x >> kRegionBits, min.y >> kRegionBits, min.z >> kRegionBits};
}

// The place of a brick in its region, in the order of the tree.
uint64_t PlaceOf(Coord min) {
  uint64_t place = 0;
  for (int shift = kRegionBits - 2; shift >= voxel::kBrickBits; shift -= 2) {
    const auto child = static_cast<uint64_t>((min.x >> shift & 3) | (min.y >> shift & 3) << 2 |
                                             (min.z >> shift & 3) << 4);
    place = place << 6 | child;
  }
  return place;
}

Coord MinOf(Coord region, uint64_t place) {
  Coord min{region.x * (1 << kRegionBits), region.y * (1 << kRegionBits),
            region.z * (1 << kRegionBits)};
  for (int level = 0; level < kLevels; ++level) {
    const auto child = static_cast<int32_t>(place >> (6 * level) & 63);
    const int shift = voxel::kBrickBits + 2 * level;
    min = min + Coord{(child & 3) << shift, (child >> 2 & 3) << shift, (child >> 4) << shift};
  }
  return min;
}

// 0 to 3 for 16, 64, 256, 1024.
uint64_t SizeCode(int32_t size) {
  uint64_t code = 0;
  for (; size > voxel::kBrickSize; size >>= 2) ++code;
  return code;
}
uint64_t BricksOf(uint64_t size_code) { return uint64_t{1} << (6 * size_code); }

// Gathers the cells of one run.
class RunWriter {
 public:
  using Emit = absl::FunctionRef<bool(const ByteWriter&)>;

  // Of cells that meet `box`.
  RunWriter(uint64_t volume, const Box& box, size_t run_bytes, Emit emit)
      : volume_(volume), box_(box), run_bytes_(run_bytes), emit_(emit) {}

  // False once nobody wants more.
  bool Add(const Cell& before, const Cell& after) {
    if (const Coord region = RegionOf(after.min); !region_ || *region_ != region) {
      Flush();
      region_ = region;
    } else if (cells_bytes_.size() >= run_bytes_) {
      Flush();
    }
    const uint64_t place = PlaceOf(after.min);
    const uint64_t size = SizeCode(after.size);
    const uint64_t token = (place - next_place_) << 4 | size << 2;
    next_place_ = place + BricksOf(size);
    ++cells_;
    if (after.brick == nullptr && before.brick == nullptr) {
      cells_bytes_.Varint(token | static_cast<uint64_t>(CellKind::kUniform));
      cells_bytes_.Fixed32(after.color);
      voxels_ += after.box().Voxels();
    } else {
      AddBrick(token, before, after);
    }
    return wanted_;
  }

  void Flush() {
    if (cells_ == 0 || !wanted_) return;
    ByteWriter run;
    run.Varint(volume_ + 1);
    for (const int32_t at : {region_->x, region_->y, region_->z}) run.Signed(at);
    run.Varint(cells_);
    run.Raw(cells_bytes_.bytes().data(), cells_bytes_.size());
    wanted_ = emit_(run);
    cells_bytes_.Take();
    cells_ = 0;
    next_place_ = 0;
  }

  // So many voxels differed, of bricks those in the box. Never more than were written.
  int64_t voxels() const { return voxels_; }

 private:
  // Whichever form is the smallest.
  void AddBrick(uint64_t token, const Cell& before, const Cell& after) {
    const voxel::BrickMask changed = voxel::DiffBricks(before, after, box_).All();
    voxels_ += changed.Count();
    ByteWriter delta;
    // A change of a few voxels is the smallest without a look at the others.
    if ((after.brick != nullptr && WriteBrickDelta(changed, after, kLeastBrickBytes, delta)) ||
        WriteBrickDelta(changed, after,
                        after.brick == nullptr ? sizeof(Color) : BrickByteCount(after.brick),
                        delta)) {
      cells_bytes_.Varint(token | static_cast<uint64_t>(CellKind::kDelta));
      cells_bytes_.Raw(delta.bytes().data(), delta.size());
    } else if (after.brick == nullptr) {
      cells_bytes_.Varint(token | static_cast<uint64_t>(CellKind::kUniform));
      cells_bytes_.Fixed32(after.color);
    } else {
      cells_bytes_.Varint(token | static_cast<uint64_t>(CellKind::kBrick));
      WriteBrick(after.brick, cells_bytes_);
    }
  }

  const uint64_t volume_;
  const Box box_;
  const size_t run_bytes_;
  const Emit emit_;
  bool wanted_ = true;
  int64_t voxels_ = 0;
  std::optional<Coord> region_;
  ByteWriter cells_bytes_;
  uint64_t cells_ = 0;
  uint64_t next_place_ = 0;
};

Color ReadColor(ByteReader& in) {
  const Color color = in.Fixed32();
  if (color != voxel::Normalized(color)) in.Fail();
  return color;
}

void ReadUniform(ByteReader& in, Coord min, uint64_t size, voxel::VolumeEditor& editor) {
  const Color color = ReadColor(in);
  if (in.ok()) editor.PutCube(min, voxel::kBrickSize << (2 * size), color);
}

void ReadDelta(ByteReader& in, Coord min, voxel::VolumeEditor& editor) {
  for (size_t colors = in.Count(6); colors > 0 && in.ok(); --colors) {
    const Color color = ReadColor(in);
    uint64_t index = 0;
    for (size_t voxels = in.Count(); voxels > 0 && in.ok(); --voxels, ++index) {
      index += in.Below(voxel::kBrickVoxels);
      if (index >= voxel::kBrickVoxels) return in.Fail();
      const auto i = static_cast<int32_t>(index);
      editor.Set(min + Coord{i & 15, i >> 4 & 15, i >> 8}, color);
    }
  }
}

}  // namespace

void WriteCells(uint64_t volume, const voxel::Volume& before, const voxel::Volume& after,
                size_t run_bytes, absl::FunctionRef<bool(const ByteWriter& run)> emit) {
  RunWriter run(volume, voxel::kWorld, run_bytes, emit);
  voxel::ForEachChangedCell(before, after, voxel::kWorld,
                            [&](const Cell& was, const Cell& is) { return run.Add(was, is); });
  run.Flush();
}

bool WriteKnownCells(uint64_t volume, const voxel::Volume& before, const voxel::Volume& after,
                     const KnownCells& known, ByteWriter& runs) {
  const auto add = [&runs](const ByteWriter& run) {
    runs.Raw(run.bytes().data(), run.size());
    return true;
  };
  RunWriter run(volume, known.bounds, std::numeric_limits<size_t>::max(), add);
  voxel::ForEachChangedCell(before, after, known.bounds,
                            [&](const Cell& was, const Cell& is) { return run.Add(was, is); });
  run.Flush();
  return run.voxels() == known.voxels;
}

bool ReadRun(ByteReader& in, voxel::VolumeEditor& editor) {
  Coord region;
  for (int axis = 0; axis < 3; ++axis) {
    const int64_t at = in.Signed();
    if (at < -kRegionEnd || at >= kRegionEnd) in.Fail();
    region[axis] = in.ok() ? static_cast<int32_t>(at) : 0;
  }
  uint64_t place = 0;
  for (size_t cells = in.Count(); cells > 0 && in.ok(); --cells) {
    const uint64_t token = in.Below(kRegionBricks << 4);
    const uint64_t size = token >> 2 & 3;
    const auto kind = static_cast<CellKind>(token & 3);
    place += token >> 4;
    const bool fits = place % BricksOf(size) == 0 && place + BricksOf(size) <= kRegionBricks;
    if (!in.ok() || !fits || (kind != CellKind::kUniform && size != 0)) {
      in.Fail();
      break;
    }
    const Coord min = MinOf(region, place);
    place += BricksOf(size);
    if (kind == CellKind::kUniform) {
      ReadUniform(in, min, size, editor);
    } else if (kind == CellKind::kDelta) {
      ReadDelta(in, min, editor);
    } else if (kind == CellKind::kBrick) {
      voxel::DenseBrick voxels;
      if (ReadBrick(in, voxels)) editor.PutBrick(min, voxels);
    } else {
      in.Fail();
    }
  }
  return in.ok();
}

}  // namespace voxeld
