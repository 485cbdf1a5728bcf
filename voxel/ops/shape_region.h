// Any shape as a Region.
//
// Cost: Mask asks for 256 rows; Count halves the box until its parts are inside, outside or at
//       most 256 rows, so it grows with the surface of the shape and not with its volume.
#pragma once

#include <limits>
#include <utility>

#include "voxel/base/status_macros.h"
#include "voxel/ops/region.h"
#include "voxel/ops/shape.h"

namespace voxel {

template <typename S>
requires ConvexShape<S> || RowShape<S>
class ShapeRegion final : public Region {
 public:
  explicit ShapeRegion(S shape) : shape_(std::move(shape)) {}

  Box bounds() const override { return shape_.bounds(); }
  Coverage Classify(const Box& cube) const override { return shape_.Classify(BlockOf(cube)); }

  void Mask(Coord min, BrickMask& mask) const override {
    const Interval brick{min.x, int64_t{min.x} + kBrickSize - 1};
    for (int z = 0; z < kBrickSize; ++z) {
      for (int y = 0; y < kBrickSize; ++y) {
        ForEachInterval(shape_, int64_t{min.y} + y, int64_t{min.z} + z, [&](Interval row) {
          row = row.Intersection(brick);
          if (row.empty()) return;
          mask.SetRow(y, z, static_cast<int>(row.first - brick.first),
                      static_cast<int>(row.last + 1 - brick.first));
        });
      }
    }
  }

  absl::StatusOr<int64_t> Count(const Box& box, const TaskContext& context) const override {
    const Box part = box.Intersection(shape_.bounds());
    if (part.empty()) return 0;
    return CountBlock(BlockOf(part), context);
  }

 private:
  // Halves blocks until they are inside, outside, or few enough rows to be added up.
  absl::StatusOr<int64_t> CountBlock(const Block& block, const TaskContext& context) const {
    const Coverage coverage = shape_.Classify(block);
    if (coverage == Coverage::kOutside) return 0;
    if (coverage == Coverage::kInside) return BoxOf(block).Voxels();
    if (block[1].size() * block[2].size() <= kRowsAtOnce) return CountRows(block);
    VOXEL_RETURN_IF_ERROR(context.Check());
    int longest = block[1].size() >= block[2].size() ? 1 : 2;
    if (block[0].size() > block[longest].size()) longest = 0;
    Block low = block;
    Block high = block;
    low[longest].last = block[longest].first + block[longest].size() / 2 - 1;
    high[longest].first = low[longest].last + 1;
    VOXEL_ASSIGN_OR_RETURN(const int64_t in_low, CountBlock(low, context));
    VOXEL_ASSIGN_OR_RETURN(const int64_t in_high, CountBlock(high, context));
    return in_low + in_high;
  }

  int64_t CountRows(const Block& block) const {
    int64_t count = 0;
    for (int64_t z = block[2].first; z <= block[2].last; ++z) {
      for (int64_t y = block[1].first; y <= block[1].last; ++y) {
        ForEachInterval(shape_, y, z,
                        [&](Interval row) { count += row.Intersection(block[0]).size(); });
      }
    }
    return count;
  }

  static constexpr int64_t kRowsAtOnce = 256;
  S shape_;
};

}  // namespace voxel
