// How a poller hears what happens at descriptors, and takes bytes from them: epoll
// or io_uring.
//
// Events:    edges, as epoll reports them: whoever hears of one takes everything, or comes back by
//            itself. A descriptor's number is used again and again; `turn` says which use of it an
//            event is about.
// Threading: the thread that polls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace voxeld {

// What is done with a descriptor besides waiting for it. A socket to receive from may become a
// blocking one: whoever sends says MSG_DONTWAIT.
enum class FdUse : uint8_t { kWait, kReceive };

class EventSource {
 public:
  struct Event {
    int fd = -1;
    uint32_t turn = 0;
    uint32_t events = 0;  // EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR
  };
  // What a socket had.
  struct Received {
    std::string_view bytes;  // until the next Receive, of whichever descriptor, or EndRound
    // Without bytes: 0 once the peer has ended, EAGAIN if there is nothing just now, else what is
    // wrong.
    int error = 0;
    bool more = false;  // with bytes: there may be more
  };

  virtual ~EventSource() = default;

  // Tells of `events` from now on, and of what is there already. RESOURCE_EXHAUSTED if the system
  // refuses.
  virtual absl::Status Add(int fd, uint32_t turn, uint32_t events, FdUse use) = 0;
  // Whether an added socket is waited for to take more output.
  virtual void AwaitRoom(int fd, bool wanted) = 0;
  // REQUIRES: before `fd` is closed or given away.
  virtual void Remove(int fd) = 0;
  // Waits, -1: for ever. Returns how many of `events` were filled.
  virtual size_t Wait(int millis, absl::Span<Event> events) = 0;
  // All events of a round have been handled.
  virtual void EndRound() = 0;

  // REQUIRES: added for kReceive.
  virtual Received Receive(int fd) = 0;

  // What an epoll of somebody else's can wait for in place of Wait; -1: only the thread that
  // created it can.
  virtual int descriptor() const = 0;
};

}  // namespace voxeld
