#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/grid/brick_encode.h"
#include "voxel/grid/combine.h"
#include "voxel/grid/root.h"
#include "voxel/grid/slot_map.h"

namespace voxel {
namespace {

using internal::kFan;
using internal::kTopHeight;
using internal::Region;
using internal::Slot;

// The one colour of every voxel of `box`, or nullopt if there are several (or a brick, which is not
// looked into).
std::optional<Color> UniformColor(const Volume& volume, const Box& box) {
  Color color = kAir;
  int64_t covered = 0;
  bool mixed = false;
  volume.ForEachCell(box, [&](const Cell& cell) {
    mixed = cell.brick != nullptr || (covered > 0 && cell.color != color);
    color = cell.color;
    covered += cell.box().Intersection(box).Voxels();
    return !mixed;
  });
  if (mixed || (covered > 0 && covered < box.Voxels())) return std::nullopt;
  return color;
}

// Builds the moved tree from its top: each cube asks what lies at the place it came from.
class Mover {
 public:
  Mover(const Volume& source, const Transform& transform, const TaskContext& context)
      : source_(source),
        transform_(transform),
        back_(transform.Inverse()),
        target_bounds_(transform.Apply(source.Bounds())),
        context_(context) {}

  // The cube at `min`, canonical, with a reference.
  absl::StatusOr<Slot> Cube(Coord min, int height) {
    const Box cube = internal::CubeBox(min, height);
    if (!cube.Intersects(target_bounds_)) return Slot();
    const Box from = back_.Apply(cube);
    if (transform_.rotation == Rotation() && internal::CubeMin(from.min, height) == from.min) {
      return SharedFrom(from.min, height);
    }
    if (const auto color = UniformColor(source_, from)) return Slot::Uniform(*color);
    return height == 0 ? Brick16(from) : Children(min, height);
  }

  // The regions that may hold something.
  std::vector<uint64_t> TargetRegions() const {
    std::vector<uint64_t> keys;
    for (const Region& region : VolumeInternals::Regions(source_)) {
      const Box cube = internal::CubeBox(internal::RegionMin(region.key), kTopHeight);
      const Box to = transform_.Apply(cube.Intersection(source_.Bounds()));
      if (to.empty()) continue;
      const Coord first = internal::CubeMin(to.min, kTopHeight);
      const int32_t step = internal::CubeSize(kTopHeight);
      for (int32_t z = first.z; z < to.max.z; z += step) {
        for (int32_t y = first.y; y < to.max.y; y += step) {
          for (int32_t x = first.x; x < to.max.x; x += step) {
            keys.push_back(internal::RegionKey({x, y, z}));
          }
        }
      }
    }
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return keys;
  }

 private:
  Slot SharedFrom(Coord min, int height) {
    const Slot top = internal::FindRegion(VolumeInternals::Regions(source_), min);
    const Slot slot = internal::Descend(top, min, height);
    internal::RefSlot(slot, height);
    return slot;
  }

  absl::StatusOr<Slot> Brick16(const Box& from) {
    VOXEL_RETURN_IF_ERROR(context_.CheckMemory(new_bytes_));
    DenseBrick read;
    source_.ReadBox(from, read.data());
    // How far apart in `read` neighbours along each target axis are.
    int step[3];
    int start = 0;
    for (int row = 0; row < 3; ++row) {
      const int stride = 1 << (kBrickBits * transform_.rotation.column(row));
      const bool flip = transform_.rotation.negative(row);
      step[row] = flip ? -stride : stride;
      if (flip) start += stride * (kBrickSize - 1);
    }
    DenseBrick turned;
    for (int i = 0; i < kBrickVoxels; ++i) {
      turned[i] = read[start + (i & 15) * step[0] + (i >> 4 & 15) * step[1] + (i >> 8) * step[2]];
    }
    const Slot out = internal::EncodeBrick(turned);
    new_bytes_ += internal::SlotBytes(out, 0);
    return out;
  }

  absl::StatusOr<Slot> Children(Coord min, int height) {
    std::array<Slot, kFan> out;
    for (int i = 0; i < kFan; ++i) {
      absl::StatusOr<Slot> child = Cube(internal::ChildMin(min, i, height), height - 1);
      if (!child.ok()) {
        for (int k = 0; k < i; ++k) internal::DropSlot(out[k], height - 1);
        return child;
      }
      out[i] = *child;
    }
    new_bytes_ += internal::NodeBytes();
    return internal::MakeNode(out, height);
  }

  const Volume& source_;
  const Transform transform_;
  const Transform back_;
  const Box target_bounds_;
  const TaskContext& context_;
  int64_t new_bytes_ = 0;
};

absl::Status CheckTarget(const Box& bounds, const Transform& transform) {
  const Box turned = Transform{transform.rotation, {}}.Apply(bounds);
  for (int axis = 0; axis < 3; ++axis) {
    const int64_t offset = transform.offset[axis];
    if (offset < kMinCoord || offset > kMaxCoord || turned.min[axis] + offset < kMinCoord ||
        turned.max[axis] + offset > kMaxCoord) {
      return Error(
          Reason::OUT_OF_WORLD,
          StrCat("offset ", offset, " on axis ", axis, " would move voxels from [",
                 turned.min[axis], ", ", turned.max[axis], ") out of the world, [-2^30, 2^30)"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Volume> TransformVolume(const Volume& volume, const Transform& transform,
                                       const TaskContext& context) {
  if (volume.empty() || transform.identity()) return volume;
  VOXEL_RETURN_IF_ERROR(CheckTarget(volume.Bounds(), transform));
  Mover mover(volume, transform, context);
  std::vector<Region> out;
  for (uint64_t key : mover.TargetRegions()) {
    const absl::StatusOr<Slot> slot = mover.Cube(internal::RegionMin(key), kTopHeight);
    if (!slot.ok()) {
      for (const Region& region : out) internal::DropSlot(region.slot, kTopHeight);
      return slot.status();
    }
    out.push_back({key, *slot});
  }
  return VolumeInternals::Make(std::move(out));
}

}  // namespace voxel
