// Lists of positions and colours, which may come as numbers or as little-endian bytes.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "voxel/grid/palette.h"
#include "voxel/ops/edit.h"
#include "voxeld/v1/edit.pb.h"

namespace voxeld {

// `pattern` becomes what the one colour of all says, if it is a pattern.
absl::StatusOr<voxel::SetVoxels> ToSetVoxels(const v1::SetVoxels& set,
                                             const voxel::Palette* palette, std::string_view field,
                                             std::shared_ptr<const voxel::Pattern>& pattern);

// INVALID_FIELD if a list is given in both of its forms.
absl::Status OneForm(bool first, bool second, std::string_view names, std::string_view field);

// One colour, or the colour of each.
std::vector<voxel::Color> NormalizedColors(const google::protobuf::RepeatedField<uint32_t>& rgba);

}  // namespace voxeld
