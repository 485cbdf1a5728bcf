// A queue in one array that is used round and round. Its places keep what stood in them, so that an
// element with strings is assigned to, not made anew: once the ring has been full, adding costs no
// heap call.
//
// Threading: a value; none of its own.
// Ownership: what is popped lives on in its place until that is used again. Who holds references
//            takes them out first.
// Cost:      as std::deque; growing moves all elements.
#pragma once

#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace voxeld {

template <typename T>
class Ring {
  template <typename Owner, typename Element>
  class Iterator {
   public:
    using iterator_category = std::random_access_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = Element*;
    using reference = Element&;

    Iterator() = default;
    Iterator(Owner* ring, std::ptrdiff_t at) : ring_(ring), at_(at) {}
    reference operator*() const { return (*ring_)[static_cast<size_t>(at_)]; }
    pointer operator->() const { return &**this; }
    reference operator[](difference_type n) const { return *(*this + n); }
    Iterator& operator+=(difference_type n) {
      at_ += n;
      return *this;
    }
    Iterator& operator-=(difference_type n) { return *this += -n; }
    Iterator& operator++() { return *this += 1; }
    Iterator& operator--() { return *this -= 1; }
    Iterator operator++(int) { return std::exchange(*this, *this + 1); }
    Iterator operator--(int) { return std::exchange(*this, *this - 1); }
    friend Iterator operator+(Iterator i, difference_type n) { return i += n; }
    friend Iterator operator-(Iterator i, difference_type n) { return i -= n; }
    friend difference_type operator-(Iterator a, Iterator b) { return a.at_ - b.at_; }
    friend bool operator==(Iterator a, Iterator b) { return a.at_ == b.at_; }
    friend auto operator<=>(Iterator a, Iterator b) { return a.at_ <=> b.at_; }

   private:
    Owner* ring_ = nullptr;
    std::ptrdiff_t at_ = 0;
  };

 public:
  using value_type = T;
  using iterator = Iterator<Ring, T>;
  using const_iterator = Iterator<const Ring, const T>;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](size_t i) { return places_[(first_ + i) & (places_.size() - 1)]; }
  const T& operator[](size_t i) const { return places_[(first_ + i) & (places_.size() - 1)]; }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }
  const T& back() const { return (*this)[size_ - 1]; }
  iterator begin() { return {this, 0}; }
  iterator end() { return {this, static_cast<std::ptrdiff_t>(size_)}; }
  const_iterator begin() const { return {this, 0}; }
  const_iterator end() const { return {this, static_cast<std::ptrdiff_t>(size_)}; }

  // One more element at the back, which says whatever its place said before: to be assigned.
  T& Grow() {
    if (size_ == places_.size()) Widen();
    ++size_;
    return back();
  }
  void push_back(T value) { Grow() = std::move(value); }
  void pop_front() {
    first_ = (first_ + 1) & (places_.size() - 1);
    --size_;
  }
  void pop_back() { --size_; }
  // Empty, without memory.
  void clear() { *this = Ring(); }

 private:
  void Widen() {
    std::vector<T> wider(places_.empty() ? 4 : 2 * places_.size());
    for (size_t i = 0; i < size_; ++i) wider[i] = std::move((*this)[i]);
    places_ = std::move(wider);
    first_ = 0;
  }

  std::vector<T> places_;  // a power of two of them
  size_t first_ = 0;
  size_t size_ = 0;
};

}  // namespace voxeld
