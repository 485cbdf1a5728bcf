#include "voxel/base/slab_pool.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bitset>

#include "voxel/base/check.h"
#include "voxel/base/slab_allocator.h"
#include "voxel/base/slab_peak.h"

namespace voxel::internal {

struct SlabChunk {
  SlabChunk* next;
  SlabChunk* prev;
  uint32_t used;      // blocks handed out
  uint32_t freed;     // block numbers on the stack behind this
  uint32_t touched;   // blocks that were ever handed out: those with lower numbers
  uint32_t spare;     // bytes of free blocks whose pages are there: those handed out next
  uint32_t returned;  // bytes of pages given back, less what was handed out since
  bool huge;          // huge pages are asked for

  uint16_t* stack() { return reinterpret_cast<uint16_t*>(this + 1); }
};

namespace {

constexpr auto kChunk = static_cast<int64_t>(kSlabChunkBytes);

constexpr uint32_t kMostBlocks = SlabCapacity(kSlabBytes.front());
static_assert(kMostBlocks <= uint32_t{UINT16_MAX} + 1);

// Past the header and its stack; keeps blocks aligned to cache lines.
constexpr uint32_t FirstBlock(uint32_t capacity) {
  constexpr size_t kLine = 64;
  return static_cast<uint32_t>((sizeof(SlabChunk) + capacity * sizeof(uint16_t) + kLine - 1) /
                               kLine * kLine);
}

SlabChunk* ChunkOf(void* block) {
  return reinterpret_cast<SlabChunk*>(reinterpret_cast<uintptr_t>(block) & ~(kSlabChunkBytes - 1));
}

// Chunks with less than that to give are left alone.
constexpr size_t kWorthReturning = 64 << 10;
constexpr int kReturnedUnderLock = 8;  // chunks

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
// only. Null if there is no memory.
void* MapAligned() {
  void* raw = mmap(nullptr, 2 * kSlabChunkBytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (raw == MAP_FAILED) return nullptr;
  const uintptr_t begin = reinterpret_cast<uintptr_t>(raw);
  const uintptr_t aligned = (begin + kSlabChunkBytes - 1) & ~(kSlabChunkBytes - 1);
  if (aligned != begin) munmap(raw, aligned - begin);
  const uintptr_t end = begin + 2 * kSlabChunkBytes;
  const uintptr_t aligned_end = aligned + kSlabChunkBytes;
  if (end != aligned_end) munmap(reinterpret_cast<void*>(aligned_end), end - aligned_end);
  return reinterpret_cast<void*>(aligned);
}

}  // namespace

SlabPool::SlabPool(uint32_t block_bytes)
    : block_bytes_(block_bytes),
      capacity_(SlabCapacity(block_bytes)),
      first_block_(FirstBlock(capacity_)) {
  VOXEL_CHECK(capacity_ <= kMostBlocks);
  VOXEL_CHECK(first_block_ + size_t{capacity_} * block_bytes <= kSlabChunkBytes);
}

SlabPool::~SlabPool() {
  absl::MutexLock lock(&mu_);
  VOXEL_CHECK(used_blocks_ == 0);
  while (with_room_ != nullptr) {
    SlabChunk* chunk = with_room_;
    with_room_ = chunk->next;
    CountSlabBytes(chunk->returned - kChunk);
    munmap(chunk, kSlabChunkBytes);
  }
}

char* SlabPool::BlockAt(SlabChunk* chunk, uint32_t i) const {
  return reinterpret_cast<char*>(chunk) + first_block_ + size_t{block_bytes_} * i;
}

bool SlabPool::Allocate(void** out, int n) {
  absl::MutexLock lock(&mu_);
  used_blocks_ += n;
  bool half = false;
  for (int i = 0; i < n; ++i) {
    SlabChunk* chunk = with_room_ != nullptr ? with_room_ : NewChunk();
    if (chunk == ready_) ready_ = nullptr;
    const bool fresh = chunk->freed == 0;
    const uint32_t number = fresh ? chunk->touched++ : chunk->stack()[--chunk->freed];
    out[i] = BlockAt(chunk, number);
    TakePagesOf(chunk);
    half |= fresh && number == capacity_ / 2 && chunk->huge && chunk->next == nullptr;
    if (++chunk->used == capacity_) Unlink(chunk);
  }
  return half;
}

void SlabPool::PrepareNext() {
  SlabChunk* const chunk = MapChunk(true);
  if (chunk == nullptr) return;  // nobody needs it yet
  absl::MutexLock lock(&mu_);
  // Chunks that were full come in front: the last one is the newest.
  SlabChunk* last = with_room_;
  while (last != nullptr && last->next != nullptr) last = last->next;
  if (last != nullptr && last->touched <= capacity_ / 2) {  // there is one meanwhile
    munmap(chunk, kSlabChunkBytes);
    return;
  }
  ++chunks_;
  CountSlabBytes(kChunk);
  spare_bytes_ += chunk->spare;
  Link(chunk, last);
  ready_ = chunk;
}

void SlabPool::Free(void* const* blocks, int n) {
  absl::MutexLock lock(&mu_);
  used_blocks_ -= n;
  for (int i = 0; i < n; ++i) FreeOne(blocks[i]);
}

void SlabPool::FreeOne(void* block) {
  SlabChunk* chunk = ChunkOf(block);
  if (chunk->used == capacity_) Link(chunk, nullptr);
  const auto offset = static_cast<uint32_t>(static_cast<char*>(block) - BlockAt(chunk, 0));
  chunk->stack()[chunk->freed++] = static_cast<uint16_t>(offset / block_bytes_);
  chunk->spare += block_bytes_;
  spare_bytes_ += block_bytes_;
  if (--chunk->used > 0) return;
  // Keeping the last chunk with room spares a caller that goes up and down across a border two
  // system calls each time.
  if (with_room_ == chunk && chunk->next == nullptr) return;
  Unmap(ready_ != nullptr && chunk->returned == 0 ? ready_ : chunk);
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

// From then on blocks are handed out in the order of their addresses, so that the pages of a run
// come back one after the other.
void SlabPool::ReturnPages(SlabChunk* chunk) {
  std::bitset<kMostBlocks + 1> free;  // one more, which ends the last run
  for (uint32_t i = 0; i < chunk->freed; ++i) free.set(chunk->stack()[i]);
  chunk->freed = 0;
  for (uint32_t i = chunk->touched; i-- > 0;) {
    if (free.test(i)) chunk->stack()[chunk->freed++] = static_cast<uint16_t>(i);
  }
  for (uint32_t i = chunk->touched; i < capacity_; ++i) free.set(i);
  if (chunk->huge) AdviseHuge(chunk, false);
  size_t returned = 0;
  for (uint32_t begin = 0, end = 0; begin < capacity_; begin = end + 1) {
    for (end = begin; free.test(end); ++end) {
    }
    returned += ReturnPagesOf(BlockAt(chunk, begin), BlockAt(chunk, end));
  }
  const int64_t more = static_cast<int64_t>(returned) - chunk->returned;
  returned_bytes_ += more;
  CountSlabBytes(-more);
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
    CountSlabBytes(bytes);
    if (chunk->returned == 0 && chunk->huge) AdviseHuge(chunk, true);
  }
}

void SlabPool::Unmap(SlabChunk* chunk) {
  if (chunk == ready_) ready_ = nullptr;
  Unlink(chunk);
  --chunks_;
  spare_bytes_ -= chunk->spare;
  returned_bytes_ -= chunk->returned;
  CountSlabBytes(chunk->returned - kChunk);
  munmap(chunk, kSlabChunkBytes);
}

SlabChunk* SlabPool::MapChunk(bool huge) const {
  auto* chunk = static_cast<SlabChunk*>(MapAligned());
  if (chunk == nullptr) return nullptr;
  if (huge) AdviseHuge(chunk, true);  // then the first write brings all of it: this one
  *chunk = {};
  chunk->huge = huge;
  chunk->spare = huge ? capacity_ * block_bytes_ : 0;
  return chunk;
}

SlabChunk* SlabPool::NewChunk() {
  SlabChunk* const chunk = MapChunk(chunks_ > 0);
  VOXEL_CHECK(chunk != nullptr);
  ++chunks_;
  CountSlabBytes(kChunk);
  spare_bytes_ += chunk->spare;
  Link(chunk, nullptr);
  return chunk;
}

void SlabPool::Link(SlabChunk* chunk, SlabChunk* after) {
  SlabChunk*& place = after != nullptr ? after->next : with_room_;
  chunk->prev = after;
  chunk->next = place;
  if (place != nullptr) place->prev = chunk;
  place = chunk;
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
  return chunks_ * kChunk - returned_bytes_;
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
