// One HTTP/1.1 connection: health and metrics pages, unary methods by the Connect protocol, and
// MCP's streamable HTTP. Requests that are sent ahead are answered one after the other.
//
//   GET    /healthz /readyz /metrics
//   POST   /voxeld.v1.VoxelService/Get    JSON in, JSON out
//   POST   /mcp                           JSON-RPC messages of MCP; DELETE ends a session
//
// Browsers:  a page of another site must not reach the daemon through its visitor: requests with an
//            Origin that is not this machine's are refused, and over TCP those with a Host that is
//            not, too (a name that was made to point here).
// Threading: the poller's thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "daemon/net/byte_connection.h"
#include "daemon/net/http_door.h"
#include "daemon/net/json_session.h"
#include "daemon/net/mcp_exchange.h"
#include "daemon/net/unary_call.h"
#include "daemon/wire/http_parser.h"
#include "daemon/wire/http_reply.h"

namespace voxeld {

class HttpConnection : public ByteConnection, public UnaryCallOwner {
 public:
  // `peer` is who is there; `tcp`: it did not come over the Unix socket.
  HttpConnection(HttpDoor* door, UniqueFd fd, std::string peer, bool tcp,
                 absl::AnyInvocable<void()> closed);

  void CancelAll() override;
  void CallEnded(UnaryCall* call) override;

 protected:
  size_t Take(std::string_view bytes) override;
  bool MayTake() const override;
  void Work(bool) override {}
  bool Busy() const override { return call_ != nullptr || exchange_ != nullptr; }
  bool Partial(size_t) const override { return !Busy() && parser_ != nullptr && parser_->begun(); }
  void TooSlow() override;
  void PeerGone() override;
  const Log& log() const override { return *door_->calls->log; }

 private:
  enum class Page : uint8_t { kMethod, kMetrics };

  // The parser of the request that is begun or next.
  HttpParser& parser();
  void Handle(const HttpRequest& request);
  bool FromThisMachine(const HttpRequest& request) const;
  // Finds out who asks, as the token names them, or the connection. TokenGuard's errors.
  absl::Status Identify(const HttpRequest& request);
  void HandleGet(const HttpRequest& request);
  void HandleMethod(const HttpRequest& request);
  // The method is set as soon as it is known.
  absl::Status PrepareMethod(const HttpRequest& request, const Method** method);
  void HandleMcp(const HttpRequest& request);
  void EndMcpSession(const HttpRequest& request);
  void Exchanged(const McpReply& reply);
  void StartMetrics(const HttpRequest& request);
  void Run(Page page);
  void Answer(HttpReply reply);
  void Refuse(const Method* method, std::string_view name, Door door, const absl::Status& status);
  void AnswerText(int status, std::string_view text, std::string_view more_headers = {});
  void AnswerError(const absl::Status& status);

  HttpDoor* const door_;
  const std::string peer_;
  const bool tcp_;
  std::unique_ptr<HttpParser> parser_;  // null between requests
  bool keep_alive_ = true;              // of the request that is being answered
  bool head_ = false;
  JsonCaller caller_{.peer = {}, .door = Door::kMcp};  // of it
  Page page_ = Page::kMethod;
  std::unique_ptr<UnaryCall> call_;
  std::shared_ptr<McpExchange> exchange_;
};

}  // namespace voxeld
