#include "voxel/ops/layer_space.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"

namespace voxel {

LayerSpace::LayerSpace(const Transform& layer)
    : to_world_(WideTransform::Of(layer)), to_local_(to_world_.Inverse()) {}

absl::Status LayerSpace::CheckBlock(const Block& block, const std::string& field) const {
  const Block local = to_local_.Apply(block);
  for (int i = 0; i < 3; ++i) {
    if (local[i].first >= kMinCoord && local[i].last < kMaxCoord) continue;
    return Error(Reason::OUT_OF_WORLD,
                 absl::StrCat(field, " reaches from ", local[i].first, " to ", local[i].last,
                              " in the layer's own space; accepted is [", kMinCoord, ", ",
                              kMaxCoord, ") there as well"),
                 field);
  }
  return absl::OkStatus();
}

absl::StatusOr<Box> LayerSpace::ToLocal(const Box& box, const std::string& field) const {
  VOXEL_RETURN_IF_ERROR(CheckBlock(BlockOf(box), field));
  return BoxOf(to_local_.Apply(BlockOf(box)));
}

absl::StatusOr<Coord> LayerSpace::ToLocal(Coord c, const std::string& field) const {
  VOXEL_ASSIGN_OR_RETURN(const Box box, ToLocal(BoxAt(c), field));
  return box.min;
}

absl::Status LayerSpace::CheckLocal(absl::Span<const Coord> positions,
                                    const std::string& field) const {
  Box bounds = BoxAt(positions[0]);
  for (const Coord& c : positions) {
    for (int i = 0; i < 3; ++i) {
      bounds.min[i] = std::min(bounds.min[i], c[i]);
      bounds.max[i] = std::max(bounds.max[i], c[i] + 1);
    }
  }
  return ToLocal(bounds, field).status();
}

std::optional<Box> LayerSpace::Clip(const std::optional<Box>& clip) const {
  if (!clip) return clip;
  Block local = to_local_.Apply(BlockOf(*clip));
  for (int i = 0; i < 3; ++i) local[i] = local[i].Intersection(BlockOf(kWorld)[i]);
  return local.empty() ? Box() : BoxOf(local);
}

Axis LayerSpace::ToLocal(Axis axis) const {
  return static_cast<Axis>(to_world_.rotation.column(static_cast<int>(axis)));
}

bool LayerSpace::Flips(Axis axis) const {
  return to_world_.rotation.negative(static_cast<int>(axis));
}

}  // namespace voxel
