// The smallest transaction: a few voxels. What a VolumeEditor does for any number of places,
// without its tables, and with what changed as a by-product instead of a comparison afterwards.
//
// Threading: pure; the base volume stays as it was.
// Cost:      each brick that changes, and the nodes above it, copied once; no heap call in the
//            steady state.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "voxel/grid/box.h"
#include "voxel/grid/volume.h"

namespace voxel {

inline constexpr size_t kMostPlaces = 1024;

struct PlacesChange {
  Volume volume;             // the base itself if nothing changed
  int64_t changed = 0;       // places, each counted once
  int64_t unchanged = 0;     // those that had their colour already
  Box bounds;                // of what changed; empty if nothing did
  int64_t let_go_bytes = 0;  // base.BytesNotIn(volume)
};

// Sets each place to its colour; of equal places the last one counts. REQUIRES: 1 to kMostPlaces
// places, all of the world, and one normalized colour or one for each.
PlacesChange SetPlaces(const Volume& base, absl::Span<const Coord> places,
                       absl::Span<const Color> colors);

}  // namespace voxel
