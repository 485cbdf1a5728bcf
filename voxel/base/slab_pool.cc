#include "voxel/base/slab_pool.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bitset>

#include "voxel/base/check.h"
#include "voxel/base/slab_allocator.h"

namespace voxel::internal {

struct SlabChunk {
  SlabChunk* next;
  SlabChunk* prev;
  void* free_list;    // means nothing in a full chunk
  uint32_t used;      // blocks handed out
  uint32_t spare;     // bytes of free blocks whose pages are there: those first in the list
  uint32_t returned;  // bytes of pages given back, less what was handed out since
  bool huge;          // huge pages are asked for
};

namespace {

constexpr size_t kFirstBlock = 64;  // past the header, keeps blocks aligned to 64
static_assert(sizeof(SlabChunk) <= kFirstBlock);

SlabChunk* ChunkOf(void* block) {
  return reinterpret_cast<SlabChunk*>(reinterpret_cast<uintptr_t>(block) & ~(kSlabChunkBytes - 1));
}

constexpr uint32_t Capacity(uint32_t block_bytes) {
  return static_cast<uint32_t>((kSlabChunkBytes - kFirstBlock) / block_bytes);
}
constexpr uint32_t kMostBlocks = Capacity(kSlabBytes.front());

// Chunks with less than that to give are left alone.
constexpr size_t kWorthReturning = 64 << 10;
constexpr int kReturnedUnderLock = 8;  // chunks

char* BlockAt(SlabChunk* chunk, uint32_t block_bytes, uint32_t i) {
  return reinterpret_cast<char*>(chunk) + kFirstBlock + size_t{block_bytes} * i;
}
uint32_t IndexOf(SlabChunk* chunk, uint32_t block_bytes, void* block) {
  const auto offset = static_cast<size_t>(static_cast<char*>(block) - BlockAt(chunk, 0, 0));
  return static_cast<uint32_t>(offset / block_bytes);
}

void*& LinkOf(void* block) { return *static_cast<void**>(block); }
void* NextFree(void* block, uint32_t block_bytes) {
  void* const link = LinkOf(block);
  return link != nullptr ? link : static_cast<char*>(block) + block_bytes;
}

// Huge pages are advice: without them a chunk works as it is. Where single pages were given back,
// the kernel would bring all of them again.
void AdviseHuge(SlabChunk* chunk, bool wanted) {
#ifdef MADV_HUGEPAGE
  madvise(chunk, kSlabChunkBytes, wanted ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
#endif
}

// Gives the whole pages of [begin, end) back; returns their bytes.
size_t ReturnPagesOf(char* begin, char* end) {
  static const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t first = (reinterpret_cast<uintptr_t>(begin) + page - 1) & ~(page - 1);
  const uintptr_t last = reinterpret_cast<uintptr_t>(end) & ~(page - 1);
  if (first >= last) return 0;
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  return madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED) == 0 ? last - first
                                                                                   : 0;
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
    out[i] = chunk->free_list;
    chunk->free_list = NextFree(out[i], block_bytes_);
    TakePagesOf(chunk);
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
  LinkOf(block) = chunk->free_list;
  chunk->free_list = block;
  chunk->spare += block_bytes_;
  spare_bytes_ += block_bytes_;
  if (--chunk->used > 0) return;
  // Keeping the last chunk with room spares a caller that goes up and down across a border two
  // system calls each time.
  if (with_room_ == chunk && chunk->next == nullptr) return;
  Unmap(chunk);
}

void SlabPool::ReturnFree() {
  for (bool more = true; more;) {
    absl::MutexLock lock(&mu_);
    more = false;
    int done = 0;
    for (SlabChunk* chunk = with_room_; chunk != nullptr;) {
      SlabChunk* const next = chunk->next;
      if (chunk->used == 0 || chunk->spare >= kWorthReturning) {
        if (more = done++ == kReturnedUnderLock; more) break;
        chunk->used == 0 ? Unmap(chunk) : ReturnPages(chunk);
      }
      chunk = next;
    }
  }
}

// The list becomes one of runs of neighbours, in the order of their addresses. Within a run all
// links are zero, so that its pages may go; its last block has the way to the next run.
void SlabPool::ReturnPages(SlabChunk* chunk) {
  const uint32_t capacity = Capacity(block_bytes_);
  std::bitset<kMostBlocks + 1> free;  // one more, which ends the last run
  void* block = chunk->free_list;
  for (uint32_t i = chunk->used; i < capacity; ++i, block = NextFree(block, block_bytes_)) {
    free.set(IndexOf(chunk, block_bytes_, block));
  }
  if (chunk->huge) AdviseHuge(chunk, false);
  char* last = nullptr;  // of the run before
  size_t returned = 0;
  for (uint32_t begin = 0, end = 0; begin < capacity; begin = end + 1) {
    for (end = begin; free.test(end); ++end) {
    }
    if (begin == end) continue;
    char* const first = BlockAt(chunk, block_bytes_, begin);
    (last != nullptr ? LinkOf(last) : chunk->free_list) = first;
    last = BlockAt(chunk, block_bytes_, end - 1);
    for (char* at = first; at <= last; at += block_bytes_) {
      if (LinkOf(at) != nullptr) LinkOf(at) = nullptr;
    }
    returned += ReturnPagesOf(first, last);
  }
  returned_bytes_ += static_cast<int64_t>(returned) - chunk->returned;
  chunk->returned = static_cast<uint32_t>(returned);
  spare_bytes_ -= chunk->spare;
  chunk->spare = 0;
}

void SlabPool::TakePagesOf(SlabChunk* chunk) {
  if (chunk->spare > 0) {
    chunk->spare -= block_bytes_;
    spare_bytes_ -= block_bytes_;
  } else if (chunk->returned > 0) {
    const uint32_t bytes = std::min(block_bytes_, chunk->returned);
    chunk->returned -= bytes;
    returned_bytes_ -= bytes;
    if (chunk->returned == 0 && chunk->huge) AdviseHuge(chunk, true);
  }
}

void SlabPool::Unmap(SlabChunk* chunk) {
  Unlink(chunk);
  --chunks_;
  spare_bytes_ -= chunk->spare;
  returned_bytes_ -= chunk->returned;
  munmap(chunk, kSlabChunkBytes);
}

SlabChunk* SlabPool::NewChunk() {
  auto* chunk = static_cast<SlabChunk*>(MapAligned());
  const bool huge = chunks_ > 0;
  if (huge) AdviseHuge(chunk, true);  // then the first write brings all of it
  ++chunks_;
  *chunk = {};
  chunk->free_list = BlockAt(chunk, block_bytes_, 0);
  chunk->huge = huge;
  chunk->spare = huge ? Capacity(block_bytes_) * block_bytes_ : 0;
  spare_bytes_ += chunk->spare;
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

int64_t SlabPool::held_bytes() const {
  absl::MutexLock lock(&mu_);
  return chunks_ * static_cast<int64_t>(kSlabChunkBytes) - returned_bytes_;
}

int64_t SlabPool::spare_bytes() const {
  absl::MutexLock lock(&mu_);
  return spare_bytes_;
}

int64_t SlabPool::used_blocks() const {
  absl::MutexLock lock(&mu_);
  return used_blocks_;
}

}  // namespace voxel::internal
