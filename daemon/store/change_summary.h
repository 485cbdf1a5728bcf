// What a change did to a document: counts, bounds and layers, for the history, the watches and the
// guards.
//
// Space:  boxes are in the world.
// Layers: match by id. One that is only in `before` counts as removed voxels, one only in `after`
//         as added ones. One whose placement (transform) changed counts as both: all its voxels
//         removed there and added here. Visibility, opacity and mode move no voxel: they are listed
//         in `layers` and count nothing. A linked layer counts on its own.
// Selections: a changed one is a change, but no voxel of the project.
// Cost:   the layer list, and what its volumes do not share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "voxel/grid/document.h"

namespace voxeld {

struct ChangeSummary {
  bool changed = false;  // false: both hold the same, though the objects may differ
  int64_t voxels_changed = 0;
  voxel::Box bounds;                // of the changed voxels; empty if there are none
  std::vector<std::string> layers;  // added, removed, changed or reordered, in no particular order
};

ChangeSummary SummarizeChange(const voxel::Document& before, const voxel::Document& after);

// Whether a voxel in `box` changed, in the sense above.
bool BoxChanged(const voxel::Document& before, const voxel::Document& after, const voxel::Box& box);

}  // namespace voxeld
