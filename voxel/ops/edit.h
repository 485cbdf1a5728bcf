// The edits: plain data, one struct per operation, in world space. What each does to voxels is in
// its own .cc.
//
// Conventions: `color` is normalized; boxes are half-open; wall > 0 makes a closed shape hollow: of
//              the shape remain the voxels from which some step of `wall` voxels along an axis
//              leaves it; 0 is solid. Axis names the axis of symmetry.
// Modes:       painting operations (operation_table.inc says which) blend their colour onto the
//              voxels of their shape with the edit's mode. The two intersect modes also erase what
//              lies outside the shape, within the clip box or else in the whole layer. A copy (an
//              extrusion is one) blends each copied voxel; with replace, copied air erases unless
//              skip_empty is given, in other modes copied air is never painted. The others take
//              replace only.
// Clip:        voxels outside the clip box stay as they are. It is a wall to floods, and the bounds
//              of a replace or a clear without a box; reading (of a move, a copy, of neighbours) is
//              not clipped.
// Mask:        of a masked edit only the voxels that match change, those that an intersect mode
//              would erase included. It sees the layers as they were before the
//              edit, and is no wall: a flood passes through what does not match.
// Pattern:     paints a colour for each place instead of the operation's one colour.
// Exactness:   occupancy is decided in integers: same edit, same voxels, everywhere. A voxel
//              belongs to a round shape if its centre lies in or on it.
// Layers:      an edit is mapped into the space of its layer. There its voxels must lie in the
//              world as well.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "voxel/grid/box.h"
#include "voxel/grid/color.h"
#include "voxel/grid/mode.h"
#include "voxel/ops/color_edits.h"
#include "voxel/ops/layer_edits.h"
#include "voxel/ops/mask.h"
#include "voxel/ops/pattern.h"

namespace voxel {

// One position, one colour. Of entries for the same position only the last counts.
struct SetVoxels {
  std::vector<Coord> positions;
  std::vector<Color> colors;  // one for all, or one each
};

struct FillBox {
  Box box;
  Color color = kAir;
  uint32_t wall = 0;
};

// Inscribed in `box`.
struct Ellipsoid {
  Box box;
  Color color = kAir;
  uint32_t wall = 0;
};

struct Cylinder {
  Box box;
  Axis axis = Axis::kZ;
  Color color = kAir;
  uint32_t wall = 0;
};

// Base at the low end of the axis (high end if flipped), apex at the other.
struct Cone {
  Box box;
  Axis axis = Axis::kZ;
  bool flipped = false;
  Color color = kAir;
  uint32_t wall = 0;
};

// A ring of radius `major` about the centre voxel, with a tube of radius `minor` (at least 1).
struct Torus {
  Coord center;
  Axis axis = Axis::kZ;
  uint32_t major = 0;
  uint32_t minor = 0;
  Color color = kAir;
};

// A polyline through the points; one point makes a dot. Radius 0: one voxel thick, 26-connected.
struct Line {
  std::vector<Coord> points;
  uint32_t radius = 0;
  Color color = kAir;
};

// The 6-connected region around `seed` of colours within `tolerance` of the seed's. If air is among
// them, the edit needs a clip box.
struct FloodFill {
  Coord seed;
  Color color = kAir;
  uint32_t tolerance = 0;  // 0..255: greatest difference of any channel, alpha included
  int64_t max_voxels = 0;  // 0: the context's limit. LIMIT_VOXELS if the region is larger
};

// Every voxel within `tolerance` of `from`, in `box` if given, becomes `color`. If air is among
// them, the edit needs a box or a clip box.
struct Replace {
  Color from = kAir;
  Color color = kAir;
  uint32_t tolerance = 0;  // 0..255
  std::optional<Box> box;
};

// To air; the whole layer without a box.
struct Clear {
  std::optional<Box> box;
};

// Leaves air behind.
struct MoveBox {
  Box box;
  Coord by;
  bool skip_empty = false;  // air of the source does not erase
};

// Copies `box` so that its min lands at `to`, then `count` - 1 more times, `step` apart, later
// copies over earlier ones.
struct CopyBox {
  Box box;
  std::string from_layer;  // empty: the edit's own layer
  Coord to;
  uint32_t count = 1;  // 1 to 1,000,000
  Coord step;
  bool skip_empty = false;  // air of the source does not erase
};

// Flips the content of `box` in place.
struct Mirror {
  Box box;
  Axis axis = Axis::kX;
};

// Turns the content of `box` about its centre, counter-clockwise seen from the positive end of
// `axis`. An odd number of turns swaps the two sides across the axis. If they differ by an odd
// number the centre would lie between voxels: then the box keeps its min instead.
struct Rotate {
  Box box;
  Axis axis = Axis::kZ;
  int32_t quarter_turns = 1;
};

// Inscribed in `box`: its base fills the low end of the axis (the high end if flipped), its apex is
// the middle of the other.
struct Pyramid {
  Box box;
  Axis axis = Axis::kZ;
  bool flipped = false;
  Color color = kAir;
  uint32_t wall = 0;
};

// The voxels within `radius` (at least 1) of the segment.
struct Capsule {
  Coord from;
  Coord to;
  uint32_t radius = 1;
  Color color = kAir;
};

// The polygon through the corners, which lie in one plane across the axis, in `length` layers from
// that plane on towards the axis' high end. Where sides cross, the even-odd rule says what is
// inside; a voxel on a side is inside.
struct Prism {
  std::vector<Coord> points;
  Axis axis = Axis::kZ;
  uint32_t length = 1;
  Color color = kAir;
};

// The four sides of `box` that `axis` does not pass through.
struct Walls {
  Box box;
  Axis axis = Axis::kZ;
  Color color = kAir;
  uint32_t thickness = 1;
};

// All six sides of `box`.
struct Faces {
  Box box;
  Color color = kAir;
  uint32_t thickness = 1;
};

// `length` voxels from `start` on towards +x.
struct Run {
  Coord start;
  uint32_t length = 1;
};

// Of runs that cover the same voxel only the last counts.
struct Runs {
  std::vector<Run> runs;
  std::vector<Color> colors;  // one for all, or one each
};

// To air: what a FloodFill from `seed` would paint.
struct Drain {
  Coord seed;
  uint32_t tolerance = 0;  // 0..255
  int64_t max_voxels = 0;  // 0: the context's limit. LIMIT_VOXELS if the region is larger
};

// To air: everything outside `box`.
struct Crop {
  Box box;
};

// Copies the slice of `box` at its high end `length` times beyond it, or with a negative length the
// slice at its low end towards the low end.
struct Extrude {
  Box box;
  Axis axis = Axis::kZ;
  int32_t length = 1;
  bool skip_empty = false;  // air of the slice does not erase
};

// Which voxels around one are its neighbours: those that share a face with it, or an edge as well,
// or a corner as well.
enum class Neighbours : uint8_t { kFaces = 6, kEdges = 18, kCorners = 26 };

// The empty voxels at most `thickness` steps from neighbour to neighbour away from a filled one; or
// if `inside` the filled ones that near to an empty one. Reading is not clipped.
struct Outline {
  Color color = kAir;
  Neighbours neighbours = Neighbours::kFaces;
  bool inside = false;
  uint32_t thickness = 1;  // 1 to 64
};

// To air: the voxels more than `thickness` steps over faces away from any empty one. Reading is not
// clipped.
struct HollowOut {
  uint32_t thickness = 1;  // 1 to 64
};

// The empty voxels from which no way over faces of empty ones leads out of the layer's bounds. The
// rim of the world closes. Reading is not clipped.
struct FillVoids {
  Color color = kAir;
};

// Each voxel of `box` becomes a cube of `factor` voxels a side, and the box grows from its min. If
// `down`, each such cube becomes one voxel, and the box shrinks to its min: filled if at least half
// of the cube is, in its most frequent colour (of equally frequent ones the smallest number).
struct Scale {
  Box box;
  uint32_t factor = 2;  // 2 to 64
  bool down = false;    // then each side of the box is a multiple of the factor
};

namespace internal {
template <typename, typename... Ops>
struct VariantOf {
  using Type = std::variant<Ops...>;
};
}  // namespace internal

// One of all the operations, in the order of their table.
#define VOXEL_OPERATION(name, Case, Type, ...) , Type
using EditOp = internal::VariantOf<void
#include "voxel/ops/operation_table.inc"
                                   >::Type;
#undef VOXEL_OPERATION

struct Edit {
  std::string layer;           // empty: the sole layer
  Mode mode = Mode::kReplace;  // see "Modes" above
  std::optional<Box> clip;
  EditOp op;
  MaskPtr mask;                            // null: everywhere
  std::shared_ptr<const Pattern> pattern;  // null: the operation's colour
};

}  // namespace voxel
