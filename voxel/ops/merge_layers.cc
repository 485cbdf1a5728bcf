// MergeLayers and FlattenLayers: several layers become one.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/grid/combine.h"
#include "voxel/ops/apply.h"
#include "voxel/ops/find_layer.h"

namespace voxel {
namespace {

absl::Status CheckUnlocked(const Layer& layer, const std::string& field) {
  if (!layer.locked) return absl::OkStatus();
  return Error(Reason::LAYER_LOCKED,
               absl::StrCat("layer '", layer.id, "' is locked; unlock it to merge it"), field);
}

// Ascending indices of the layers named: the order in which they merge.
absl::StatusOr<std::vector<int>> Find(const Document& document, absl::Span<const std::string> ids) {
  std::vector<int> found;
  for (size_t i = 0; i < ids.size(); ++i) {
    const std::string field = absl::StrCat("layers[", i, "]");
    VOXEL_ASSIGN_OR_RETURN(const int index, FindLayer(document, ids[i], field));
    VOXEL_RETURN_IF_ERROR(CheckUnlocked(*document.layers[index], field));
    if (std::find(found.begin(), found.end(), index) != found.end()) {
      return Error(Reason::INVALID_FIELD, absl::StrCat(field, " names '", ids[i], "' again"),
                   field);
    }
    found.push_back(index);
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool Holds(const std::vector<int>& indices, int index) {
  return std::binary_search(indices.begin(), indices.end(), index);
}

absl::Status CheckLinks(const Document& document, const std::vector<int>& merged,
                        const std::string& field) {
  for (size_t i = 0; i < document.layers.size(); ++i) {
    const Layer& layer = *document.layers[i];
    if (Holds(merged, static_cast<int>(i)) || layer.linked_to.empty()) continue;
    if (!Holds(merged, document.Find(layer.linked_to))) continue;
    return Error(Reason::LAYER_LINKED,
                 absl::StrCat("layer '", layer.id, "' stays but shows the voxels of '",
                              layer.linked_to, "', which would go"),
                 field);
  }
  return absl::OkStatus();
}

absl::StatusOr<Volume> Merge(const Document& document, const std::vector<int>& merged,
                             const TaskContext& context) {
  Volume all;
  for (int index : merged) {
    VOXEL_RETURN_IF_ERROR(context.Check());
    const Layer& layer = *document.layers[index];
    VOXEL_ASSIGN_OR_RETURN(const Volume placed,
                           TransformVolume(layer.volume, layer.transform, context));
    // The lowest lies on nothing; its mode goes to the merged layer, to meet what is below that.
    const Mode mode = index == merged.front() ? Mode::kReplace : layer.mode;
    VOXEL_ASSIGN_OR_RETURN(all, BlendVolumes(all, placed, mode, layer.opacity, context));
  }
  return all;
}

// The layers become one; `field` of the request said which.
absl::StatusOr<RefPtr<const Document>> Merged(const Document& document,
                                              const std::vector<int>& merged,
                                              const std::string& target, const std::string& field,
                                              const TaskContext& context) {
  if (const int taken = document.Find(target); taken >= 0 && !Holds(merged, taken)) {
    return Error(Reason::LAYER_EXISTS,
                 absl::StrCat("target is '", target, "'; such a layer exists and is not merged"),
                 "target");
  }
  VOXEL_RETURN_IF_ERROR(CheckLinks(document, merged, field));
  const Layer& lowest = *document.layers[merged.front()];
  auto layer = MakeRef<Layer>(lowest);
  layer->id = target;
  layer->opacity = 255;  // it is in the voxels now
  layer->transform = Transform();
  layer->linked_to.clear();
  layer->scene_path.clear();
  VOXEL_ASSIGN_OR_RETURN(layer->volume, Merge(document, merged, context));
  auto result = MakeRef<Document>(document);
  result->layers.clear();
  for (size_t i = 0; i < document.layers.size(); ++i) {
    const int index = static_cast<int>(i);
    if (index == merged.front()) {
      result->layers.push_back(RefPtr<const Layer>::Adopt(layer.release()));
    } else if (!Holds(merged, index)) {
      result->layers.push_back(document.layers[i]);
    }
  }
  return RefPtr<const Document>::Adopt(result.release());
}

}  // namespace

absl::StatusOr<RefPtr<const Document>> MergeLayers(const Document& document,
                                                   absl::Span<const std::string> ids,
                                                   const std::string& target,
                                                   const TaskContext& context) {
  if (ids.empty()) {
    return Error(Reason::INVALID_FIELD, "layers is empty; at least one layer is needed", "layers");
  }
  VOXEL_ASSIGN_OR_RETURN(const std::vector<int> merged, Find(document, ids));
  return Merged(document, merged, target, "layers", context);
}

absl::StatusOr<RefPtr<const Document>> FlattenLayers(const Document& document,
                                                     const std::string& target,
                                                     const TaskContext& context) {
  std::vector<int> visible;
  for (size_t i = 0; i < document.layers.size(); ++i) {
    if (!document.layers[i]->visible) continue;
    VOXEL_RETURN_IF_ERROR(CheckUnlocked(*document.layers[i], "target"));
    visible.push_back(static_cast<int>(i));
  }
  if (visible.empty()) {
    return Error(Reason::LAYER_NOT_FOUND,
                 absl::StrCat("target is '", target, "', to be made of the visible layers; all ",
                              document.layers.size(), " are hidden"),
                 "target");
  }
  return Merged(document, visible, target, "target", context);
}

}  // namespace voxel
