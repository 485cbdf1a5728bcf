// Objects that come and go and that several hold, such as connections: the memory of those that
// went is that of the next ones.
//
// Threading: any thread; whoever lets go of an object last gives its memory back.
// Memory:    at most kMostSpare of each type, kept by a recycler: see there.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "voxel/base/recycler.h"

namespace voxeld {

inline constexpr size_t kMostSpare = 256;

namespace internal {

// Has no state, so that an object is no larger than make_shared would make it.
template <typename T>
struct RecycledMemory {
  using value_type = T;
  struct alignas(T) Block {
    std::byte bytes[sizeof(T)];
  };

  RecycledMemory() = default;
  template <typename Other>
  RecycledMemory(const RecycledMemory<Other>&) {}  // NOLINT(google-explicit-constructor)

  // Of one object: that is what shared pointers ask for.
  T* allocate(size_t) {
    Block* const block = Spares().Take();
    return reinterpret_cast<T*>(block != nullptr ? block : new Block);
  }
  void deallocate(T* object, size_t) {
    auto* const block = reinterpret_cast<Block*>(object);
    if (!Spares().Give(block)) delete block;
  }
  template <typename Other>
  bool operator==(const RecycledMemory<Other>&) const {
    return true;
  }

 private:
  static voxel::Recycler<Block, kMostSpare>& Spares() {
    static auto* const spares = new voxel::Recycler<Block, kMostSpare>();
    return *spares;
  }
};

}  // namespace internal

// std::make_shared, but for where the memory comes from.
template <typename T, typename... Args>
std::shared_ptr<T> MakeRecycled(Args&&... args) {
  return std::allocate_shared<T>(internal::RecycledMemory<T>(), std::forward<Args>(args)...);
}

}  // namespace voxeld
