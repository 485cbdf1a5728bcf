#include "voxel/grid/stage.h"

namespace voxel {

const SceneCamera* Stage::Find(std::string_view name) const {
  for (const SceneCamera& camera : cameras) {
    if (camera.name == name) return &camera;
  }
  return nullptr;
}

}  // namespace voxel
