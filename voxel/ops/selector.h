// Which voxels to select: an expression over sets of voxels, as plain data. What evaluates it is in
// select.h.
//
// Layers:    selectors that look at voxels look at one layer, or at the visible composite if
//            `layer` is empty.
// Ownership: parts are shared and never change, so copies are cheap.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "voxel/ops/edit.h"
#include "voxel/ops/mask.h"

namespace voxel {

struct Selector;
using SelectorPtr = std::shared_ptr<const Selector>;

// A selection that the document keeps.
struct StoredSelector {
  std::string id;
};
struct BoxSelector {
  Box box;
};
// Voxels that are not air.
struct SolidSelector {
  std::string layer;
};
// Voxels of a colour; air needs a box.
struct ColorSelector {
  Color color = kAir;
  uint32_t tolerance = 0;  // 0..255: greatest difference of any channel, alpha included
  std::string layer;
  std::optional<Box> box;
};
// The connected region around `seed` of colours within `tolerance` of the seed's. If air is among
// them, a box is needed.
struct WandSelector {
  Coord seed;
  uint32_t tolerance = 0;
  Neighbours neighbours = Neighbours::kFaces;
  std::string layer;
  std::optional<Box> box;  // holds the seed
};
// The connected part of a set that holds `seed`; nothing if the seed is not in the set.
struct ConnectedSelector {
  Coord seed;
  Neighbours neighbours = Neighbours::kFaces;
  SelectorPtr of;  // null: what is solid in the visible composite
};
// The voxels of a set at most `thickness` steps away from one that is not in it; or if `outside`
// those not in the set that near to one that is.
struct SurfaceSelector {
  SelectorPtr of;  // null: what is solid in the visible composite
  Neighbours neighbours = Neighbours::kFaces;
  uint32_t thickness = 1;  // 1 to 64
  bool outside = false;
};
// What an operation paints that draws a shape, whatever its colours (but air draws nothing).
struct ShapeSelector {
  EditOp op;
};
// Voxels that a mask matches; without a box, within the bounds of what the layer holds.
struct MaskSelector {
  Mask mask;
  std::string layer;
  std::optional<Box> box;
};
struct GrowSelector {
  SelectorPtr of;
  uint32_t steps = 1;  // 1 to 64
  Neighbours neighbours = Neighbours::kFaces;
};
struct ShrinkSelector {
  SelectorPtr of;
  uint32_t steps = 1;  // 1 to 64
  Neighbours neighbours = Neighbours::kFaces;
};
// All the others, of the box or of the world.
struct InvertSelector {
  SelectorPtr of;
  std::optional<Box> box;
};
enum class SetOperation : uint8_t { kUnion, kIntersect, kSubtract, kXor };
// Of all in turn, the first one first; of a subtraction the first without all the others.
struct CombineSelector {
  SetOperation operation = SetOperation::kUnion;
  std::vector<Selector> of;  // at least one
};

struct Selector {
  std::variant<StoredSelector, BoxSelector, SolidSelector, ColorSelector, WandSelector,
               ConnectedSelector, SurfaceSelector, ShapeSelector, MaskSelector, GrowSelector,
               ShrinkSelector, InvertSelector, CombineSelector>
      is;
};

// What selectors are limited to, however they came. Each level takes two of a message, of which
// JSON reads 64.
inline constexpr int kMostSelectorDepth = 24;
inline constexpr int kMostSelectorParts = 256;

// What the API calls it: "wand", "union".
const char* NameOf(const Selector& selector);
// Whether the operation can be a ShapeSelector.
bool DrawsShape(const EditOp& op);

// OK if the numbers are in their ranges and the expression is not too large. Field paths as Select
// has them.
//   INVALID_FIELD, OUT_OF_WORLD, INVALID_MASK
absl::Status CheckSelector(const Selector& selector);

}  // namespace voxel
