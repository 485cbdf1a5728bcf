// Where an edit acts: an expression over single voxels, as plain data. Its text form is in
// mask_text.h, what evaluates it in mask_kernel.h.
//
// Reading:   a mask sees the volume as it was before its edit, in world space: heights, sides and
//            boxes are the world's, whatever the layer's placement. Outside the world nothing
//            matches, and there is no solid voxel.
// Exactness: integers and position hashes only: same mask, same voxels, on every machine.
// Ownership: parts are shared and never change, so copies are cheap.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "voxel/grid/box.h"
#include "voxel/grid/color.h"

namespace voxel {

struct Mask;
using MaskPtr = std::shared_ptr<const Mask>;

// Voxels that are not air.
struct SolidMask {};
// Voxels of a colour; air is one. 0..255: greatest difference of any channel, alpha included.
struct ColorMask {
  Color color = kAir;
  uint32_t tolerance = 0;
};
struct InBoxMask {
  Box box;
};
// low <= z < high.
struct HeightMask {
  int32_t low = kMinCoord;
  int32_t high = kMaxCoord;
};
// Where another layer (or the same) is solid.
struct LayerMask {
  std::string layer;
};
// Voxels of a selection of the document.
struct SelectionMask {
  std::string selection;
};
// Solid voxels that touch something not solid by a face.
struct SurfaceMask {};
// Solid voxels whose neighbour on that side is not solid.
struct ExposedMask {
  Axis axis = Axis::kZ;
  bool positive = true;
};
// Voxels, solid or not, with `at_least` to `at_most` solid ones among their neighbours by faces
// (6), by edges as well (18), or by corners as well (26).
struct NeighboursMask {
  uint32_t kind = 26;
  uint32_t at_least = 1;
  uint32_t at_most = 26;
};
// Value noise below a threshold: random values at the corners of a lattice of `scale` voxels,
// interpolated between them. The values crowd about the middle, so 50 % of the range is about half
// of the voxels, and 20 % much less than a fifth.
struct NoiseMask {
  uint32_t scale = 8;            // 1 to 1024
  uint32_t threshold = 500'000;  // millionths of the range
  uint64_t seed = 0;
};
// Each voxel by chance.
struct ShareMask {
  uint32_t share = 500'000;  // millionths
  uint64_t seed = 0;
};
// Voxels whose neighbour below (above) matches: what lies on top of it (under it).
struct BesideMask {
  bool above = true;  // this voxel lies above the one that matches
  MaskPtr of;
};
struct NotMask {
  MaskPtr of;
};
struct AllOfMask {
  std::vector<Mask> parts;
};
struct AnyOfMask {
  std::vector<Mask> parts;
};

struct Mask {
  std::variant<SolidMask, ColorMask, InBoxMask, HeightMask, LayerMask, SelectionMask, SurfaceMask,
               ExposedMask, NeighboursMask, NoiseMask, ShareMask, BesideMask, NotMask, AllOfMask,
               AnyOfMask>
      is;
};

// What masks are limited to, however they came.
inline constexpr int kMostMaskDepth = 32;
inline constexpr int kMostMaskParts = 256;
inline constexpr int kMostBeside = 4;  // each one doubles the work
inline constexpr uint32_t kMillion = 1'000'000;
inline constexpr uint32_t kMostNoiseScale = 1024;

// OK if the numbers are in their ranges and the expression is not too large.
//   INVALID_MASK   names the part, its value and what is accepted; no field
absl::Status CheckMask(const Mask& mask);

}  // namespace voxel
