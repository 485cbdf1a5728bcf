// A bounded queue for many producers and many consumers, without a lock and without a heap call.
//
// Structure: a ring of places, each with the number of the turn it waits for: whoever finds its own
//            turn there and moves the queue's end on has the place to itself. Elements stand in
//            their places, close together: that both ends rarely meet on one line is worth less
//            than a ring that stays in the cache.
// Threading: TryPush, TryPop and size from any thread. None of them waits for another thread; one
//            that is interrupted between its two steps delays only those who come to its place.
//            One that loses a turn stands aside for some hundred ns, at most some us, before it
//            tries again: see Aside.
// Order:     elements are popped in the order in which their producers got their places.
// Source:    Dmitry Vyukov, "Bounded MPMC queue", 1024cores.net.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <utility>

namespace voxeld {

template <typename T>
class MpmcQueue {
 public:
  // Room for `capacity` elements, rounded up to a power of two, at least 2.
  explicit MpmcQueue(size_t capacity)
      : mask_(std::bit_ceil(capacity < 2 ? size_t{2} : capacity) - 1),
        places_(new Place[mask_ + 1]) {
    for (size_t i = 0; i <= mask_; ++i) places_[i].turn.store(i, std::memory_order_relaxed);
  }
  MpmcQueue(const MpmcQueue&) = delete;
  MpmcQueue& operator=(const MpmcQueue&) = delete;

  // Moves `element` in; false, and it is untouched, if the queue is full.
  [[nodiscard]] bool TryPush(T& element) {
    size_t at = tail_.load(std::memory_order_relaxed);
    for (Aside aside;; at = aside.Load(tail_)) {
      Place& place = places_[at & mask_];
      // acquire: whoever emptied the place has let go of it.
      const size_t turn = place.turn.load(std::memory_order_acquire);
      if (turn == at) {
        if (tail_.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {
          place.element = std::move(element);
          place.turn.store(at + 1, std::memory_order_release);  // the element is there
          return true;
        }
      } else if (turn < at) {
        return false;
      }
    }
  }

  // Moves the oldest element to `element`; false if there is none.
  [[nodiscard]] bool TryPop(T& element) {
    size_t at = head_.load(std::memory_order_relaxed);
    for (Aside aside;; at = aside.Load(head_)) {
      Place& place = places_[at & mask_];
      const size_t turn = place.turn.load(std::memory_order_acquire);  // see the element
      if (turn == at + 1) {
        if (head_.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {
          element = std::move(place.element);
          place.turn.store(at + mask_ + 1, std::memory_order_release);  // the place is free
          return true;
        }
      } else if (turn < at + 1) {
        return false;
      }
    }
  }

  // About how many there are: exact if nobody pushes or pops meanwhile.
  size_t size() const {
    const size_t head = head_.load(std::memory_order_relaxed);
    const size_t tail = tail_.load(std::memory_order_relaxed);
    return tail > head ? tail - head : 0;
  }
  size_t capacity() const { return mask_ + 1; }

 private:
  static constexpr size_t kLine = 64;

  struct Place {
    std::atomic<size_t> turn;
    T element;
  };

  // Who lost a turn of an end lets the winner be, for twice as long each time. An end that several
  // cores fight for is on its way between them most of the time, which costs each of them many
  // times what a turn does (40 ns over 4 and more); left alone, the winner goes on for a hundred
  // turns, the loser comes to an end that nobody holds, and more of them are made in all.
  class Aside {
   public:
    // Where `end` is after a while.
    size_t Load(const std::atomic<size_t>& end) {
      for (int i = 0; i < pauses_; ++i) Pause();
      pauses_ = std::min(pauses_ * 2, kMost);
      return end.load(std::memory_order_relaxed);
    }

   private:
    static constexpr int kLeast = 8;  // takes about what a line does from core to core
    static constexpr int kMost = 128;

    static void Pause() {
#if defined(__x86_64__)
      __builtin_ia32_pause();
#elif defined(__aarch64__)
      asm volatile("isb");  // `yield` is a nop on most
#endif
    }

    int pauses_ = kLeast;
  };

 public:
  static constexpr size_t kPlaceBytes = sizeof(Place);

 private:
  const size_t mask_;
  const std::unique_ptr<Place[]> places_;
  // Apart, so that producers and consumers do not take each other's lines.
  alignas(kLine) std::atomic<size_t> tail_{0};
  alignas(kLine) std::atomic<size_t> head_{0};
};

}  // namespace voxeld
