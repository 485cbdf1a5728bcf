// Edits from the API's messages to the engine's values.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "voxel/grid/palette.h"
#include "voxel/ops/edit.h"
#include "voxeld/v1/edit.pb.h"

namespace voxeld {

// One edit; `field` is its path ("edits[3]"). Colour names are looked up in `palette`, which may be
// null. MISSING_FIELD, INVALID_FIELD, INVALID_ID, INVALID_COLOR, INVALID_MASK,
// OUT_OF_WORLD.
absl::StatusOr<voxel::Edit> ToEdit(const v1::Edit& edit, const voxel::Palette* palette,
                                   std::string_view field);

// A list of them, "edits[i]".
absl::StatusOr<std::vector<voxel::Edit>> ToEdits(
    const google::protobuf::RepeatedPtrField<v1::Edit>& edits, const voxel::Palette* palette);

}  // namespace voxeld
