// What is written on a view: its name and a small cross of the axes.
#pragma once

#include <cstdint>
#include <string_view>

#include "voxel/image/image.h"
#include "voxel/render/camera.h"

namespace voxel {

// The name, in the top left corner, dark or light as the background asks for; cut to the picture's
// width.
void DrawLabel(Image& image, std::string_view name, uint32_t background);
// The axes as they point in this view, in the bottom left corner: x red, y green, z blue. An axis
// that points at the viewer or away is a dot.
void DrawAxes(Image& image, const Orientation& view, uint32_t background);

}  // namespace voxel
