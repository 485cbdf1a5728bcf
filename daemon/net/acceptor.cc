#include "daemon/net/acceptor.h"

#include <system_error>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr int kPerRound = 64;  // then others get their turn
constexpr absl::Duration kRetry = absl::Milliseconds(100);

UniqueFd OpenReserve() { return UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

}  // namespace

Acceptor::Acceptor(Poller* poller, const Log* log, int listening, int fd_ceiling, Accepted accepted)
    : poller_(poller),
      log_(log),
      listening_(listening),
      fd_ceiling_(fd_ceiling),
      accepted_(std::move(accepted)),
      reserve_(OpenReserve()) {}

absl::Status Acceptor::Start() { return poller_->Watch(listening_, EPOLLIN, shared_from_this()); }

void Acceptor::Stop() {
  if (stopped_) return;
  stopped_ = true;
  poller_->Cancel(retry_);
  poller_->Remove(listening_);
}

void Acceptor::OnReady(uint32_t) {
  if (stopped_) return;
  for (int i = 0; i < kPerRound; ++i) {
    UniqueFd fd(accept4(listening_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.ok() && fd.get() < fd_ceiling_) {
      accepted_(std::move(fd));
    } else if (fd.ok()) {
      ++shed_;
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      return Shed();
    } else if (errno == EAGAIN) {
      return;
    }
    // Anything else (EINTR, ECONNABORTED, ...) belongs to that one connection.
  }
  poller_->AtRoundEnd(*this);
}

void Acceptor::Shed() {
  const int error = errno;
  if (reserve_.ok()) {
    reserve_.Reset();
    for (int i = 0; i < kPerRound; ++i) {
      UniqueFd fd(accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC));
      if (!fd.ok()) break;
      ++shed_;
    }
  }
  if (!reserve_.ok()) reserve_ = OpenReserve();
  // The next connection brings no new edge if some are left, and no descriptor tells us when it is
  // freed.
  if (retry_ == Poller::TimerId{}) {
    retry_ = poller_->After(kRetry, [this, self = shared_from_this()] {
      retry_ = {};
      OnReady(0);
    });
  }
  if (Poller::Clock::now() - logged_ < std::chrono::seconds(1)) return;
  log_->Warning(voxel::StrCat("accept: ", std::generic_category().message(error), "; shed ", shed_,
                              " connections"));
  logged_ = Poller::Clock::now();
  shed_ = 0;
}

}  // namespace voxeld
