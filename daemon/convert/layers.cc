#include "daemon/convert/layers.h"

#include <cmath>

#include "daemon/convert/geometry.h"
#include "daemon/convert/ids.h"
#include "daemon/convert/labels.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;

constexpr size_t kMaxTitleBytes = 256;

absl::Status SetText(const std::string& value, std::string_view field, std::string* to) {
  VOXEL_RETURN_IF_ERROR(CheckText(value, kMaxTitleBytes, field));
  *to = value;
  return absl::OkStatus();
}

absl::Status SetOpacity(float opacity, voxel::Layer* to) {
  if (!(opacity >= 0 && opacity <= 1)) {
    return Error(Reason::INVALID_FIELD,
                 voxel::StrCat("layer.opacity is ", opacity, "; it takes 0 to 1"), "layer.opacity");
  }
  to->opacity = static_cast<uint8_t>(std::lround(opacity * 255));
  return absl::OkStatus();
}

absl::Status SetLabels(const Labels& labels, voxel::Layer* to) {
  VOXEL_RETURN_IF_ERROR(CheckLabels(labels, "layer.labels"));
  VOXEL_RETURN_IF_ERROR(CheckLabelCount(labels.size(), "layer.labels"));
  to->labels = {labels.begin(), labels.end()};
  return absl::OkStatus();
}

absl::Status SetTransform(const v1::Transform& transform, voxel::Layer* to) {
  VOXEL_ASSIGN_OR_RETURN(const voxel::Transform moved, ToTransform(transform, "layer.transform"));
  // In 64 bits: a volume at one end of the world may be moved past the other.
  const voxel::Box turned = voxel::Transform{moved.rotation, {}}.Apply(to->volume.Bounds());
  for (int axis = 0; axis < 3 && !turned.empty(); ++axis) {
    const int64_t min = int64_t{turned.min[axis]} + moved.offset[axis];
    const int64_t max = int64_t{turned.max[axis]} + moved.offset[axis];
    if (min >= voxel::kMinCoord && max <= voxel::kMaxCoord) continue;
    return Error(Reason::OUT_OF_WORLD,
                 voxel::StrCat("layer.transform would put voxels at ", min, " to ", max,
                               " on axis ", axis, "; positions are in [-1073741824, 1073741824)"),
                 "layer.transform.offset");
  }
  to->transform = moved;
  return absl::OkStatus();
}

}  // namespace

void FromLayer(const voxel::Document& document, int index, v1::Layer* out) {
  const voxel::Layer& layer = *document.layers[static_cast<size_t>(index)];
  out->set_layer(layer.id);
  out->set_title(layer.title);
  out->set_visible(layer.visible);
  out->set_locked(layer.locked);
  out->set_position(index);
  out->set_opacity(static_cast<float>(layer.opacity) / 255);
  out->set_mode(FromMode(layer.mode));
  out->set_material(layer.material);
  FromTransform(layer.transform, out->mutable_transform());
  out->set_linked_to(layer.linked_to);
  if (const voxel::Box bounds = layer.WorldBounds(); !bounds.empty())
    FromBox(bounds, out->mutable_bounds());
  out->set_voxels(layer.volume.CountVoxels());
  out->set_group(layer.group);
  out->mutable_labels()->insert(layer.labels.begin(), layer.labels.end());
}

absl::Status ApplyLayerField(std::string_view name, const v1::Layer& from, voxel::Layer* to) {
  if (name == "title") return SetText(from.title(), "layer.title", &to->title);
  if (name == "material") return SetText(from.material(), "layer.material", &to->material);
  if (name == "group") return SetText(from.group(), "layer.group", &to->group);
  if (name == "labels") return SetLabels(from.labels(), to);
  if (name == "opacity") {
    if (from.has_opacity()) return SetOpacity(from.opacity(), to);
    return Error(Reason::MISSING_FIELD, "layer.opacity is missing, which fields names",
                 "layer.opacity");
  }
  if (name == "transform") return SetTransform(from.transform(), to);
  if (name == "visible") {
    to->visible = from.visible();
    return absl::OkStatus();
  }
  if (name == "locked") {
    to->locked = from.locked();
    return absl::OkStatus();
  }
  if (name == "mode") {
    VOXEL_ASSIGN_OR_RETURN(to->mode, ToMode(from.mode(), voxel::Mode::kOver, "layer.mode"));
    return absl::OkStatus();
  }
  return Error(
      Reason::INVALID_FIELD,
      voxel::StrCat(
          "fields has \"", name,
          "\"; it takes title, visible, locked, opacity, mode, material, transform, group, labels"),
      "fields");
}

}  // namespace voxeld
