#include "voxel/ops/scale.h"

#include <algorithm>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "voxel/base/status_macros.h"
#include "voxel/ops/box_shape.h"
#include "voxel/ops/paint.h"
#include "voxel/ops/relocate.h"
#include "voxel/ops/shape_region.h"

namespace voxel {
namespace {

// The most frequent colour of a cube if at least half of it is filled, else air. Sorts them.
Color MajorityOf(std::vector<Color>& colors) {
  std::sort(colors.begin(), colors.end());
  const auto filled = std::upper_bound(colors.begin(), colors.end(), kAir);
  if (2 * (colors.end() - filled) < static_cast<ptrdiff_t>(colors.size())) return kAir;
  Color best = kAir;
  ptrdiff_t most = 0;
  for (auto it = filled; it != colors.end();) {
    const auto end = std::upper_bound(it, colors.end(), *it);
    if (end - it > most) {
      most = end - it;
      best = *it;
    }
    it = end;
  }
  return best;
}

class Scaler {
 public:
  Scaler(const Volume& volume, const Box& source, const Box& target, uint32_t factor, bool down,
         const TaskContext& context)
      : volume_(volume),
        source_(source),
        target_(target),
        factor_(static_cast<int32_t>(factor)),
        down_(down),
        context_(context) {}

  // What of the source is filled, scaled, at its place in the target.
  absl::StatusOr<Volume> Run() {
    absl::Status status;
    volume_.ForEachCell(source_, [&](const Cell& cell) {
      status = Add(cell);
      return status.ok();
    });
    if (!status.ok()) return status;
    // Bricks come after the boxes that they may share with uniform cubes, and say all that is in
    // them.
    for (const Coord& min : bricks_) {
      VOXEL_RETURN_IF_ERROR(context_.CheckMemory(editor_.new_bytes()));
      Draw(min);
    }
    return editor_.Commit();
  }

 private:
  // The voxels of the target that those of `part`, a part of the source, have a say in.
  Box Image(const Box& part) const {
    Box image;
    for (int i = 0; i < 3; ++i) {
      const int32_t low = part.min[i] - source_.min[i];
      const int32_t high = part.max[i] - source_.min[i];
      image.min[i] = target_.min[i] + (down_ ? low / factor_ : low * factor_);
      image.max[i] = target_.min[i] + (down_ ? (high + factor_ - 1) / factor_ : high * factor_);
    }
    return image;
  }

  absl::Status Add(const Cell& cell) {
    const Box part = cell.box().Intersection(source_);
    const Box image = Image(part);
    if (cell.brick == nullptr) {
      // Going down, the cubes at the rim of a uniform one are shared with others.
      const Box whole = down_ ? Inner(part) : image;
      if (!whole.empty()) {
        EditCount unused;
        const ShapeRegion region{BoxShape(whole)};
        VOXEL_RETURN_IF_ERROR(PaintRegion(region, Mode::kReplace, cell.color, std::nullopt, editor_,
                                          context_, unused));
      }
      if (down_ && whole != image) AddBricks(image, whole);
      return context_.CheckMemory(editor_.new_bytes());
    }
    AddBricks(image, Box());
    return context_.Check();
  }

  // The target voxels whose cubes lie in `part` as a whole.
  Box Inner(const Box& part) const {
    Box inner;
    for (int i = 0; i < 3; ++i) {
      inner.min[i] = target_.min[i] + (part.min[i] - source_.min[i] + factor_ - 1) / factor_;
      inner.max[i] = target_.min[i] + (part.max[i] - source_.min[i]) / factor_;
    }
    return inner;
  }

  // The bricks that `image` meets and that do not lie in `without`.
  void AddBricks(const Box& image, const Box& without) {
    constexpr int32_t kMask = ~(kBrickSize - 1);
    for (int32_t z = image.min.z & kMask; z < image.max.z; z += kBrickSize) {
      for (int32_t y = image.min.y & kMask; y < image.max.y; y += kBrickSize) {
        for (int32_t x = image.min.x & kMask; x < image.max.x; x += kBrickSize) {
          const Coord min{x, y, z};
          const Box brick{min, min + Coord{kBrickSize, kBrickSize, kBrickSize}};
          if (without.empty() || !without.Contains(brick)) bricks_.insert(min);
        }
      }
    }
  }

  void Draw(Coord min) {
    const Box brick{min, min + Coord{kBrickSize, kBrickSize, kBrickSize}};
    const Box part = brick.Intersection(target_);
    // The source of this part.
    Box from;
    for (int i = 0; i < 3; ++i) {
      const int32_t low = part.min[i] - target_.min[i];
      const int32_t high = part.max[i] - target_.min[i];
      from.min[i] = source_.min[i] + (down_ ? low * factor_ : low / factor_);
      from.max[i] = source_.min[i] + (down_ ? high * factor_ : (high + factor_ - 1) / factor_);
    }
    DenseBrick out{};
    if (down_) {
      DrawDown(min, part, out);
    } else {
      DrawUp(min, part, from, out);
    }
    editor_.PutBrick(min, out);
  }

  void DrawUp(Coord min, const Box& part, const Box& from, DenseBrick& out) {
    read_.resize(static_cast<size_t>(from.Voxels()));
    volume_.ReadBox(from, read_.data());
    const auto size_x = static_cast<int32_t>(from.Size(0));
    const auto size_y = static_cast<int32_t>(from.Size(1));
    const auto at = [&](int32_t c, int axis) {
      return (c - target_.min[axis]) / factor_ + source_.min[axis] - from.min[axis];
    };
    for (int32_t z = part.min.z; z < part.max.z; ++z) {
      for (int32_t y = part.min.y; y < part.max.y; ++y) {
        const Color* row = read_.data() + size_x * (at(y, 1) + size_y * at(z, 2));
        for (int32_t x = part.min.x; x < part.max.x; ++x) {
          out[BrickIndex(x - min.x, y - min.y, z - min.z)] = row[at(x, 0)];
        }
      }
    }
  }

  void DrawDown(Coord min, const Box& part, DenseBrick& out) {
    read_.resize(static_cast<size_t>(factor_) * factor_ * factor_);
    for (int32_t z = part.min.z; z < part.max.z; ++z) {
      for (int32_t y = part.min.y; y < part.max.y; ++y) {
        for (int32_t x = part.min.x; x < part.max.x; ++x) {
          const Coord c = Coord{x, y, z} - target_.min;
          const Coord low = source_.min + Coord{c.x * factor_, c.y * factor_, c.z * factor_};
          volume_.ReadBox({low, low + Coord{factor_, factor_, factor_}}, read_.data());
          out[BrickIndex(x - min.x, y - min.y, z - min.z)] = MajorityOf(read_);
        }
      }
    }
  }

  const Volume& volume_;
  const Box source_;
  const Box target_;
  const int32_t factor_;
  const bool down_;
  const TaskContext& context_;
  VolumeEditor editor_{Volume()};
  absl::flat_hash_set<Coord> bricks_;  // to be drawn voxel by voxel
  std::vector<Color> read_;
};

}  // namespace

Block ScaledExtent(const Scale& edit) {
  Block extent = BlockOf(edit.box);
  for (int i = 0; i < 3; ++i) {
    const int64_t size = edit.box.Size(i);
    extent[i].last = extent[i].first + (edit.down ? size / edit.factor : size * edit.factor) - 1;
  }
  return extent;
}

absl::StatusOr<Volume> ApplyScale(const Volume& before, const Box& source, const Box& target,
                                  uint32_t factor, bool down, const std::optional<Box>& clip,
                                  const TaskContext& context, EditCount& count) {
  VOXEL_ASSIGN_OR_RETURN(const Volume stamp,
                         Scaler(before, source, target, factor, down, context).Run());
  Relocation edit;
  edit.source = source;
  edit.vacate = true;
  return LayDown(stamp, target, before, edit, Mode::kReplace, clip, context, count);
}

}  // namespace voxel
