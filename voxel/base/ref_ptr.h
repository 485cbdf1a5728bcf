// Intrusive reference counting for immutable, shared things (tree nodes, documents).
//
// Threading: counts are atomic; the pointed-to object must be immutable while it is shared.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace voxel {

// Base of T: `class Document : public RefCounted<Document>`. Starts with one reference, which
// MakeRef adopts. The last Unref deletes the object, or hands it to T::Recycle(T*) if there is one.
template <typename T>
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) {}  // a copy is a new object with a count of its own
  RefCounted& operator=(const RefCounted&) { return *this; }

  // The caller holds a reference already.
  void Ref() const { count_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() const {
    // acq_rel: what other owners wrote before they let go must be visible to the destructor.
    if (count_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    if constexpr (requires(T * object) { T::Recycle(object); }) {
      // Nobody else can have it any more.
      T::Recycle(const_cast<T*>(static_cast<const T*>(this)));
    } else {
      delete static_cast<const T*>(this);
    }
  }

 protected:
  ~RefCounted() = default;
  // One reference again. REQUIRES: there is none.
  void Revive() { count_.store(1, std::memory_order_relaxed); }

 private:
  mutable std::atomic<uint32_t> count_{1};
};

// Owns one reference.
template <typename T>
class RefPtr {
 public:
  RefPtr() = default;
  RefPtr(std::nullptr_t) {}  // NOLINT(google-explicit-constructor)
  RefPtr(const RefPtr& other) : ptr_(other.ptr_) {
    if (ptr_ != nullptr) ptr_->Ref();
  }
  // From RefPtr<T> to RefPtr<const T>.
  template <typename U, typename = std::enable_if_t<std::is_convertible_v<U*, T*>>>
  RefPtr(RefPtr<U> other) : ptr_(other.release()) {}  // NOLINT(google-explicit-constructor)
  RefPtr(RefPtr&& other) noexcept : ptr_(std::exchange(other.ptr_, nullptr)) {}
  RefPtr& operator=(RefPtr other) noexcept {
    std::swap(ptr_, other.ptr_);
    return *this;
  }
  ~RefPtr() {
    if (ptr_ != nullptr) ptr_->Unref();
  }

  static RefPtr Adopt(T* ptr) { return RefPtr(ptr); }  // takes over a reference the caller owns
  static RefPtr Share(T* ptr) {                        // takes a new one
    if (ptr != nullptr) ptr->Ref();
    return RefPtr(ptr);
  }
  T* release() { return std::exchange(ptr_, nullptr); }

  T* get() const { return ptr_; }
  T* operator->() const { return ptr_; }
  T& operator*() const { return *ptr_; }
  explicit operator bool() const { return ptr_ != nullptr; }
  friend bool operator==(const RefPtr& a, const RefPtr& b) { return a.ptr_ == b.ptr_; }

 private:
  explicit RefPtr(T* ptr) : ptr_(ptr) {}
  T* ptr_ = nullptr;
};

template <typename T, typename... Args>
RefPtr<T> MakeRef(Args&&... args) {
  return RefPtr<T>::Adopt(new T(std::forward<Args>(args)...));
}

}  // namespace voxel
