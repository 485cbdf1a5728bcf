// The volumes of a document by number: those of its layers, then voxels and indices of each model
// of its scene graph in turn, then the ink of its selections.
//
// Threading: plain functions; SetVolumes and RenewLinks only on a document that nobody else sees.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "voxel/grid/document.h"

namespace voxeld {

uint64_t VolumeCount(const voxel::Document& document);
// The number of its first selection, if it has one.
uint64_t FirstSelection(const voxel::Document& document);
// Null if there is none of that number.
const voxel::Volume* VolumeAt(const voxel::Document& document, uint64_t number);
using NumberedVolumes = std::vector<std::pair<uint64_t, voxel::Volume>>;
// Linked layers are not touched: see RenewLinks. REQUIRES: each number is below VolumeCount.
void SetVolumes(voxel::Document& document, NumberedVolumes volumes);

// The layer whose volume layer `number` shows, if it is a link to one that is there; else -1.
int64_t OriginalOf(const voxel::Document& document, uint64_t number);
// Gives linked layers the volumes of their originals.
void RenewLinks(voxel::Document& document);

}  // namespace voxeld
