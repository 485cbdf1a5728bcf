#include "voxel/ops/pyramid_shape.h"

#include <algorithm>
#include <cstdlib>

namespace voxel {

PyramidShape::PyramidShape(const Box& box, Axis axis, bool flipped)
    : box_(box),
      axis_(static_cast<int>(axis)),
      flipped_(flipped),
      along_(BlockOf(box)[axis_]),
      height_(box.Size(axis_)),
      axes_{{box, 0}, {box, 1}, {box, 2}} {}

int64_t PyramidShape::Reach(int i, int64_t layer) const {
  const int64_t size = axes_[i].size();
  // In half voxels the middle of an even extent is 1 away, that of an odd one is a voxel.
  return std::max(size * (height_ - layer) / height_, 1 - size % 2);
}

Coverage PyramidShape::Classify(const Block& block) const {
  const Interval common = block[axis_].Intersection(along_);
  if (common.empty()) return Coverage::kOutside;
  const int64_t widest = std::min(LayerOf(common.first), LayerOf(common.last));
  const int64_t narrowest = std::max(LayerOf(common.first), LayerOf(common.last));
  bool inside = common == block[axis_];
  for (int i = 0; i < 3; ++i) {
    if (i == axis_) continue;
    if (axes_[i].Nearest(block[i]) > Reach(i, widest)) return Coverage::kOutside;
    inside = inside && axes_[i].Farthest(block[i]) <= Reach(i, narrowest);
  }
  return inside ? Coverage::kInside : Coverage::kPartial;
}

Interval PyramidShape::Row(int64_t y, int64_t z) const {
  if (axis_ == 0) return RowAlongAxis(y, z);
  const int64_t at = axis_ == 1 ? y : z;
  if (at < along_.first || at > along_.last) return {};
  const int64_t layer = LayerOf(at);
  const int other = axis_ == 1 ? 2 : 1;
  if (std::abs(axes_[other].Offset(axis_ == 1 ? z : y)) > Reach(other, layer)) return {};
  return axes_[0].Within(Reach(0, layer));
}

Interval PyramidShape::RowAlongAxis(int64_t y, int64_t z) const {
  int64_t layers = height_;
  for (const int i : {1, 2}) {
    const int64_t offset = std::abs(axes_[i].Offset(i == 1 ? y : z));
    if (offset > Reach(i, 0)) return {};
    // Layers are inside while size * (height - k) >= offset * height; in the middle all are.
    if (offset <= 1 - axes_[i].size() % 2) continue;
    const int64_t width = (offset * height_ + axes_[i].size() - 1) / axes_[i].size();
    layers = std::min(layers, height_ - width + 1);
  }
  return flipped_ ? Interval{along_.last - layers + 1, along_.last}
                  : Interval{along_.first, along_.first + layers - 1};
}

}  // namespace voxel
