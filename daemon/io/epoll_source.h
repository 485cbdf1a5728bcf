// Readiness by epoll, edge-triggered; bytes by recv.
//
// Threading: one thread at a time.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/io/event_source.h"
#include "daemon/io/unique_fd.h"

namespace voxeld {

class EpollSource final : public EventSource {
 public:
  static absl::StatusOr<std::unique_ptr<EventSource>> Create();

  absl::Status Add(int fd, uint32_t turn, uint32_t events, FdUse use) override;
  void AwaitRoom(int fd, bool wanted) override;
  void Remove(int fd) override;
  size_t Wait(int millis, absl::Span<Event> events) override;
  void EndRound() override {}
  Received Receive(int fd) override;
  int descriptor() const override { return epoll_.get(); }

 private:
  static constexpr size_t kBytes = 64 << 10;
  explicit EpollSource(UniqueFd epoll) : epoll_(std::move(epoll)), bytes_(new char[kBytes]) {}

  struct Waited {
    uint32_t turn = 0;
    uint32_t events = 0;
  };
  bool Control(int operation, int fd, uint32_t more);

  const UniqueFd epoll_;
  const std::unique_ptr<char[]> bytes_;  // every socket is read into it
  std::vector<Waited> waited_;           // by descriptor
};

}  // namespace voxeld
