#include "voxel/base/status_macros.h"
#include "voxel/grid/combine.h"
#include "voxel/grid/document.h"

namespace voxel {

Color CompositeAt(const Document& document, Coord c) {
  Color color = kAir;
  if (!InWorld(c)) return color;
  for (const auto& layer : document.layers) {
    if (!layer->visible) continue;
    Color top = layer->volume.Get(layer->transform.Inverse().Apply(c));
    top = Rgba(Red(top), Green(top), Blue(top), Alpha(top) * layer->opacity / 255);
    if (top == kAir && !ActsOutside(layer->mode)) continue;
    color = Blend(layer->mode, color, top);
  }
  return color;
}

absl::StatusOr<Volume> Composite(const Document& document, const TaskContext& context) {
  Volume out;
  for (const auto& layer : document.layers) {
    if (!layer->visible) continue;
    VOXEL_ASSIGN_OR_RETURN(const Volume placed,
                           TransformVolume(layer->volume, layer->transform, context));
    VOXEL_ASSIGN_OR_RETURN(out, BlendVolumes(out, placed, layer->mode, layer->opacity, context));
  }
  return out;
}

}  // namespace voxel
