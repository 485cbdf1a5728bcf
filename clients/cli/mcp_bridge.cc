#include "clients/cli/mcp_bridge.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "clients/cli/mcp_files.h"
#include "clients/cli/version.h"
#include "clients/mcp/actor.h"

namespace voxctl {
namespace {

using Json = nlohmann::json;

void Send(const Json& message) {
  const std::string line = mcp::Write(message) + "\n";
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

McpBridge::McpBridge(const voxapi::Api& api, std::string socket, const std::string& files,
                     std::string actor)
    : api_(&api),
      server_(mcp::MakeTools(api, FilesBelow(files)), Version()),
      actor_(std::move(actor)),
      socket_(std::move(socket)) {}

void McpBridge::ReadMore() {
  char bytes[65536];
  const ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
  if (n < 0 && errno == EINTR) return;
  ended_ = n <= 0;
  size_t unseen = input_.size();
  if (!ended_) input_.append(bytes, static_cast<size_t>(n));
  if (ended_ && !input_.empty()) input_ += '\n';
  size_t begin = 0;
  for (size_t end; (end = input_.find('\n', unseen)) != std::string::npos; unseen = begin) {
    const std::string line = input_.substr(begin, end - begin);
    if (line.find_first_not_of(" \t\r") != std::string::npos)
      waiting_.push_back(mcp::ReadMessage(line));
    begin = end + 1;
  }
  input_.erase(0, begin);
}

int McpBridge::Run() {
  for (;;) {
    while (waiting_.empty() && !ended_) ReadMore();
    if (waiting_.empty()) return 0;
    const mcp::Message message = std::move(waiting_.front());
    waiting_.pop_front();
    Handle(message);
  }
}

void McpBridge::Handle(const mcp::Message& message) {
  if (message.kind == mcp::Message::Kind::kNotification) return;
  if (message.kind == mcp::Message::Kind::kRefused)
    return Send(mcp::Reply(message.id, message.refusal));
  if (std::optional<std::string> name = mcp::Introduction(message)) client_name_ = *std::move(name);
  const mcp::CallMethod call = [&](const std::string& method, Json params, const mcp::Then& then) {
    then(Call(method, std::move(params), message.id));
  };
  server_.Answer(message, call,
                 [&](Json answer) { Send(mcp::Reply(message.id, std::move(answer))); });
}

Json McpBridge::Call(const std::string& method, Json params, const Json& id) {
  mcp::SetActor(api_->Find(method)->descriptor->input_type(),
                actor_.empty() ? client_name_ : actor_, &params);
  return socket_.Call(method, params, ended_ ? -1 : STDIN_FILENO,
                      [&] { return LookMeanwhile(id); });
}

JsonSocket::Look McpBridge::LookMeanwhile(const Json& id) {
  ReadMore();
  bool cancelled = false;
  std::deque<mcp::Message> left;
  for (mcp::Message& message : waiting_) {
    if (message.kind == mcp::Message::Kind::kRefused || message.method == "ping") {
      Handle(message);
    } else if (message.method == "notifications/cancelled" &&
               mcp::MemberOf(message.params, "requestId") == id) {
      cancelled = true;
    } else {
      left.push_back(std::move(message));
    }
  }
  waiting_ = std::move(left);
  if (cancelled) return JsonSocket::Look::kCancel;
  return ended_ ? JsonSocket::Look::kNoMore : JsonSocket::Look::kAgain;
}

}  // namespace voxctl
