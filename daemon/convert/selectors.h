// Selections between the API's messages and the engine's values.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "voxel/grid/palette.h"
#include "voxel/grid/selection.h"
#include "voxel/ops/selector.h"
#include "voxeld/v1/selection.pb.h"

namespace voxeld {

// `field` is the selector's path ("select"). Colour names are looked up in `palette`, which may be
// null. Numbers and sizes are voxel::Select's to judge.
//   MISSING_FIELD   nothing is said, or a part that the selector needs is absent
//   INVALID_FIELD   a shape has a colour or fields of an edit beside its operation; no such
//                   neighbourhood
//   INVALID_ID, INVALID_COLOR, INVALID_MASK, OUT_OF_WORLD   a part is not valid
absl::StatusOr<voxel::Selector> ToSelector(const v1::Selector& selector,
                                           const voxel::Palette* palette, std::string_view field);

// Describes a selection.
void FromSelection(const voxel::Selection& selection, v1::Selection* out);

}  // namespace voxeld
