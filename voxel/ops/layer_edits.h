// The edits that place what a layer holds elsewhere or meet it with other layers: plain data, as in
// edit.h.
//
// A layer serves as a clipboard: cut or copy into it, paste from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "voxel/grid/box.h"
#include "voxel/grid/color.h"
#include "voxel/grid/combine.h"

namespace voxel {

// Lays `box` of another layer down, turned and flipped: its content flipped along each axis of
// `flip`, then turned counter-clockwise seen from the positive end of `axis`. The min of what comes
// out lands at `to`.
struct Paste {
  std::string from_layer;   // empty: the edit's own layer
  std::optional<Box> box;   // absent: the bounds of that layer's voxels; none: nothing is pasted
  std::optional<Coord> to;  // absent: the min of the box
  Axis axis = Axis::kZ;
  int32_t quarter_turns = 0;
  bool flip[3] = {false, false, false};
  bool skip_empty = false;  // air of the source does not erase
};

// Moves `box` into another layer, which must be writable and not the edit's own. Both change, under
// one mask, which sees the edit's layer, and one clip box.
struct Cut {
  Box box;
  std::string to_layer;
  std::optional<Coord> to;  // where the box's min lands; absent: where it is
  bool skip_empty = false;  // air of the source does not erase
};

// Copies `box` `count` times, each next to the one before: a step is as long as the box along each
// axis of `direction`, whose parts are -1, 0 and 1 and not all 0.
struct Stack {
  Box box;
  Coord direction;
  uint32_t count = 1;       // 1 to 1,000,000
  bool skip_empty = false;  // air of the box does not erase
};

// What of a layer's bounds lies at a given place.
enum class Anchor : uint8_t {
  kCentre,  // the voxel in the middle; of two the one at the high end
  kBase,    // that along x and y, the lowest along z
  kMin,     // the lowest along each axis
};

// Moves all of the layer so that the anchor of its bounds lies at `to`.
struct Recentre {
  Coord to;
  Anchor anchor = Anchor::kCentre;
};

// The layer's voxels and those of another at the same places, as sets.
struct Combine {
  std::string with_layer;
  Combination how = Combination::kUnion;
  bool take_colors = false;  // a voxel that both have takes the other layer's colour
};

// The layer becomes what layers show together, by their modes and opacities, in the order of the
// stack. The others stay.
struct Flatten {
  std::vector<std::string> layers;  // hidden or not, each once; none: all visible ones
};

// Every voxel that is not air, in `box` if given.
struct Repaint {
  Color color = kAir;
  std::optional<Box> box;
};

}  // namespace voxel
