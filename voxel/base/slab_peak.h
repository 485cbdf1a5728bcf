// The most memory that slabs had at any time.
//
// Threading: any thread; relaxed, for statistics.
#pragma once

#include <cstdint>

namespace voxel {

// As SlabMappedBytes, at most; with PlainMemory() as SlabUsedBytes. One load.
int64_t SlabPeakBytes();

namespace internal {

// So many more bytes are had, or fewer.
void CountSlabBytes(int64_t bytes);

}  // namespace internal
}  // namespace voxel
