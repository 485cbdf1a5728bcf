// The shared part of the slab allocator for one block size: chunks with free lists behind a lock.
//
// Structure: a chunk is 2 MiB, aligned to its size, so a block finds its chunk by masking its
//            address. Chunks with room form a list; full ones are in none; an empty one goes back
//            to the system unless it is the only one with room, or replaces one that was made ready
//            and has not been needed.
// Free list: a stack of block numbers in the chunk's header; blocks that were never used follow it.
//            Freeing and handing out touches no block: most have left the caches, and each would be
//            waited for. And whole free pages may go, as nothing is kept in them.
// Threading: every method from any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace voxel::internal {

inline constexpr size_t kSlabChunkBytes = size_t{2} << 20;

struct SlabChunk;  // the header at the start of each chunk

// Blocks of a chunk: each takes two bytes of the header, too, which is rounded up to a cache line.
constexpr uint32_t SlabCapacity(uint32_t block_bytes) {
  constexpr size_t kHeader = 64;
  return static_cast<uint32_t>((kSlabChunkBytes - 2 * kHeader) / (block_bytes + sizeof(uint16_t)));
}

class SlabPool {
 public:
  explicit SlabPool(uint32_t block_bytes);
  // Unmaps what is left. REQUIRES: every block was freed.
  ~SlabPool();
  SlabPool(const SlabPool&) = delete;
  SlabPool& operator=(const SlabPool&) = delete;

  // Fills out[0, n) with blocks. True if another thread should call PrepareNext soon: half of the
  // last chunk with room is in use.
  bool Allocate(void** out, int n);
  // Makes the next chunk ready: the kernel clears its memory here and not where a block is wanted.
  void PrepareNext();
  void Free(void* const* blocks, int n);
  // Gives the system what holds no block that is in use: the empty chunk that is kept for the next
  // block, and the free pages of the others. Other threads wait for one chunk at a time.
  void ReturnFree();

  uint32_t block_bytes() const { return block_bytes_; }
  int64_t chunks() const;
  // Of the chunks, without the pages that ReturnFree gave back and nobody has used since.
  int64_t held_bytes() const;
  // Of these, in free blocks: about what ReturnFree gives back. Pages never used do not count.
  int64_t spare_bytes() const;
  int64_t used_blocks() const;

 private:
  char* BlockAt(SlabChunk* chunk, uint32_t i) const;
  SlabChunk* MapChunk(bool huge) const;  // null if there is no memory
  SlabChunk* NewChunk() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void FreeOne(void* block) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Gives back the free pages of a chunk with blocks in use.
  void ReturnPages(SlabChunk* chunk) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Counts, as a block is handed out.
  void TakePagesOf(SlabChunk* chunk) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Behind another, whose blocks are handed out first; `after` null: before all.
  void Link(SlabChunk* chunk, SlabChunk* after) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Unmap(SlabChunk* chunk) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Unlink(SlabChunk* chunk) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const uint32_t block_bytes_;
  const uint32_t capacity_;     // of a chunk
  const uint32_t first_block_;  // its offset in a chunk, past the header
  mutable absl::Mutex mu_;
  SlabChunk* with_room_ ABSL_GUARDED_BY(mu_) = nullptr;
  SlabChunk* ready_ ABSL_GUARDED_BY(mu_) = nullptr;  // of these: by PrepareNext, still unused
  int64_t chunks_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t used_blocks_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t spare_bytes_ ABSL_GUARDED_BY(mu_) = 0;     // of all chunks
  int64_t returned_bytes_ ABSL_GUARDED_BY(mu_) = 0;  // the same
};

}  // namespace voxel::internal
