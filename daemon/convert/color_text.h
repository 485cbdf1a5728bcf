// Colours as text: "#rgb", "#rgba", "#rrggbb", "#rrggbbaa", "air", or the name of a palette entry.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "voxel/grid/color.h"
#include "voxel/grid/palette.h"

namespace voxeld {

// INVALID_COLOR, or MISSING_FIELD if `text` is empty; the message lists palette names that are
// near. `palette` may be null.
absl::StatusOr<voxel::Color> ParseColor(std::string_view text, const voxel::Palette* palette,
                                        std::string_view field);

// "#rrggbbaa"; "" for air.
std::string FormatColor(voxel::Color color);

}  // namespace voxeld
