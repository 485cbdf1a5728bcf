// The smallest transaction: voxels of one brick. What a VolumeEditor does for any number of places,
// without its tables, and with what changed as a by-product instead of a comparison afterwards.
//
// Threading: pure; the base volume stays as it was.
// Cost:      one brick and three nodes copied; no heap call in the steady state.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "voxel/grid/box.h"
#include "voxel/grid/volume.h"

namespace voxel {

inline constexpr size_t kMostInBrick = 1024;  // places

struct BrickChange {
  Volume volume;             // the base itself if nothing changed
  int64_t changed = 0;       // places, each counted once
  int64_t unchanged = 0;     // those that had their colour already
  Box bounds;                // of what changed; empty if nothing did
  int64_t let_go_bytes = 0;  // base.BytesNotIn(volume)
};

// Whether all of them lie in one brick of the world.
bool InOneBrick(absl::Span<const Coord> places);

// Sets each place to its colour; of equal places the last one counts. REQUIRES: InOneBrick(places),
// 1 to kMostInBrick of them, one normalized colour or one for each.
BrickChange SetInBrick(const Volume& base, absl::Span<const Coord> places,
                       absl::Span<const Color> colors);

}  // namespace voxel
