// The layers and selections that a mask names, as its own layer sees them.
//
// Cost: each is brought into the layer's space once, however often the mask names it.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/document.h"
#include "voxel/ops/layer_space.h"
#include "voxel/ops/mask_kernel.h"

namespace voxel {

class MaskSources final : public MaskScene {
 public:
  // `volume` is the layer's own, in `space`; `current` is asked for layers by their index. What is
  // given by reference must outlive this.
  MaskSources(const Document& document, Volume volume, const LayerSpace& space,
              absl::FunctionRef<Volume(int layer)> current, const TaskContext& context)
      : MaskScene(std::move(volume), space),
        document_(document),
        current_(current),
        context_(context) {}

  absl::StatusOr<Volume> Layer(const std::string& id) override;
  absl::StatusOr<VoxelSet> Selection(const std::string& id) override;

 private:
  const Document& document_;
  absl::FunctionRef<Volume(int layer)> current_;
  const TaskContext& context_;
  std::map<std::string, Volume> layers_;
  std::map<std::string, VoxelSet> selections_;
};

}  // namespace voxel
