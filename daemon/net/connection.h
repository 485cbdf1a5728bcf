// What the front knows of a connection that it serves itself, whatever it speaks.
//
// Threading: the poller's thread.
#pragma once

#include "daemon/net/poller.h"

namespace voxeld {

class Connection : public Poller::Handler {
 public:
  // All that was asked for is answered and written.
  virtual bool idle() const = 0;
  // The daemon stops: what only waits ends, what runs goes on.
  virtual void Drain() = 0;
  // Asks everything that runs to stop; its errors are answered like any other.
  virtual void CancelAll() = 0;
};

}  // namespace voxeld
