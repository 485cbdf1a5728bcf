#include "clients/cli/json_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace voxctl {
namespace {

using Json = nlohmann::json;

Json Unavailable(const std::string& message) {
  return {{"code", -32000},
          {"message", message},
          {"data", {{"reason", ""}, {"field", ""}, {"grpc_code", "UNAVAILABLE"}}}};
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
  const std::string line = message.dump() + "\n";
  for (size_t sent = 0; sent < line.size();) {
    const ssize_t n = send(fd_, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    sent += static_cast<size_t>(n);
  }
  return true;
}

bool JsonSocket::Receive(Json* message, int also_fd, const std::function<bool()>& also,
                         int64_t id) {
  for (;;) {
    if (const size_t end = buffer_.find('\n'); end != std::string::npos) {
      *message = Json::parse(buffer_.substr(0, end), nullptr, /*allow_exceptions=*/false);
      buffer_.erase(0, end + 1);
      return message->is_object();
    }
    pollfd waiting[2] = {{fd_, POLLIN, 0}, {also_fd, POLLIN, 0}};
    if (poll(waiting, also_fd >= 0 ? 2 : 1, -1) < 0 && errno != EINTR) return false;
    if (waiting[1].revents != 0 && also()) {
      Send({{"jsonrpc", "2.0"}, {"method", "rpc.cancel"}, {"params", {{"id", id}}}});
    }
    if (waiting[0].revents == 0) continue;
    char bytes[65536];
    const ssize_t n = recv(fd_, bytes, sizeof bytes, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    buffer_.append(bytes, static_cast<size_t>(n));
  }
}

JsonSocket::Reply JsonSocket::Call(const std::string& method, const Json& params, int also_fd,
                                   const std::function<bool()>& also) {
  Reply reply;
  std::string problem;
  if (!Connect(&problem)) {
    reply.error = Unavailable(problem);
    return reply;
  }
  const int64_t id = ++last_id_;
  bool going = Send({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}});
  Json subscription;
  Json items = Json::array();
  for (Json message; going && (going = Receive(&message, also_fd, also, id));) {
    const Json& content = message.value("params", Json());
    if (message.value("method", "") == "rpc.item") {
      items.push_back(content.value("item", Json()));
    } else if (message.value("method", "") == "rpc.end") {
      reply.error = content.value("error", Json());
      if (reply.error.is_null()) reply.result = {{"items", items}};
      return reply;
    } else if (message.contains("error")) {
      reply.error = message["error"];
      return reply;
    } else if (message.value("result", Json()).contains("subscription")) {
      subscription = message["result"]["subscription"];  // the items follow
    } else if (message.contains("result")) {
      reply.result = message["result"];
      return reply;
    }
  }
  Close();
  reply.error = Unavailable("the connection to voxeld broke");
  return reply;
}

}  // namespace voxctl
