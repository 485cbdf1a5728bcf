#include "daemon/io/epoll_source.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <system_error>

#include "voxel/base/check.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr size_t kEvents = 128;

}  // namespace

absl::StatusOr<std::unique_ptr<EventSource>> EpollSource::Create() {
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.ok()) {
    return absl::ResourceExhaustedError(
        voxel::StrCat("epoll: ", std::generic_category().message(errno)));
  }
  return std::unique_ptr<EventSource>(new EpollSource(std::move(epoll)));
}

bool EpollSource::Control(int operation, int fd, uint32_t more) {
  const Waited& waited = waited_[static_cast<size_t>(fd)];
  epoll_event event{waited.events | more | EPOLLET,
                    {.u64 = uint64_t{waited.turn} << 32 | static_cast<uint32_t>(fd)}};
  return epoll_ctl(epoll_.get(), operation, fd, &event) == 0;
}

absl::Status EpollSource::Add(int fd, uint32_t turn, uint32_t events, FdUse) {
  const auto index = static_cast<size_t>(fd);
  if (index >= waited_.size()) waited_.resize(std::max(index + 1, 2 * waited_.size()));
  waited_[index] = {turn, events};
  if (Control(EPOLL_CTL_ADD, fd, 0)) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      voxel::StrCat("epoll_ctl: ", std::generic_category().message(errno)));
}

void EpollSource::AwaitRoom(int fd, bool wanted) {
  VOXEL_CHECK(Control(EPOLL_CTL_MOD, fd, wanted ? uint32_t{EPOLLOUT} : 0u));
}

void EpollSource::Remove(int fd) { epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

size_t EpollSource::Wait(int millis, absl::Span<Event> events) {
  epoll_event ready[kEvents];
  const int count =
      epoll_wait(epoll_.get(), ready, static_cast<int>(std::min(kEvents, events.size())), millis);
  for (int i = 0; i < count; ++i) {
    const uint64_t tag = ready[i].data.u64;
    events[static_cast<size_t>(i)] = {static_cast<int>(static_cast<uint32_t>(tag)),
                                      static_cast<uint32_t>(tag >> 32), ready[i].events};
  }
  return static_cast<size_t>(std::max(count, 0));
}

EventSource::Received EpollSource::Receive(int fd) {
  for (;;) {
    const ssize_t count = recv(fd, bytes_.get(), kBytes, 0);
    if (count > 0) {
      const auto size = static_cast<size_t>(count);
      return {.bytes = {bytes_.get(), size}, .error = 0, .more = size == kBytes};
    }
    if (count == 0) return {};
    if (errno != EINTR) return {.bytes = {}, .error = errno, .more = false};
  }
}

}  // namespace voxeld
