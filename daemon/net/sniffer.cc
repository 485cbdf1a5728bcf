#include "daemon/net/sniffer.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <string>

#include "absl/strings/ascii.h"
#include "daemon/wire/jsonrpc.h"
#include "daemon/wire/status_map.h"
#include "voxel/base/error.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

struct Opening {
  std::string_view bytes;
  Protocol protocol;
};
// What a connection may begin with that one letter does not tell.
constexpr Opening kOpenings[] = {
    {"PRI ", Protocol::kGrpc},      {"GET /", Protocol::kHttp},    {"HEAD /", Protocol::kHttp},
    {"POST /", Protocol::kHttp},    {"PUT /", Protocol::kHttp},    {"PATCH /", Protocol::kHttp},
    {"DELETE /", Protocol::kHttp},  {"TRACE /", Protocol::kHttp},  {"OPTIONS /", Protocol::kHttp},
    {"OPTIONS *", Protocol::kHttp}, {"GET http", Protocol::kHttp}, {"POST http", Protocol::kHttp},
};
constexpr size_t kEnoughBytes = 9;

}  // namespace

Protocol Sniff(std::string_view first_bytes) {
  if (first_bytes.empty()) return Protocol::kUndecided;
  if (std::string_view("{[ \t\r\n").find(first_bytes[0]) != std::string_view::npos) {
    return Protocol::kJsonRpc;
  }
  if (first_bytes[0] == '*') return Protocol::kResp;
  for (const Opening& opening : kOpenings) {
    if (first_bytes.starts_with(opening.bytes)) return opening.protocol;
    if (opening.bytes.starts_with(first_bytes)) return Protocol::kUndecided;
  }
  return absl::ascii_isalpha(static_cast<unsigned char>(first_bytes[0])) ? Protocol::kResp
                                                                         : Protocol::kUnknown;
}

Sniffer::Sniffer(Poller* poller, UniqueFd fd, absl::Duration patience,
                 absl::AnyInvocable<bool()> may_wait, Decided decided)
    : poller_(poller),
      fd_(std::move(fd)),
      patience_(patience),
      may_wait_(std::move(may_wait)),
      decided_(std::move(decided)) {}

void Sniffer::Start() {
  if (!poller_->Watch(fd_.get(), EPOLLIN | EPOLLRDHUP, shared_from_this()).ok()) {
    fd_.Reset();
    return decided_({}, Protocol::kUnknown);
  }
  SetTimer();
}

void Sniffer::SetTimer() {
  timer_ = poller_->After(patience_, [this] {
    timer_ = {};
    if (!begun_ && may_wait_()) return SetTimer();
    Finish(Protocol::kUnknown);
  });
}

void Sniffer::OnReady(uint32_t events) {
  if (!fd_.ok()) return;
  char bytes[kEnoughBytes];
  const ssize_t count = recv(fd_.get(), bytes, sizeof bytes, MSG_PEEK);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    poller_->Cancel(timer_);
    poller_->Remove(fd_.get());
    fd_.Reset();
    return decided_({}, Protocol::kUnknown);
  }
  begun_ = true;
  Protocol protocol = Sniff({bytes, static_cast<size_t>(count)});
  // No more bytes will come to decide by.
  const bool ended = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  if (protocol == Protocol::kUndecided && ended) protocol = Protocol::kUnknown;
  if (protocol != Protocol::kUndecided) Finish(protocol);
}

void Sniffer::Finish(Protocol protocol) {
  poller_->Cancel(timer_);
  poller_->Remove(fd_.get());  // before the descriptor is given away
  decided_(std::move(fd_), protocol);
}

void RefuseProtocol(int fd, std::string_view spoken) {
  const absl::Status status =
      voxel::Error(voxel::Reason::MALFORMED_MESSAGE,
                   voxel::StrCat("this socket speaks ", spoken, "; this was something else"));
  std::string line;
  AppendError("null", JsonRpcCode(status), status, &line);
  line.push_back('\n');
  (void)send(fd, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace voxeld
