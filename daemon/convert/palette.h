// Palettes and materials between the API's messages and the engine's values.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "voxel/grid/palette.h"
#include "voxeld/v1/palette.pb.h"

namespace voxeld {

void FromMaterial(const voxel::Material& material, v1::Material* out);
// INVALID_FIELD for a kind or a number that is not accepted.
absl::StatusOr<voxel::Material> ToMaterial(const v1::Material& material, std::string_view field);

// All entries, or only those that have a name.
void FromPalette(const voxel::Palette& palette, bool named_only, v1::Palette* out);

// Carries a request's changes out on a palette.
//   INVALID_FIELD   a name that is not accepted, taken or not there; an index, a kind or a number
//                   out of range; too many materials
//   MISSING_FIELD   an entry to set has neither an index nor a name
//   INVALID_COLOR
absl::Status UpdatePalette(const v1::UpdatePaletteRequest& request, voxel::Palette* palette);

}  // namespace voxeld
