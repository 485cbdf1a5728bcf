// Memory that ends all at once: a bump allocator over one block, for what a call needs while it
// lives. What does not fit comes from the heap, is counted, and ends with the rest.
//
// Threading: one thread at a time.
// Ownership: of its block and of what overflowed. Destructors of what lives here are the users'.
// Debugging: with PlainMemory() every allocation is one of the heap's own, and Reset fills it with
//            kPoison before it is freed. Always: whoever has a Hold on the area across a Reset is
//            named, and the process ends.
// Cost:      Allocate: an addition and a comparison.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "voxel/base/error.h"
#include "voxel/base/plain_memory.h"

namespace voxeld {

class Area {
 public:
  static constexpr unsigned char kPoison = 0xDB;

  // `block` of `bytes` is the caller's and outlives the area.
  Area(void* block, size_t bytes)
      : begin_(static_cast<char*>(block)), next_(begin_), end_(begin_ + bytes) {}
  ~Area() { Reset(); }
  Area(const Area&) = delete;
  Area& operator=(const Area&) = delete;

  // Never null. REQUIRES: `alignment` is a power of two, at most 64.
  void* Allocate(size_t bytes, size_t alignment = alignof(std::max_align_t)) {
    const size_t skip = -reinterpret_cast<uintptr_t>(next_) & (alignment - 1);
    if (voxel::PlainMemory() || bytes + skip > static_cast<size_t>(end_ - next_)) {
      return Overflow(bytes, alignment);
    }
    char* const at = next_ + skip;
    next_ = at + bytes;
    return at;
  }
  // The end of everything in it.
  void Reset();

  size_t used() const { return static_cast<size_t>(next_ - begin_); }
  // Allocations that the block had no room for, since the area began.
  int64_t overflows() const { return overflows_; }

  // Says that something lives in the area and must end before it. Within std::optional the place is
  // to be given, or it is the library's.
  class Hold {
   public:
    explicit Hold(Area* area, voxel::SourcePlace place = voxel::SourcePlace::current());
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    Area* const area_;
    const voxel::SourcePlace place_;
    Hold* next_;
    friend class Area;
  };

 private:
  struct Overflown {
    void* block;
    size_t bytes;
    size_t alignment;
  };
  void* Overflow(size_t bytes, size_t alignment);

  char* const begin_;
  char* next_;
  char* const end_;
  std::vector<Overflown> overflown_;
  Hold* holds_ = nullptr;
  int64_t overflows_ = 0;
};

}  // namespace voxeld
