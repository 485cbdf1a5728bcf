// A shared place that holds one immutable, reference-counted object: readers take a reference
// without ever waiting for the writer.
//
// Threading: Load from any thread. Store by one thread at a time.
// Ownership: the cell owns one reference. Load counts another one inside a read section, and the
//            cell's own is given up only after a grace period: no reader can revive an object whose
//            count has reached zero.
#pragma once

#include <atomic>

#include "daemon/runtime/rcu.h"
#include "voxel/base/ref_ptr.h"

namespace voxeld {

template <typename T>
class RcuCell {
 public:
  explicit RcuCell(voxel::RefPtr<const T> first) : object_(first.release()) {}
  ~RcuCell() { Drop(object_.load(std::memory_order_acquire)); }  // nobody may load any more
  RcuCell(const RcuCell&) = delete;
  RcuCell& operator=(const RcuCell&) = delete;

  voxel::RefPtr<const T> Load() const {
    RcuReadSection section;
    return voxel::RefPtr<const T>::Share(object_.load(std::memory_order_acquire));
  }

  // Calls fn(const T*) inside a read section and returns what it returns. `fn` must be quick and
  // must not keep the pointer.
  template <typename Fn>
  auto Read(Fn fn) const {
    RcuReadSection section;
    return fn(object_.load(std::memory_order_acquire));
  }

  void Store(voxel::RefPtr<const T> next) {
    // release: whoever loads the pointer sees the whole object behind it.
    const T* old = object_.exchange(next.release(), std::memory_order_acq_rel);
    if (old != nullptr) RcuRetire(const_cast<T*>(old), [](void* o) { Drop(static_cast<T*>(o)); });
  }

 private:
  static void Drop(const T* object) { voxel::RefPtr<const T>::Adopt(object); }

  std::atomic<const T*> object_;
};

}  // namespace voxeld
