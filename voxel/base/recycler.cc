#include "voxel/base/recycler.h"

#include <atomic>

#include "voxel/base/peak.h"

namespace voxel {
namespace {

std::atomic<internal::AnyRecycler*> first_recycler{nullptr};

// Relaxed: figures for statistics.
std::atomic<int64_t> counted_bytes{0};
std::atomic<int64_t> peak_bytes{0};

}  // namespace

namespace internal {

void AnyRecycler::Register() {
  next_ = first_recycler.load(std::memory_order_relaxed);
  while (!first_recycler.compare_exchange_weak(next_, this, std::memory_order_release)) {
  }
}

void AnyRecycler::Count(int64_t bytes) {
  const int64_t now = counted_bytes.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  RaiseTo(now, &peak_bytes);
}

}  // namespace internal

int64_t RecycledPeakBytes() { return peak_bytes.load(std::memory_order_relaxed); }

int64_t RecycledBytes() {
  int64_t bytes = 0;
  for (auto* r = first_recycler.load(std::memory_order_acquire); r != nullptr; r = r->next_) {
    bytes += r->Bytes();
  }
  return bytes;
}

int64_t TrimRecycled() {
  int64_t bytes = 0;
  for (auto* r = first_recycler.load(std::memory_order_acquire); r != nullptr; r = r->next_) {
    bytes += r->Trim();
  }
  return bytes;
}

}  // namespace voxel
