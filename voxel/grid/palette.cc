#include "voxel/grid/palette.h"

namespace voxel {

const PaletteEntry* Palette::Find(std::string_view name) const {
  if (name.empty()) return nullptr;
  for (const PaletteEntry& entry : entries) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

}  // namespace voxel
