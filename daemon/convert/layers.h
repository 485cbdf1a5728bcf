// Layers between the API's messages and the engine's values.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "voxel/grid/document.h"
#include "voxel/grid/layer.h"
#include "voxeld/v1/layer.pb.h"

namespace voxeld {

// Describes document.layers[index].
void FromLayer(const voxel::Document& document, int index, v1::Layer* out);

// Copies one setting of `from` to `to`: title, visible, locked, opacity, mode, material, transform,
// group or labels. INVALID_FIELD for another name or a value that is not accepted; MISSING_FIELD
// for an opacity that is not there; OUT_OF_WORLD. `to` is unchanged on error.
absl::Status ApplyLayerField(std::string_view name, const v1::Layer& from, voxel::Layer* to);

}  // namespace voxeld
