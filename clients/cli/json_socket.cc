#include "clients/cli/json_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "clients/mcp/message.h"

namespace voxctl {
namespace {

using Json = nlohmann::json;

Json Unavailable(const std::string& message) {
  return mcp::Error(-32000, message, {{"reason", ""}, {"field", ""}, {"grpc_code", "UNAVAILABLE"}});
}

}  // namespace

JsonSocket::~JsonSocket() { Close(); }

void JsonSocket::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
  buffer_.clear();
}

bool JsonSocket::Connect(std::string* problem) {
  if (fd_ >= 0) return true;
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof address.sun_path) {
    *problem = "the socket path " + path_ + " is longer than a socket path can be";
    return false;
  }
  std::memcpy(address.sun_path, path_.data(), path_.size());
  fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ >= 0 && connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0)
    return true;
  *problem = "voxeld is not running at " + path_ + " (" + std::generic_category().message(errno) +
             "); start it with: voxeld";
  Close();
  return false;
}

bool JsonSocket::Send(const Json& message) {
  const std::string line = message.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  for (size_t sent = 0; sent < line.size();) {
    const ssize_t n = send(fd_, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    sent += static_cast<size_t>(n);
  }
  return true;
}

void JsonSocket::Cancel(const mcp::RpcReply& call) {
  Send({{"jsonrpc", "2.0"}, {"method", "rpc.cancel"}, {"params", call.ToCancel()}});
}

bool JsonSocket::Receive(Json* message, Pending* call) {
  for (;;) {
    if (const size_t end = buffer_.find('\n'); end != std::string::npos) {
      *message = Json::parse(buffer_.substr(0, end), nullptr, /*allow_exceptions=*/false);
      buffer_.erase(0, end + 1);
      return message->is_object();
    }
    pollfd waiting[2] = {{fd_, POLLIN, 0}, {call->look_fd, POLLIN, 0}};
    if (poll(waiting, 2, -1) < 0) {  // it ignores a descriptor of -1
      if (errno == EINTR) continue;
      return false;
    }
    if (waiting[1].revents != 0) {
      const Look found = call->look();
      if (found == Look::kCancel) Cancel(call->reply);
      if (found == Look::kNoMore) call->look_fd = -1;
    }
    if (waiting[0].revents == 0) continue;
    char bytes[65536];
    const ssize_t n = recv(fd_, bytes, sizeof bytes, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    buffer_.append(bytes, static_cast<size_t>(n));
  }
}

Json JsonSocket::Call(const std::string& method, const Json& params, int look_fd,
                      const std::function<Look()>& look) {
  std::string problem;
  if (!Connect(&problem)) return Unavailable(problem);
  absl::Cleanup abandon = [this] { Close(); };
  Pending call{mcp::RpcReply(++last_id_), look_fd, look};
  const Json request = {
      {"jsonrpc", "2.0"}, {"id", last_id_}, {"method", method}, {"params", params}};
  if (!Send(request)) return Unavailable("the connection to voxeld broke");
  for (Json message; Receive(&message, &call);) {
    if (!call.reply.Take(message))
      return Unavailable("what voxeld answered does not belong to the call; try again");
    if (!call.reply.done()) continue;
    std::move(abandon).Cancel();
    return std::move(call.reply).Answer();
  }
  return Unavailable("the connection to voxeld broke");
}

}  // namespace voxctl
