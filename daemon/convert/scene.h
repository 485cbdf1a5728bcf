// Cameras and lights between the API's messages and the engine's values.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "voxel/grid/palette.h"
#include "voxel/grid/stage.h"
#include "voxeld/v1/scene.pb.h"

namespace voxeld {

void FromStage(const voxel::Stage& stage, v1::Scene* out);

// Carries a request's changes out on a stage. `palette`, which may be null, names colours.
//   INVALID_ID      a camera's name
//   INVALID_FIELD   an angle, a distance or another number out of range; a camera that is not
//                   there; too many
//   INVALID_COLOR
absl::Status UpdateStage(const v1::UpdateSceneRequest& request, const voxel::Palette* palette,
                         voxel::Stage* stage);

}  // namespace voxeld
