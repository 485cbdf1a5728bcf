// Objects of one kind that are not needed just now, kept for whoever needs one next with the memory
// that they have.
//
// Threading: one thread at a time.
// Memory:    at most kMost objects; PlainMemory() keeps none.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "voxel/base/plain_memory.h"

namespace voxeld {

template <typename T, size_t kMost = 256>
class Spares {
 public:
  // One that was given; null if there is none.
  std::unique_ptr<T> Take() {
    if (spares_.empty()) return nullptr;
    std::unique_ptr<T> spare = std::move(spares_.back());
    spares_.pop_back();
    return spare;
  }
  // `spare` is as good as new, but for its memory. Not null.
  void Give(std::unique_ptr<T> spare) {
    if (spares_.size() < kMost && !voxel::PlainMemory()) spares_.push_back(std::move(spare));
  }
  // Frees what is kept.
  void Trim() { spares_.clear(); }

 private:
  std::vector<std::unique_ptr<T>> spares_;
};

}  // namespace voxeld
