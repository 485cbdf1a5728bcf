#include "daemon/memory/area.h"

#include <cstdio>
#include <cstdlib>
#include <new>

#include "voxel/base/check.h"

namespace voxeld {

void* Area::Overflow(size_t bytes, size_t alignment) {
  if (!voxel::PlainMemory()) ++overflows_;
  void* const block = ::operator new (bytes, std::align_val_t{alignment});
  overflown_.push_back({block, bytes, alignment});
  return block;
}

void Area::Reset() {
  for (const Hold* hold = holds_; hold != nullptr; hold = hold->next_) {
    std::fprintf(stderr, "memory area: %s:%u holds on to what ends\n", hold->place_.file_name(),
                 hold->place_.line());
  }
  if (holds_ != nullptr) std::abort();
  next_ = begin_;
  for (const Overflown& piece : overflown_) {
    if (voxel::PlainMemory()) std::memset(piece.block, kPoison, piece.bytes);
    ::operator delete (piece.block, std::align_val_t{piece.alignment});
  }
  overflown_.clear();
}

Area::Hold::Hold(Area* area, voxel::SourcePlace place)
    : area_(area), place_(place), next_(area->holds_) {
  area->holds_ = this;
}

Area::Hold::~Hold() {
  Hold** at = &area_->holds_;
  while (*at != this) at = &(*at)->next_;
  *at = next_;
}

}  // namespace voxeld
