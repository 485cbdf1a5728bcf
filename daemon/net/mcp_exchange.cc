#include "daemon/net/mcp_exchange.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "clients/mcp/actor.h"
#include "clients/mcp/rpc_reply.h"
#include "clients/mcp/server.h"
#include "daemon/net/call_log.h"
#include "daemon/wire/jsonrpc.h"
#include "daemon/wire/status_map.h"
#include "voxel/base/error.h"
#include "voxel/base/retry_later.h"
#include "voxel/base/status_macros.h"

namespace voxeld {
namespace {

using Json = nlohmann::json;

constexpr int64_t kCallId = 1;
constexpr size_t kStreamBytes = 1 << 20;  // taken of streams at once

int CodeOf(const Json& answer) { return answer["error"]["code"].get<int>(); }

voxel::Reason ReasonOfCode(int code) {
  if (code == mcp::kParseError) return voxel::Reason::MALFORMED_MESSAGE;
  return code == mcp::kMethodNotFound ? voxel::Reason::METHOD_NOT_FOUND
                                      : voxel::Reason::INVALID_FIELD;
}

// Of an exchange, that nobody can make it keep much: as many ids of cancelled requests as a batch
// has messages by far, and of no more bytes than an id needs.
constexpr size_t kMostCancelled = 256;
constexpr size_t kMostIdBytes = 256;

// Of a ping that is read without a worker.
constexpr size_t kMostPingBytes = 1024;

bool IsPing(const std::string& body) {
  if (body.size() > kMostPingBytes) return false;
  Json refusal;
  const Json json = mcp::ReadJson(body, &refusal);
  return json.is_object() && mcp::ReadMessage(json).method == "ping";
}

absl::Status Cancelled() {
  return voxel::Error(voxel::Reason::CALL_CANCELLED, "the client cancelled its request");
}

}  // namespace

McpReply RefusalOf(const absl::Status& status) {
  McpReply reply{.status = HttpStatus(status),
                 .body = {},
                 .session = {},
                 .retry_after_ms = voxel::RetryAfterMs(status)};
  AppendError("null", JsonRpcCode(status), status, &reply.body);
  return reply;
}

McpExchange::McpExchange(McpDoor* door, McpRequest request)
    : door_(door), request_(std::move(request)), modern_(request_.headers.modern()) {}

void McpExchange::Start(Answered answered) {
  answered_ = std::move(answered);
  door_->exchanges.insert(shared_from_this());
  absl::Status status = FindSession();
  if (status.ok()) {
    status = door_->json->dispatcher->RunOnWorker(request_.caller.peer,
                                                  [self = shared_from_this()] { self->Read(); });
    const bool overloaded = voxel::HasReason(status, voxel::Reason::OVERLOADED);
    if (overloaded && IsPing(request_.body)) return Read();
  }
  if (status.ok()) return;
  door_->json->dispatcher->CountRefused(nullptr, Door::kMcp, status);
  LogFailedCall(*door_->json->log, "-", request_.caller.peer, status);
  End(RefusalOf(status));
}

absl::Status McpExchange::FindSession() {
  if (modern_ || request_.session.empty()) return absl::OkStatus();
  VOXEL_ASSIGN_OR_RETURN(const McpSession session,
                         door_->sessions.Use(request_.session, request_.caller.peer));
  client_ = session.client;
  session_version_ = session.version;
  return absl::OkStatus();
}

void McpExchange::Read() {
  Json refusal;
  const Json json = mcp::ReadJson(request_.body, &refusal);
  request_.body = {};
  if (!refusal.is_null()) return Refuse(nullptr, refusal);
  batch_ = json.is_array();
  if (!batch_) {
    const mcp::Message& message = messages_.emplace_back(mcp::ReadMessage(json));
    if (message.kind == mcp::Message::Kind::kRefused) return Refuse(message.id, message.refusal);
    if (const Json fault = mcp::HeaderFault(request_.headers, message); !fault.is_null()) {
      return Refuse(message.id, fault);
    }
    return Next();
  }
  if (const std::string fault = mcp::BatchFault(request_.headers, session_version_, json,
                                                static_cast<size_t>(door_->limits.max_batch));
      !fault.empty()) {
    return Refuse(nullptr, mcp::Error(mcp::kInvalidRequest, fault));
  }
  for (const Json& entry : json) messages_.push_back(mcp::ReadMessage(entry));
  Next();
}

void McpExchange::Next() {
  while (next_ < messages_.size()) {
    const mcp::Message& message = messages_[next_++];
    if (message.kind == mcp::Message::Kind::kRequest) return Answer(message);
    if (message.kind == mcp::Message::Kind::kNotification) {
      TakeNotification(message);
    } else {
      Count("-", message.refusal);
      replies_.push_back(mcp::Reply(message.id, message.refusal));
    }
  }
  if (replies_.empty()) return Finish({.status = 202, .body = {}, .session = {}});
  Finish({.status = status_, .body = mcp::Write(batch_ ? replies_ : replies_[0]), .session = {}});
}

void McpExchange::Answer(const mcp::Message& request) {
  if (batch_ && request.method == "initialize") {
    return TakeAnswer(request,
                      mcp::Error(mcp::kInvalidRequest, "initialize must not be part of a batch"));
  }
  if (std::optional<std::string> name = mcp::Introduction(request)) client_ = *std::move(name);
  if (request.method == "ping") return TakeAnswer(request, mcp::Pong(request));
  const auto self = shared_from_this();
  door_->server().Answer(
      request,
      [self](const std::string& method, Json params, const mcp::Then& then) {
        self->Call(method, std::move(params), then);
      },
      [self, &request](Json answer) { self->TakeAnswer(request, std::move(answer)); });
}

void McpExchange::TakeAnswer(const mcp::Message& request, Json answer) {
  if (answer.contains("error")) {
    Count(request.method.substr(0, 80), answer);
  } else if (request.method == "initialize" && !modern_) {
    begins_ = McpSession{.peer = request_.caller.peer,
                         .client = client_,
                         .version = answer["result"]["protocolVersion"].get<std::string>()};
  }
  if (!batch_) status_ = mcp::HttpStatusOf(answer, modern_);
  replies_.push_back(mcp::Reply(request.id, std::move(answer)));
  if (next_ == messages_.size()) return Next();
  // Not from here: a batch would be a stack as deep as it is long.
  door_->json->pool->Post([self = shared_from_this()] { self->Next(); });
}

// Without a session nobody knows whose request it means.
void McpExchange::TakeNotification(const mcp::Message& notification) {
  if (modern_ || notification.method != "notifications/cancelled" || request_.session.empty()) {
    return;
  }
  door_->json->poller->Post([door = door_, session = request_.session,
                             id = mcp::Write(mcp::MemberOf(notification.params, "requestId"))] {
    door->Cancel(session, id);
  });
}

void McpExchange::Call(const std::string& method, Json params, const mcp::Then& then) {
  const Method* found = door_->json->dispatcher->methods().FindByName(method);
  mcp::SetActor(found->descriptor->input_type(), client_, &params);
  line_ = mcp::Write(
      {{"jsonrpc", "2.0"}, {"id", kCallId}, {"method", method}, {"params", std::move(params)}});
  then_ = then;
  door_->json->poller->Post(
      [self = shared_from_this(), id = mcp::Write(messages_[next_ - 1].id)]() mutable {
        self->Ask(std::move(id));
      });
}

void McpExchange::Ask(std::string request_id) {
  running_id_ = std::move(request_id);
  if (session_ == nullptr) {
    session_ =
        std::make_shared<JsonSession>(door_->json, request_.caller, [weak = weak_from_this()] {
          if (const auto self = weak.lock()) self->Wake();
        });
  }
  session_->TakeLine(line_);
  line_ = {};
  if (!cancelled_.ok()) {
    session_->CancelAll(cancelled_);
  } else if (absl::c_linear_search(cancelled_ids_, running_id_)) {
    session_->CancelAll(Cancelled());
  }
  Advance();
}

// Once for all that happens until then; the session may be in the middle of something.
void McpExchange::Wake() {
  if (std::exchange(woken_, true)) return;
  door_->json->poller->Post([self = shared_from_this()] {
    self->woken_ = false;
    self->Advance();
  });
}

void McpExchange::Advance() {
  if (session_ == nullptr) return;
  session_->Work(true, &heard_);
  if (session_->streams_ready()) session_->Pump(kStreamBytes, &heard_);
  if (session_->streams_ready()) Wake();
  if (heard_.empty() || !session_->idle()) return;
  running_id_ = {};
  door_->json->pool->Post(
      [self = shared_from_this(), lines = std::exchange(heard_, {})] { self->Heard(lines); });
}

void McpExchange::Heard(const std::string& lines) {
  mcp::RpcReply reply(kCallId);
  for (size_t begin = 0, end; (end = lines.find('\n', begin)) != lines.npos; begin = end + 1) {
    reply.Take(Json::parse(lines.begin() + static_cast<int64_t>(begin),
                           lines.begin() + static_cast<int64_t>(end), nullptr,
                           /*allow_exceptions=*/false));
  }
  const mcp::Then then = std::exchange(then_, nullptr);
  then(reply.done() ? std::move(reply).Answer() : mcp::Error(-32603, "the call has no answer"));
}

void McpExchange::Count(const std::string& method, const Json& answer) const {
  const absl::Status status =
      voxel::Error(ReasonOfCode(CodeOf(answer)), mcp::TextOf(answer["error"], "message"));
  door_->json->dispatcher->CountRefused(nullptr, Door::kMcp, status);
  LogFailedCall(*door_->json->log, method, request_.caller.peer, status);
}

void McpExchange::Refuse(const Json& id, const Json& answer) {
  Count("-", answer);
  Finish({.status = 400, .body = mcp::Write(mcp::Reply(id, answer)), .session = {}});
}

void McpExchange::Finish(McpReply reply) {
  door_->json->poller->Post([self = shared_from_this(), reply = std::move(reply)]() mutable {
    self->End(std::move(reply));
  });
}

void McpExchange::End(McpReply reply) {
  const auto self = shared_from_this();
  door_->exchanges.erase(self);
  session_ = nullptr;
  if (begins_.has_value()) reply.session = door_->sessions.Open(*std::move(begins_));
  std::exchange(answered_, nullptr)(std::move(reply));
}

void McpExchange::Cancel(const absl::Status& why) {
  cancelled_ = why;
  if (session_ != nullptr) session_->CancelAll(why);
}

void McpExchange::CancelRequest(const std::string& id) {
  if (id.size() > kMostIdBytes || cancelled_ids_.size() == kMostCancelled) return;
  cancelled_ids_.push_back(id);
  if (session_ != nullptr && running_id_ == id) session_->CancelAll(Cancelled());
}

void McpExchange::PeerGone() {
  if (modern_) Cancel(Cancelled());
}

}  // namespace voxeld
