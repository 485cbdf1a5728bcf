// Dead objects of one type, kept to be used again with the memory that their strings and lists
// have: assigning to one costs no heap call once it has held as much before.
//
// Threading: every method from any thread; one short lock.
// Ownership: of what it holds. An object that was given back holds no references to others; what it
//            was lives on in it until it is assigned. Recyclers live for the process.
// Memory:    at most kMost objects; more are refused, and PlainMemory() refuses all.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "voxel/base/plain_memory.h"

namespace voxel {

// What the objects of revisions are bounded by: those that retire while a grace period of RCU goes
// by come back all at once. At 100,000 revisions a second these are some thousand, and several
// times that where the thread that waits for it has to wait for a processor.
inline constexpr size_t kMostRecycled = 16384;

// What all recyclers hold, without what hangs on the objects.
int64_t RecycledBytes();
// The most that it was at any time, to within kCountedTogether objects of each kind.
int64_t RecycledPeakBytes();
inline constexpr size_t kCountedTogether = 64;
// Deletes what all recyclers hold; returns how many bytes that were.
int64_t TrimRecycled();

namespace internal {

class AnyRecycler {
 public:
  virtual int64_t Bytes() const = 0;
  virtual int64_t Trim() = 0;

 protected:
  ~AnyRecycler() = default;
  void Register();  // from now on counted; once the object is whole
  // So many bytes more, or fewer, are held: for the peak.
  static void Count(int64_t bytes);

 private:
  friend int64_t voxel::RecycledBytes();
  friend int64_t voxel::TrimRecycled();
  AnyRecycler* next_ = nullptr;
};

}  // namespace internal

template <typename T, size_t kMost>
class Recycler final : public internal::AnyRecycler {
 public:
  Recycler() { Register(); }

  // Null if there is none.
  T* Take() {
    absl::MutexLock lock(&mu_);
    if (count_ == 0) return nullptr;
    if (count_ % kCountedTogether == 0) Count(-kStep);
    return objects_[--count_];
  }
  // False: the object is the caller's still, to be deleted.
  [[nodiscard]] bool Give(T* object) {
    if (PlainMemory()) return false;
    absl::MutexLock lock(&mu_);
    if (count_ == kMost) return false;
    objects_[count_++] = object;
    if (count_ % kCountedTogether == 0) Count(kStep);
    return true;
  }

  int64_t Bytes() const override {
    absl::MutexLock lock(&mu_);
    return static_cast<int64_t>(count_ * sizeof(T));
  }
  int64_t Trim() override {
    int64_t bytes = 0;
    for (T* object = Take(); object != nullptr; object = Take()) {
      delete object;
      bytes += static_cast<int64_t>(sizeof(T));
    }
    return bytes;
  }

 private:
  static constexpr auto kStep = static_cast<int64_t>(kCountedTogether * sizeof(T));

  mutable absl::Mutex mu_;
  std::array<T*, kMost> objects_ ABSL_GUARDED_BY(mu_);
  size_t count_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace voxel
