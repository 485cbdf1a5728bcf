// The cells in which two volumes differ, as runs of bytes that each stand alone.
//
// Run:    varint 1 + number of the volume | region x, y, z (signed, units of 1024) | varint number
//         of cells | cells.
// Cell:   varint: gap << 4 | size << 2 | kind. The gap counts bricks from the end of the cell
//         before (the first: from the region's start) in the order of the tree: at each level the
//         child x | y << 2 | z << 4. Size: 0 to 3 for 16, 64, 256, 1024 on a side.
//         kind 0: uniform: its colour (4 bytes); 1: a whole brick; 2: the voxels of a brick that
//         changed (brick_bytes.h).
// Values: what stands there afterwards: applied once or twice, the result is the same.
// Cost:   what the volumes do not share. A uniform cube of any size is one cell.
#pragma once

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "daemon/codec/bytes.h"
#include "voxel/grid/volume_editor.h"

namespace voxeld {

// Writes `after` as changes of `before`: hands out runs, each of some `run_bytes` at most, until
// `emit` answers false.
void WriteCells(uint64_t volume, const voxel::Volume& before, const voxel::Volume& after,
                size_t run_bytes, absl::FunctionRef<bool(const ByteWriter& run)> emit);

// What few changed voxels are known to be. REQUIRES: no fewer than differ in the volumes.
struct KnownCells {
  voxel::Box bounds;  // in the volume
  int64_t voxels = 0;
};
// The same for those, at the cost of the regions and of what the volumes do not share in the box.
// False unless exactly so many voxels differ there: then `runs` is worth nothing.
bool WriteKnownCells(uint64_t volume, const voxel::Volume& before, const voxel::Volume& after,
                     const KnownCells& known, ByteWriter& runs);

// Reads what follows the volume's number in a run. False, with the reader failed, if the bytes are
// no run; the editor is then only good for being dropped.
bool ReadRun(ByteReader& in, voxel::VolumeEditor& editor);

}  // namespace voxeld
