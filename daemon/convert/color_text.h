// Colours as text: "#rgb", "#rgba", "#rrggbb", "#rrggbbaa", "air", or the name of a palette entry.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "voxel/grid/color.h"
#include "voxel/grid/palette.h"
#include "voxel/ops/pattern.h"

namespace voxeld {

// INVALID_COLOR, or MISSING_FIELD if `text` is empty; the message lists palette names that are
// near. `palette` may be null.
absl::StatusOr<voxel::Color> ParseColor(std::string_view text, const voxel::Palette* palette,
                                        std::string_view field);

// What to paint with: one colour, or a pattern.
struct Paint {
  voxel::Color color = voxel::kAir;
  std::shared_ptr<const voxel::Pattern> pattern;  // null: the colour
};

// The same, or a pattern ("50%stone,50%#888", docs/masks-and-patterns.md). A text that is the name
// of a palette entry is that colour. INVALID_COLOR names the column of a wrong pattern.
absl::StatusOr<Paint> ParsePaint(std::string_view text, const voxel::Palette* palette,
                                 std::string_view field);

// A status about a text, as one about the field that holds it: the field stands in front of the
// message and is the status's field path.
absl::Status AtField(std::string_view field, const absl::Status& status);

// "#rrggbbaa"; "" for air.
std::string FormatColor(voxel::Color color);

}  // namespace voxeld
