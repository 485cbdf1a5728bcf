// A palette: an ordered list of colours with names and materials, kept beside the voxels (which
// hold RGBA themselves), and the named materials of layers. It keeps what a format says about its
// colours through an import and an export, and gives edits colour names.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "voxel/base/ref_ptr.h"
#include "voxel/grid/color.h"
#include "voxel/grid/material.h"

namespace voxel {

struct PaletteEntry {
  Color color = kAir;  // not normalized here: an unused entry keeps what the file said
  std::string name;    // unique within the palette where not empty
  Material material;

  friend bool operator==(const PaletteEntry&, const PaletteEntry&) = default;
};

struct Palette : RefCounted<Palette> {
  std::vector<PaletteEntry> entries;
  // Materials of their own, by name: what Layer::material may name.
  std::map<std::string, Material> materials;

  // The entry of that name, or nullptr.
  const PaletteEntry* Find(std::string_view name) const;

  friend bool operator==(const Palette& a, const Palette& b) {
    return a.entries == b.entries && a.materials == b.materials;
  }
};

}  // namespace voxel
