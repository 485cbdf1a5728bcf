#include "voxel/ops/mask_sources.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/ops/layer_view.h"

namespace voxel {

absl::StatusOr<Volume> MaskSources::Layer(const std::string& id) {
  if (const auto seen = layers_.find(id); seen != layers_.end()) return seen->second;
  const int index = document_.Find(id);
  if (index < 0) {
    return Error(Reason::LAYER_NOT_FOUND,
                 absl::StrCat("the mask names layer '", id, "'; there is no such layer"), "mask");
  }
  VOXEL_ASSIGN_OR_RETURN(Volume view, ViewFrom(space(), current_(index),
                                               document_.layers[index]->transform, context_));
  return layers_.emplace(id, std::move(view)).first->second;
}

absl::StatusOr<VoxelSet> MaskSources::Selection(const std::string& id) {
  if (const auto seen = selections_.find(id); seen != selections_.end()) return seen->second;
  const voxel::Selection* selection = document_.FindSelection(id);
  if (selection == nullptr) {
    return Error(Reason::SELECTION_NOT_FOUND,
                 absl::StrCat("the mask names selection '", id, "'; there is no such selection"),
                 "mask");
  }
  VoxelSet view = selection->voxels;
  VOXEL_ASSIGN_OR_RETURN(view.ink, ViewFrom(space(), view.ink, Transform(), context_));
  return selections_.emplace(id, std::move(view)).first->second;
}

}  // namespace voxel
