#include "voxel/base/slab_allocator.h"

#include <algorithm>
#include <atomic>
#include <new>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "voxel/base/plain_memory.h"
#include "voxel/base/slab_peak.h"
#include "voxel/base/slab_pool.h"

namespace voxel {
namespace {

constexpr int kClasses = static_cast<int>(kSlabBytes.size());

constexpr int ClassOf(size_t bytes) {
  int i = 0;
  while (bytes > kSlabBytes[i]) ++i;
  return i;
}

template <size_t... kClass>
std::array<internal::SlabPool, kSlabBytes.size()>* NewPools(std::index_sequence<kClass...>) {
  return new std::array{internal::SlabPool(kSlabBytes[kClass])...};
}

// Lives for the process: blocks may be freed by threads and statics that end after main.
internal::SlabPool& Pool(int size_class) {
  static auto* const pools = NewPools(std::make_index_sequence<kSlabBytes.size()>());
  return (*pools)[size_class];
}

// Changed where blocks come from and go to, so not for what stays in a thread's cache.
std::atomic<int64_t> used_bytes{0};
void CountUsed(int64_t blocks, int size_class) {
  const int64_t bytes = blocks * int64_t{kSlabBytes[size_class]};
  used_bytes.fetch_add(bytes, std::memory_order_relaxed);
  if (PlainMemory()) internal::CountSlabBytes(bytes);
}

struct Helper {
  absl::Mutex mu;
  SlabHelper post ABSL_GUARDED_BY(mu);
  std::array<std::atomic<bool>, kSlabBytes.size()>
      wanted{};  // whose next chunk is to be made ready
};
// Lives for the process.
Helper& TheHelper() {
  static auto* const helper = new Helper();
  return *helper;
}

void PrepareWanted() {
  for (int i = 0; i < kClasses; ++i) {
    if (TheHelper().wanted[i].exchange(false, std::memory_order_relaxed)) Pool(i).PrepareNext();
  }
}

void AllocateShared(int size_class, void** out, int n) {
  CountUsed(n, size_class);
  if (!Pool(size_class).Allocate(out, n)) return;
  Helper& helper = TheHelper();
  absl::MutexLock lock(&helper.mu);
  if (helper.post == nullptr) return;
  helper.wanted[size_class].store(true, std::memory_order_relaxed);
  helper.post(&PrepareWanted);
}
void FreeShared(int size_class, void* const* blocks, int n) {
  CountUsed(-n, size_class);
  Pool(size_class).Free(blocks, n);
}

constexpr int kMaxCached = 64;
constexpr int CacheLimit(int size_class) {
  return std::clamp(static_cast<int>((64 << 10) / kSlabBytes[size_class]), 2, kMaxCached);
}

struct ThreadCache {
  int count[kClasses];
  void* blocks[kClasses][kMaxCached];
  bool watched;  // the thread's end will flush it
  bool ended;    // the thread is past its flush: go to the pools directly
};
// Trivial, so that it can be used while other thread-locals are being destroyed.
thread_local ThreadCache thread_cache;

struct FlushAtThreadEnd {
  ~FlushAtThreadEnd() {
    SlabFlushThread();
    thread_cache.ended = true;
  }
  void Touch() {}
};
thread_local FlushAtThreadEnd flush_at_thread_end;

void Watch(ThreadCache& cache) {
  cache.watched = true;
  flush_at_thread_end.Touch();  // the first use constructs it, which registers its destructor
}

// Asks for the memory of the block that the thread gets next: who gets one fills it, and would wait
// for most of its cache lines.
void FetchNext(const ThreadCache& cache, int size_class) {
  const int n = cache.count[size_class];
  if (n == 0) return;
  const auto* const block = static_cast<const char*>(cache.blocks[size_class][n - 1]);
  for (uint32_t at = 0; at < kSlabBytes[size_class]; at += 64) {
    __builtin_prefetch(block + at, 0, 2);
  }
}

void* AllocateCached(int size_class) {
  ThreadCache& cache = thread_cache;
  int& n = cache.count[size_class];
  if (n == 0) {
    if (cache.ended) {
      void* block;
      AllocateShared(size_class, &block, 1);
      return block;
    }
    if (!cache.watched) Watch(cache);
    n = CacheLimit(size_class) / 2;
    AllocateShared(size_class, cache.blocks[size_class], n);
  }
  void* const block = cache.blocks[size_class][--n];
  FetchNext(cache, size_class);
  return block;
}

void FreeCached(void* block, int size_class) {
  ThreadCache& cache = thread_cache;
  if (cache.ended) return FreeShared(size_class, &block, 1);
  if (!cache.watched) Watch(cache);
  int& n = cache.count[size_class];
  if (n == CacheLimit(size_class)) {
    const int keep = n / 2;
    FreeShared(size_class, cache.blocks[size_class] + keep, n - keep);
    n = keep;
  }
  cache.blocks[size_class][n++] = block;
}

}  // namespace

void* SlabAllocate(size_t bytes) {
  if (!PlainMemory()) return AllocateCached(ClassOf(bytes));
  CountUsed(1, ClassOf(bytes));
  return ::operator new (kSlabBytes[ClassOf(bytes)], std::align_val_t{64});
}
void SlabFree(void* block, size_t bytes) {
  if (!PlainMemory()) return FreeCached(block, ClassOf(bytes));
  CountUsed(-1, ClassOf(bytes));
  ::operator delete (block, std::align_val_t{64});
}

void SlabSetHelper(SlabHelper post) {
  Helper& helper = TheHelper();
  absl::MutexLock lock(&helper.mu);
  helper.post = std::move(post);
}

void SlabFlushThread() {
  if (PlainMemory()) return;
  for (int i = 0; i < kClasses; ++i) {
    FreeShared(i, thread_cache.blocks[i], thread_cache.count[i]);
    thread_cache.count[i] = 0;
  }
}

void SlabReturnFree() {
  for (int i = 0; i < kClasses; ++i) Pool(i).ReturnFree();
}

int64_t SlabUsedBytes() { return used_bytes.load(std::memory_order_relaxed); }

int64_t SlabMappedBytes() {
  int64_t bytes = 0;
  for (int i = 0; i < kClasses; ++i) {
    bytes += Pool(i).held_bytes();
  }
  return bytes;
}

int64_t SlabSpareBytes() {
  int64_t bytes = 0;
  for (int i = 0; i < kClasses; ++i) bytes += Pool(i).spare_bytes();
  return bytes;
}

}  // namespace voxel
