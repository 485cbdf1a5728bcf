// What the front knows of a connection that it serves itself, whatever it speaks, and what all of
// them know of their socket.
//
// Layout:    a round with a thousand connections finds little of each in the cache. What every
//            event needs therefore stands in the connection's first cache line (kHotBytes), in
//            bases of its class whose size is checked; what is only needed now and then follows.
// Threading: the poller's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "daemon/io/poller.h"
#include "daemon/io/unique_fd.h"
#include "daemon/stats/log.h"

namespace voxeld {

inline constexpr size_t kHotBytes = 64;  // a cache line

class alignas(kHotBytes) Connection : public Poller::Handler {
 public:
  // All that was asked for is answered and written.
  virtual bool idle() const = 0;
  // The daemon stops: what only waits ends, what runs goes on.
  virtual void Drain() = 0;
  // Asks everything that runs to stop; its errors are answered like any other.
  virtual void CancelAll() = 0;

 protected:
  explicit Connection(UniqueFd fd) : fd_(std::move(fd)) {}

  // Takes note of what the poller says.
  void Hear(uint32_t events);
  // Why it is closed that lets so many bytes pile up.
  static void LogUnread(const Log& log, size_t bytes);

  bool bytes_left_ = false;   // the socket may hold bytes that were not read
  bool hangup_seen_ = false;  // the peer closed its sending side: a short read is not the end
  bool peer_gone_ = false;
  UniqueFd fd_;
};

}  // namespace voxeld
