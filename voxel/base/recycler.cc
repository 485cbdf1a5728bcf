#include "voxel/base/recycler.h"

#include <atomic>

namespace voxel {
namespace {

std::atomic<internal::AnyRecycler*> first_recycler{nullptr};

}  // namespace

namespace internal {

void AnyRecycler::Register() {
  next_ = first_recycler.load(std::memory_order_relaxed);
  while (!first_recycler.compare_exchange_weak(next_, this, std::memory_order_release)) {
  }
}

}  // namespace internal

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
