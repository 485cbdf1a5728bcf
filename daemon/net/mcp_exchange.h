// One POST to /mcp on its way: the messages of its body, the tools they ask for, the answer.
//
// Data flow: body -> messages -> mcp::Server -> a tool -> each of its calls as a line of JSON-RPC
//            -> a JsonSession, which takes it as if it had come over a socket -> the reply -> the
//            tool goes on -> the answer. What a call needs (admission, scopes, order, statistics)
//            is thereby what it is for every other call.
// Threading: the poller's thread, which also carries the calls. Reading, writing and what tools do
//            between their calls happens on workers; there is one step at a time. A ping that no
//            worker can take is answered on the poller's thread.
// Ownership: McpDoor's, from Start to the answer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "clients/mcp/http_headers.h"
#include "clients/mcp/message.h"
#include "clients/mcp/tools.h"
#include "daemon/net/json_session.h"
#include "daemon/net/mcp_door.h"

namespace voxeld {

// What an HTTP request to /mcp says.
struct McpRequest {
  JsonCaller caller;
  std::string body;
  std::string session;  // Mcp-Session-Id; empty: none
  mcp::HttpHeaders headers;
};

// What to answer.
struct McpReply {
  int status = 200;
  std::string body;     // JSON; empty: none
  std::string session;  // the id of a session that this began; empty: none
  int64_t retry_after_ms = 0;
};

// The JSON-RPC error of a request that is refused before its messages are read.
McpReply RefusalOf(const absl::Status& status);

class McpExchange : public std::enable_shared_from_this<McpExchange> {
 public:
  McpExchange(McpDoor* door, McpRequest request);

  // `answered` runs once, perhaps before this returns. REQUIRES: held by a shared_ptr.
  using Answered = absl::AnyInvocable<void(McpReply)>;
  void Start(Answered answered);
  // Asks the call that runs, and those to come, to stop; streams end with `why`.
  void Cancel(const absl::Status& why);
  // The same for what belongs to the request of that id ("7", "\"a\""), whether it has begun or is
  // still to come.
  void CancelRequest(const std::string& id);
  // The client went: that cancels, but not before revision 2026-07-28, in which it has to say so.
  void PeerGone();
  const std::string& session() const { return request_.session; }

 private:
  using Json = nlohmann::json;

  // On workers, but for a lone ping.
  void Read();
  void Next();
  void Answer(const mcp::Message& request);
  void TakeAnswer(const mcp::Message& request, Json answer);
  void TakeNotification(const mcp::Message& notification);
  void Call(const std::string& method, Json params, const mcp::Then& then);
  void Heard(const std::string& lines);
  void Count(const std::string& method, const Json& answer) const;
  void Refuse(const Json& id, const Json& answer);
  void Finish(McpReply reply);

  // On the poller's thread.
  absl::Status FindSession();
  void Ask(std::string request_id);
  void Wake();
  void Advance();
  void End(McpReply reply);

  McpDoor* const door_;
  McpRequest request_;  // the body until it is read
  const bool modern_;
  std::string session_version_;  // of the protocol; empty without a session

  // Of the step that runs.
  std::string client_;  // who makes the changes
  bool batch_ = false;
  std::vector<mcp::Message> messages_;
  size_t next_ = 0;  // message
  Json replies_ = Json::array();
  int status_ = 200;
  std::optional<McpSession> begins_;  // by `initialize`
  std::string line_;                  // the call that is to be made
  mcp::Then then_;                    // takes its answer

  // The poller's.
  Answered answered_;
  std::string running_id_;
  std::shared_ptr<JsonSession> session_;  // that of the calls
  std::string heard_;                     // what it said
  bool woken_ = false;
  absl::Status cancelled_;                  // why; OK: it is not
  std::vector<std::string> cancelled_ids_;  // of requests
};

}  // namespace voxeld
