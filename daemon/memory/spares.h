// Objects of one kind that are not needed just now, kept for whoever needs one next with the memory
// that they have.
//
// Threading: one thread at a time.
// Memory:    at most kMost objects; PlainMemory() keeps none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "voxel/base/plain_memory.h"
#include "voxel/base/pool_counts.h"

namespace voxeld {

template <typename T, size_t kMost = 256>
class Spares {
 public:
  // One that was given; null if there is none.
  std::unique_ptr<T> Take() {
    counts_.Take(!spares_.empty());
    if (spares_.empty()) return nullptr;
    std::unique_ptr<T> spare = std::move(spares_.back());
    spares_.pop_back();
    Keep(-1);
    return spare;
  }
  // `spare` is as good as new, but for its memory. Not null.
  void Give(std::unique_ptr<T> spare) {
    if (spares_.size() == kMost || voxel::PlainMemory()) return;
    spares_.push_back(std::move(spare));
    Keep(1);
  }
  // Frees what is kept.
  void Trim() {
    Keep(-static_cast<int64_t>(spares_.size()));
    spares_.clear();
  }

  // Whoever took one may end with it: those in use are not counted. Any thread.
  const voxel::PoolCounts& counts() const { return counts_; }

 private:
  void Keep(int64_t count) { counts_.Keep(count, count * static_cast<int64_t>(sizeof(T))); }

  std::vector<std::unique_ptr<T>> spares_;
  voxel::PoolCounts counts_;
};

}  // namespace voxeld
