// Masks from the API's messages and texts to the engine's values.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "voxel/grid/palette.h"
#include "voxel/ops/mask.h"
#include "voxeld/v1/mask.pb.h"

namespace voxeld {

// `field` is the mask's path ("edits[3].mask"). Colour names are looked up in `palette`, which may
// be null.
//   MISSING_FIELD    nothing is said, or a color mask has no colour
//   INVALID_MASK     a text that cannot be read, a number out of its range, NaN
//   INVALID_COLOR, INVALID_FIELD, INVALID_ID, OUT_OF_WORLD   a part of the mask is not valid
absl::StatusOr<voxel::Mask> ToMask(const v1::Mask& mask, const voxel::Palette* palette,
                                   std::string_view field);

}  // namespace voxeld
