// The edits: plain data, one struct per operation, in world space. What each does to voxels is in its own .cc.
//
// Conventions: `color` is normalized; boxes are half-open; wall > 0 makes a closed shape hollow with a wall that many
//              voxels thick (measured inwards along the axes), 0 solid; axis names the axis of symmetry.
// Exactness:   occupancy is decided in integers: same edit, same voxels, everywhere. A voxel belongs to a round shape
//              if its centre lies in or on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "voxel/grid/box.h"
#include "voxel/grid/color.h"
#include "voxel/grid/mode.h"

namespace voxel {

struct SetVoxels {               // one position, one colour; later entries win. `colors` holds 1 colour or one each
  std::vector<Coord> positions;
  std::vector<Color> colors;
};
struct FillBox { Box box; Color color = kAir; uint32_t wall = 0; };
struct Ellipsoid { Box box; Color color = kAir; uint32_t wall = 0; };  // inscribed in `box`
struct Cylinder { Box box; Axis axis = Axis::kZ; Color color = kAir; uint32_t wall = 0; };
struct Cone {                    // base at the low end of the axis (high end if flipped), apex at the other
  Box box;
  Axis axis = Axis::kZ;
  bool flipped = false;
  Color color = kAir;
  uint32_t wall = 0;
};
struct Torus {                   // ring of radius `major` about the centre voxel, tube of radius `minor`
  Coord center;
  Axis axis = Axis::kZ;
  uint32_t major = 0;
  uint32_t minor = 0;
  Color color = kAir;
};
struct Line {                    // polyline through the points; radius 0: one voxel thick, 26-connected
  std::vector<Coord> points;
  uint32_t radius = 0;
  Color color = kAir;
};
struct FloodFill {               // the 6-connected region around `seed` of colours within `tolerance` of the seed's
  Coord seed;
  Color color = kAir;
  uint32_t tolerance = 0;        // greatest difference of any channel; a seed on air fills air, bounded by the clip box
  int64_t max_voxels = 0;        // 0: the context's limit. LIMIT_VOXELS if the region is larger
};
struct Replace {                 // every voxel within `tolerance` of `from` becomes `color`; in `box` if given
  Color from = kAir;
  Color color = kAir;
  uint32_t tolerance = 0;
  std::optional<Box> box;
};
struct Clear { std::optional<Box> box; };                          // to air; the whole layer without a box
struct MoveBox { Box box; Coord by; bool skip_empty = false; };    // leaves air behind
struct CopyBox {                 // copies `box` so that its min lands at `to`, then `count` - 1 more times, `step` apart
  Box box;
  std::string from_layer;        // empty: the edit's own layer
  Coord to;
  uint32_t count = 1;
  Coord step;
  bool skip_empty = false;       // air of the source does not erase
};
struct Mirror { Box box; Axis axis = Axis::kX; };                  // flips the content of `box` in place
struct Rotate {                  // turns the content of `box` about its centre, counter-clockwise seen from the
  Box box;                       // positive end of `axis`. With an odd number of turns the two sides across the axis
  Axis axis = Axis::kZ;          // must be equal in parity, or the box's min stays and its sides swap
  int32_t quarter_turns = 1;
};

using EditOp = std::variant<SetVoxels, FillBox, Ellipsoid, Cylinder, Cone, Torus, Line, FloodFill, Replace, Clear,
                            MoveBox, CopyBox, Mirror, Rotate>;

struct Edit {
  std::string layer;             // empty: the sole layer
  Mode mode = Mode::kReplace;    // for the painting operations; set, clear, move, copy, mirror, rotate: see apply.h
  std::optional<Box> clip;       // voxels outside stay as they are
  EditOp op;
};

}  // namespace voxel
