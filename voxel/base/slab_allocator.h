// Memory for the engine's small fixed-size blocks (tree nodes, bricks): carved out of 2 MiB-aligned
// chunks that the kernel may back with huge pages, cached per thread, given back when a chunk is
// empty.
//
// Threading: every call from any thread; a block may be freed on another thread than the one that
//            got it.
// Ownership: blocks belong to the caller. An idle thread keeps at most 64 KiB of free blocks per
//            size.
// Cost:      some nanoseconds; every few dozen calls one lock. The first chunk of each size is left
//            on small pages, so that a process with few voxels stays small; later ones ask for huge
//            pages and do without if refused. The kernel clears one before it can be used (0.2 to
//            5 ms): with a helper, see SlabSetHelper, another thread waits for that.
// Plain:     with PlainMemory(), as under ASan and TSan, each block is an allocation of its own, so
//            that tools see misuse.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/functional/any_invocable.h"

namespace voxel {

// The block sizes there are, ascending. What is larger has no business here.
inline constexpr std::array<uint32_t, 8> kSlabBytes = {576,  896,  2176,  2688,
                                                       5184, 5696, 16448, 16960};

// The size of the block that holds `bytes`. REQUIRES: bytes <= kSlabBytes.back().
constexpr uint32_t SlabRoundUp(size_t bytes) {
  for (uint32_t size : kSlabBytes) {
    if (bytes <= size) return size;
  }
  return 0;
}

// A block of at least `bytes`, aligned to 64. Never null: a machine out of memory aborts here.
void* SlabAllocate(size_t bytes);
// REQUIRES: `block` came from SlabAllocate with the same `bytes` (or another size in the same
// class).
void SlabFree(void* block, size_t bytes);

// Of the blocks handed out, thread caches included. One load.
int64_t SlabUsedBytes();
// Of the chunks held from the system, without pages given back that were not used since; 0 with
// PlainMemory().
int64_t SlabMappedBytes();
// Of these, in free blocks: about what SlabReturnFree gives back. Takes the locks.
int64_t SlabSpareBytes();

// Who helps with growing: `post` is called, on a thread that has just got blocks, to have `work`
// run on another thread soon, which makes the next chunk of a size ready while there is room in the
// one before. It must not wait, nor get blocks itself. Null: nobody. Returns once no call of the
// helper before runs any more; what that posted may still run.
using SlabHelper = absl::AnyInvocable<void(void (*work)())>;
void SlabSetHelper(SlabHelper post);

// Returns the calling thread's cached free blocks to the shared lists (threads that end do so
// themselves).
void SlabFlushThread();
// Gives the system the chunks that are kept for the next block although they are empty, and the
// pages of the others that hold free blocks only. Some hundred microseconds for a chunk that is to
// give pages, during which other threads may wait for blocks of its size.
void SlabReturnFree();

}  // namespace voxel
