#include "daemon/memory/pages.h"

#include <sys/mman.h>

#include <cstring>

#include "voxel/base/check.h"
#include "voxel/base/slab_allocator.h"

namespace voxeld {
namespace {

bool FitsSlab(size_t bytes) { return bytes <= voxel::kSlabBytes.back(); }

}  // namespace

void* TakePages(size_t bytes) {
  if (FitsSlab(bytes)) return std::memset(voxel::SlabAllocate(bytes), 0, bytes);
  void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  VOXEL_CHECK(pages != MAP_FAILED);
  return pages;
}

void GivePages(void* pages, size_t bytes) {
  if (FitsSlab(bytes)) return voxel::SlabFree(pages, bytes);
  munmap(pages, bytes);
}

}  // namespace voxeld
