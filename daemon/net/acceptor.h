// Accepts connections on one listening socket, and survives running out of descriptors.
//
// Shedding:  with no descriptor left, a reserve is given up for a moment to accept and close those
//            who wait, so that they fail at once instead of hanging; accepting goes on as soon as
//            descriptors are free. It never spins. A descriptor numbered at or above `fd_ceiling`
//            means that too many are open (the system hands out the lowest free number), whoever
//            owns them: such a connection is closed at once, too.
// Threading: the poller's thread.
#pragma once

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "daemon/io/poller.h"
#include "daemon/io/unique_fd.h"
#include "daemon/stats/log.h"

namespace voxeld {

class Acceptor : public Poller::Handler {
 public:
  // `accepted` gets each connection: non-blocking, close-on-exec.
  using Accepted = absl::AnyInvocable<void(UniqueFd)>;
  // `listening` must stay open until Stop.
  Acceptor(Poller* poller, const Log* log, int listening, int fd_ceiling, Accepted accepted);

  // REQUIRES: held by a shared_ptr.
  absl::Status Start();
  void Stop();

  void OnReady(uint32_t events) override;
  void OnRoundEnd() override { OnReady(0); }

 private:
  void Shed();

  Poller* const poller_;
  const Log* const log_;
  const int listening_;
  const int fd_ceiling_;
  Accepted accepted_;
  UniqueFd reserve_;
  Poller::TimerId retry_;
  bool stopped_ = false;
  int64_t shed_ = 0;  // since the last log line
  Poller::Clock::time_point logged_{};
};

}  // namespace voxeld
