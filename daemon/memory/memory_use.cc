#include "daemon/memory/memory_use.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "voxel/base/recycler.h"
#include "voxel/base/slab_allocator.h"
#include "voxel/base/slab_peak.h"

// Of mimalloc, if the program runs on it; else null.
extern "C" void mi_collect(bool force) __attribute__((weak));

namespace voxeld {
int64_t ResidentBytes() {
  int64_t total = 0;
  int64_t resident = 0;
  if (!(std::ifstream("/proc/self/statm") >> total >> resident)) return 0;
  return resident * sysconf(_SC_PAGESIZE);
}

void MemoryUse::ReturnFreePages() {
  voxel::SlabFlushThread();
  voxel::SlabReturnFree();
  if (mi_collect != nullptr) {
    mi_collect(/*force=*/true);
  } else {
    malloc_trim(0);
  }
}

void MemoryUse::ForEach(absl::FunctionRef<void(std::string_view, const Bytes&)> fn) const {
  const auto show = [&fn](std::string_view name, Bytes bytes) {
    // Of some, the last few may not be counted yet.
    bytes.peak = std::max(bytes.peak, bytes.allocated);
    fn(name, bytes);
  };
  show("request", request.Read());
  show("response", response.Read());
  show("cache", {.allocated = voxel::RecycledBytes(), .peak = voxel::RecycledPeakBytes()});
  // With plain memory there are no slabs: each block is its own.
  const int64_t voxels = voxel::SlabUsedBytes();
  show("voxels", {.allocated = std::max(voxels, voxel::SlabMappedBytes()),
                  .active = voxels,
                  .peak = voxel::SlabPeakBytes()});
  show("tasks", tasks_ ? tasks_() : Bytes());
}

int64_t MemoryUse::SpareBytes() { return voxel::RecycledBytes() + voxel::SlabSpareBytes(); }

int64_t MemoryUse::ReturnSpare() {
  int64_t bytes = voxel::TrimRecycled();
  voxel::SlabFlushThread();
  bytes += voxel::SlabSpareBytes();
  ReturnFreePages();
  return bytes;
}

int64_t MemoryUse::Optimize() {
  const int64_t bytes = ReturnSpare();
  // Last: of what was freed here, some is the other threads' to give back.
  if (trim_) trim_();
  return bytes;
}

}  // namespace voxeld
