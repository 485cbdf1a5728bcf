#include "voxel/ops/symmetry.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <tuple>
#include <vector>

#include "voxel/base/status_macros.h"
#include "voxel/grid/brick_bounds.h"
#include "voxel/ops/compare.h"
#include "voxel/ops/far_transform.h"
#include "voxel/ops/profile.h"
#include "voxel/ops/volume_region.h"

namespace voxel {
namespace {

constexpr int64_t kNearest = 2;
constexpr int64_t kFarthest = 64;

uint16_t Reversed(uint32_t bits) {
  uint32_t v = bits;
  v = (v & 0x5555) << 1 | (v >> 1 & 0x5555);
  v = (v & 0x3333) << 2 | (v >> 2 & 0x3333);
  v = (v & 0x0F0F) << 4 | (v >> 4 & 0x0F0F);
  return static_cast<uint16_t>(v << 8 | v >> 8);
}

BrickMask SolidAt(const Volume& volume, Coord min) {
  return InWorld(min) ? SolidBits(volume.CellAt(min), kWorld) : BrickMask();
}

// The images of a volume's voxels under one mirror.
class Mirrored {
 public:
  Mirrored(const Volume& volume, Axis axis, int64_t twice)
      : volume_(volume), region_(volume), axis_(static_cast<int>(axis)), twice_(twice) {}

  // Which voxels of the brick at `min` have an image. Images of a brick lie in two bricks.
  BrickMask Of(Coord min) const {
    const int64_t low = twice_ - 1 - min[axis_] - (kBrickSize - 1);  // where the farthest one's is
    Coord at = min;
    at[axis_] = static_cast<int32_t>(low & ~int64_t{kBrickSize - 1});
    const BrickMask first = SolidAt(volume_, at);
    at[axis_] += kBrickSize;
    const BrickMask second = SolidAt(volume_, at);
    const int shift = static_cast<int>(low & (kBrickSize - 1));
    return axis_ == 0 ? AlongX(first, second, shift) : AlongRows(first, second, shift);
  }

  // How many voxels of a box have an image.
  absl::StatusOr<int64_t> Count(const Box& box, const TaskContext& context) const {
    Box image = box;
    image.min[axis_] = static_cast<int32_t>(twice_ - box.max[axis_]);
    image.max[axis_] = static_cast<int32_t>(twice_ - box.min[axis_]);
    return region_.Count(image, context);
  }

 private:
  static BrickMask AlongX(const BrickMask& first, const BrickMask& second, int shift) {
    BrickMask images;
    for (int row = 0; row < kBrickSize * kBrickSize; ++row) {
      const uint32_t both = RowOf(first, row) | RowOf(second, row) << kBrickSize;
      images.PutRow(row, Reversed(both >> shift & 0xFFFF));
    }
    return images;
  }

  // Along y or z whole rows change places.
  BrickMask AlongRows(const BrickMask& first, const BrickMask& second, int shift) const {
    BrickMask images;
    const int bit = axis_ == 1 ? 0 : kBrickBits;  // where the axis stands in a row's number
    for (int row = 0; row < kBrickSize * kBrickSize; ++row) {
      const int to = shift + kBrickSize - 1 - (row >> bit & 15);  // in the two bricks together
      const int from = (row & ~(15 << bit)) | (to & 15) << bit;
      const uint32_t bits = RowOf(to < kBrickSize ? first : second, from);
      images.PutRow(row, static_cast<uint16_t>(bits));
    }
    return images;
  }

  const Volume& volume_;
  const VolumeRegion region_;
  const int axis_;
  const int64_t twice_;
};

// How many voxels have an image; or less than `enough`, if they are fewer than that.
absl::StatusOr<int64_t> CountMatches(const Volume& volume, const Mirrored& mirrored, int64_t enough,
                                     const TaskContext& context) {
  int64_t matched = 0;
  int64_t left = volume.CountVoxels();
  absl::Status status;
  volume.ForEachCell(kWorld, [&](const Cell& cell) {
    status = context.Check();
    if (!status.ok()) return false;
    if (cell.brick != nullptr) {
      left -= BrickCount(cell.brick);
      matched += (BrickOccupancy(cell.brick) & mirrored.Of(cell.min)).Count();
    } else {
      left -= cell.box().Voxels();
      const absl::StatusOr<int64_t> count = mirrored.Count(cell.box(), context);
      status = count.status();
      if (count.ok()) matched += *count;
    }
    return status.ok() && matched + left >= enough;
  });
  VOXEL_RETURN_IF_ERROR(status);
  return matched;
}

// One plane that may be the best.
struct Candidate {
  int64_t off_middle = 0;  // twice the distance
  int64_t most = 0;        // it cannot match more
};

// The most promising ones first.
absl::StatusOr<std::vector<Candidate>> CandidatesFor(const Volume& volume, int axis,
                                                     const TaskContext& context) {
  const Box bounds = volume.Bounds();
  const int64_t size = bounds.Size(axis);
  std::vector<Candidate> candidates;
  if (size > kLongestSearched) return std::vector<Candidate>{{0, volume.CountVoxels()}};
  VOXEL_ASSIGN_OR_RETURN(const auto profiles, ProfileOf(volume, bounds, kLongestSearched, context));
  const std::vector<int64_t>& slices = profiles[static_cast<size_t>(axis)].voxels;
  const int64_t reach = 2 * std::clamp(size / 8, kNearest, kFarthest);
  for (int64_t off = -reach; off <= reach; ++off) {
    // The images must lie in the world.
    if (bounds.min[axis] + off < kMinCoord || bounds.max[axis] + off > kMaxCoord) continue;
    VOXEL_RETURN_IF_ERROR(context.Check());
    Candidate candidate{off, 0};
    for (int64_t i = std::max<int64_t>(0, off); i < std::min(size, size + off); ++i) {
      candidate.most +=
          std::min(slices[static_cast<size_t>(i)], slices[static_cast<size_t>(size - 1 + off - i)]);
    }
    candidates.push_back(candidate);
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return std::tuple(-a.most, std::abs(a.off_middle), a.off_middle) <
           std::tuple(-b.most, std::abs(b.off_middle), b.off_middle);
  });
  return candidates;
}

}  // namespace

absl::StatusOr<MirrorPlane> FindMirrorPlane(const Volume& volume, Axis axis,
                                            const TaskContext& context) {
  const int along = static_cast<int>(axis);
  const int64_t middle = int64_t{volume.Bounds().min[along]} + int64_t{volume.Bounds().max[along]};
  VOXEL_ASSIGN_OR_RETURN(const std::vector<Candidate> candidates,
                         CandidatesFor(volume, along, context));
  int64_t best_matched = -1;
  int64_t best_off = 0;
  const auto worse = [&](int64_t matched, int64_t off) {
    return std::tuple(-matched, std::abs(off), off) >
           std::tuple(-best_matched, std::abs(best_off), best_off);
  };
  for (const Candidate& candidate : candidates) {
    if (worse(candidate.most, candidate.off_middle)) continue;
    const Mirrored mirrored(volume, axis, middle + candidate.off_middle);
    VOXEL_ASSIGN_OR_RETURN(const int64_t matched,
                           CountMatches(volume, mirrored, best_matched, context));
    if (worse(matched, candidate.off_middle)) continue;
    best_matched = matched;
    best_off = candidate.off_middle;
  }
  MirrorPlane plane;
  plane.twice = middle + best_off;
  Transform mirror{Rotation::Mirror(axis), {}};
  mirror.offset[along] = static_cast<int32_t>(plane.twice);
  VOXEL_ASSIGN_OR_RETURN(const Volume image, FarTransform(volume, mirror, context));
  VOXEL_ASSIGN_OR_RETURN(const Comparison colors, CompareVolumes(volume, image, {}, context));
  plane.mismatches = colors.extra;
  plane.matched = volume.CountVoxels() - colors.extra;
  plane.miscolored = colors.miscolored;
  plane.bounds = colors.extra_bounds;
  return plane;
}

}  // namespace voxel
