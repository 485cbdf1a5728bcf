// The formats that this folder brings. Stateless; made once by FormatRegistry.
#pragma once

#include <memory>

#include "voxel/formats/format.h"

namespace voxel {

std::unique_ptr<Format> MakeVoxFormat();  // MagicaVoxel .vox: docs/formats/vox.md
std::unique_ptr<Format>
MakeObjFormat();  // Wavefront .obj with .mtl, written only: docs/formats/obj.md

}  // namespace voxel
