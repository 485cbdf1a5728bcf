#include "voxel/base/slab_peak.h"

#include <atomic>

#include "voxel/base/peak.h"

namespace voxel {
namespace {

std::atomic<int64_t> had_bytes{0};
std::atomic<int64_t> most_bytes{0};

}  // namespace

int64_t SlabPeakBytes() { return most_bytes.load(std::memory_order_relaxed); }

void internal::CountSlabBytes(int64_t bytes) {
  const int64_t now = had_bytes.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  RaiseTo(now, &most_bytes);
}

}  // namespace voxel
