#include "voxel/base/slab_pool.h"

#include <sys/mman.h>

#include "voxel/base/check.h"

namespace voxel::internal {

struct SlabChunk {
  SlabChunk* next;
  SlabChunk* prev;
  void* free_list;  // freed blocks, linked through their first word
  uint32_t used;    // blocks handed out
  uint32_t
      untouched;  // blocks from this index on were never handed out: their pages may not exist yet
};

namespace {

constexpr size_t kFirstBlock = 64;  // past the header, keeps blocks aligned to 64
static_assert(sizeof(SlabChunk) <= kFirstBlock);

SlabChunk* ChunkOf(void* block) {
  return reinterpret_cast<SlabChunk*>(reinterpret_cast<uintptr_t>(block) & ~(kSlabChunkBytes - 1));
}

uint32_t Capacity(uint32_t block_bytes) {
  return static_cast<uint32_t>((kSlabChunkBytes - kFirstBlock) / block_bytes);
}

// Maps twice the size and cuts off what sticks out of the aligned half: mmap itself aligns to pages
// only.
void* MapAligned() {
  void* raw = mmap(nullptr, 2 * kSlabChunkBytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  VOXEL_CHECK(raw != MAP_FAILED);
  const uintptr_t begin = reinterpret_cast<uintptr_t>(raw);
  const uintptr_t aligned = (begin + kSlabChunkBytes - 1) & ~(kSlabChunkBytes - 1);
  if (aligned != begin) munmap(raw, aligned - begin);
  const uintptr_t end = begin + 2 * kSlabChunkBytes;
  const uintptr_t aligned_end = aligned + kSlabChunkBytes;
  if (end != aligned_end) munmap(reinterpret_cast<void*>(aligned_end), end - aligned_end);
  return reinterpret_cast<void*>(aligned);
}

}  // namespace

SlabPool::~SlabPool() {
  absl::MutexLock lock(&mu_);
  VOXEL_CHECK(used_blocks_ == 0);
  while (with_room_ != nullptr) {
    SlabChunk* chunk = with_room_;
    with_room_ = chunk->next;
    munmap(chunk, kSlabChunkBytes);
  }
}

void SlabPool::Allocate(void** out, int n) {
  absl::MutexLock lock(&mu_);
  used_blocks_ += n;
  for (int i = 0; i < n; ++i) {
    SlabChunk* chunk = with_room_ != nullptr ? with_room_ : NewChunk();
    if (chunk->free_list != nullptr) {
      out[i] = chunk->free_list;
      chunk->free_list = *static_cast<void**>(out[i]);
    } else {
      out[i] =
          reinterpret_cast<char*>(chunk) + kFirstBlock + size_t{block_bytes_} * chunk->untouched++;
    }
    if (++chunk->used == Capacity(block_bytes_)) Unlink(chunk);
  }
}

void SlabPool::Free(void* const* blocks, int n) {
  absl::MutexLock lock(&mu_);
  used_blocks_ -= n;
  for (int i = 0; i < n; ++i) FreeOne(blocks[i]);
}

void SlabPool::FreeOne(void* block) {
  SlabChunk* chunk = ChunkOf(block);
  if (chunk->used == Capacity(block_bytes_)) Link(chunk);
  *static_cast<void**>(block) = chunk->free_list;
  chunk->free_list = block;
  if (--chunk->used > 0) return;
  // Keeping the last chunk with room spares a caller that goes up and down across a border two
  // system calls each time.
  if (with_room_ == chunk && chunk->next == nullptr) return;
  Unmap(chunk);
}

void SlabPool::ReturnEmpty() {
  absl::MutexLock lock(&mu_);
  for (SlabChunk* chunk = with_room_; chunk != nullptr;) {
    SlabChunk* const next = chunk->next;
    if (chunk->used == 0) Unmap(chunk);
    chunk = next;
  }
}

void SlabPool::Unmap(SlabChunk* chunk) {
  Unlink(chunk);
  --chunks_;
  munmap(chunk, kSlabChunkBytes);
}

SlabChunk* SlabPool::NewChunk() {
  auto* chunk = static_cast<SlabChunk*>(MapAligned());
#ifdef MADV_HUGEPAGE
  // Only advice: without huge pages the chunk works as it is.
  if (chunks_ > 0) madvise(chunk, kSlabChunkBytes, MADV_HUGEPAGE);
#endif
  ++chunks_;
  *chunk = {};
  Link(chunk);
  return chunk;
}

void SlabPool::Link(SlabChunk* chunk) {
  chunk->prev = nullptr;
  chunk->next = with_room_;
  if (with_room_ != nullptr) with_room_->prev = chunk;
  with_room_ = chunk;
}

void SlabPool::Unlink(SlabChunk* chunk) {
  if (chunk->next != nullptr) chunk->next->prev = chunk->prev;
  (chunk->prev != nullptr ? chunk->prev->next : with_room_) = chunk->next;
  chunk->next = chunk->prev = nullptr;
}

int64_t SlabPool::chunks() const {
  absl::MutexLock lock(&mu_);
  return chunks_;
}

int64_t SlabPool::used_blocks() const {
  absl::MutexLock lock(&mu_);
  return used_blocks_;
}

}  // namespace voxel::internal
