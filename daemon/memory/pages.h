// An array that grows by doubling, from slab blocks and then from whole pages: no heap call.
//
// Threading: a value; none of its own.
// Units:     elements; all of them begin as zero bytes.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace voxeld {

// Zeroed memory of at least `bytes`, which Release gives back with the same `bytes`. Never null: a
// machine out of memory aborts here. Threading: any thread.
void* TakePages(size_t bytes);
void GivePages(void* pages, size_t bytes);

template <typename T>
class Pages {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Pages() = default;
  explicit Pages(size_t size)
      : elements_(static_cast<T*>(TakePages(size * sizeof(T)))), size_(size) {}
  ~Pages() {
    if (size_ > 0) GivePages(elements_, size_ * sizeof(T));
  }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  Pages(Pages&& other) noexcept { *this = std::move(other); }
  Pages& operator=(Pages&& other) noexcept {
    std::swap(elements_, other.elements_);
    std::swap(size_, other.size_);
    return *this;
  }

  size_t size() const { return size_; }
  T& operator[](size_t i) { return elements_[i]; }
  const T& operator[](size_t i) const { return elements_[i]; }
  T* begin() const { return elements_; }
  T* end() const { return elements_ + size_; }

 private:
  T* elements_ = nullptr;
  size_t size_ = 0;
};

}  // namespace voxeld
