#include "daemon/net/http_connection.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "daemon/net/call_log.h"
#include "daemon/wire/prometheus_text.h"
#include "daemon/wire/status_map.h"
#include "voxel/base/error.h"
#include "voxel/base/retry_later.h"
#include "voxel/base/short_text.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/steady_time.h"
#include "voxel/base/str_cat.h"
#include "voxeld/v1/admin.pb.h"

namespace voxeld {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kMethodPaths = "/voxeld.v1.";
constexpr std::string_view kMcpPath = "/mcp";
constexpr size_t kMaxTimeoutDigits = 10;  // as the Connect protocol says

// "localhost" of "localhost:8080" and "[::1]:8080".
std::string_view HostOf(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.rfind(':'));
}

bool IsThisMachine(std::string_view authority) {
  const std::string_view host = HostOf(authority);
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos);
}

// The address part of "http://localhost:8080"; empty for "null" and the like.
std::string_view AuthorityOf(std::string_view origin) {
  const size_t scheme = origin.find("://");
  return scheme == std::string_view::npos ? std::string_view() : origin.substr(scheme + 3);
}

// "application/json" of "Application/JSON; charset=utf-8", but for its case.
absl::string_view MediaType(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  return absl::StripAsciiWhitespace({type.data(), type.size()});
}

bool IsJson(absl::string_view type) {
  return absl::EqualsIgnoreCase(type, {kJsonType.data(), kJsonType.size()});
}

bool AcceptsJson(const HttpRequest& request) {
  std::string accept(request.Header("Accept").value_or("*/*"));
  absl::AsciiStrToLower(&accept);
  return accept.find(kJsonType) != accept.npos || accept.find("*/*") != accept.npos ||
         accept.find("application/*") != accept.npos;
}

std::optional<std::string> HeaderText(const HttpRequest& request, std::string_view name) {
  const auto value = request.Header(name);
  return value.has_value() ? std::optional<std::string>(*value) : std::nullopt;
}

absl::Status WrongHeader(std::string_view name, std::string_view value, std::string_view accepted) {
  return voxel::Error(voxel::Reason::INVALID_FIELD,
                      voxel::ShortText("the header ", name, " is \"", value.substr(0, 80),
                                       "\"; accepted: ", accepted));
}

// What a Connect client says about its call.
absl::Status ReadConnectHeaders(const HttpRequest& request, CallContext* context) {
  if (const auto version = request.Header("Connect-Protocol-Version"); version && *version != "1") {
    return WrongHeader("Connect-Protocol-Version", *version, "1");
  }
  if (const auto encoding = request.Header("Content-Encoding");
      encoding && *encoding != "identity") {
    return WrongHeader("Content-Encoding", *encoding, "identity");
  }
  const auto timeout = request.Header("Connect-Timeout-Ms");
  if (!timeout.has_value()) return absl::OkStatus();
  int64_t ms = 0;
  const char* const end = timeout->data() + timeout->size();
  const auto parsed = std::from_chars(timeout->data(), end, ms);
  if (parsed.ec != std::errc() || parsed.ptr != end || ms < 0 ||
      timeout->size() > kMaxTimeoutDigits) {
    return WrongHeader("Connect-Timeout-Ms", *timeout, "milliseconds in at most 10 digits");
  }
  context->deadline = voxel::SteadyNow() + absl::Milliseconds(ms);
  return absl::OkStatus();
}

}  // namespace

HttpConnection::HttpConnection(HttpDoor* door, UniqueFd fd, std::string peer, bool tcp,
                               absl::AnyInvocable<void()> closed)
    : ByteConnection(door->calls->poller, door->calls->buffers, door->limits, std::move(fd),
                     std::move(closed)),
      door_(door),
      peer_(std::move(peer)),
      tcp_(tcp) {}

HttpParser& HttpConnection::parser() {
  if (parser_ == nullptr) parser_ = door_->parsers.Take();
  if (parser_ == nullptr) parser_ = std::make_unique<HttpParser>(door_->http);
  return *parser_;
}

bool HttpConnection::MayTake() const {
  return taking() && !Busy() && unsent() < limits().soft_output_bytes;
}

size_t HttpConnection::Take(std::string_view bytes) {
  size_t taken = 0;
  while (MayTake() && taken < bytes.size()) {
    size_t used = 0;
    HttpParser& now = parser();
    const HttpParser::State state = now.Feed(bytes.substr(taken), &used);
    taken += used;
    if (state == HttpParser::State::kWaiting) {
      if (now.TakeExpectation()) out()->append(kContinue);
    } else if (state == HttpParser::State::kError) {
      keep_alive_ = head_ = false;
      AnswerText(now.error().status, voxel::StrCat(now.error().message, "\n"));
      return bytes.size();
    } else {
      TookOne();
      keep_alive_ = now.request().keep_alive && !door_->calls->dispatcher->draining();
      head_ = now.request().method == "HEAD";
      Handle(now.request());
    }
  }
  return taken;
}

bool HttpConnection::FromThisMachine(const HttpRequest& request) const {
  const auto origin = request.Header("Origin");
  if (origin.has_value() && !IsThisMachine(AuthorityOf(*origin))) return false;
  return !tcp_ || IsThisMachine(request.Header("Host").value_or("localhost"));
}

void HttpConnection::Handle(const HttpRequest& request) {
  if (!FromThisMachine(request)) {
    return AnswerText(403,
                      "only this machine is served: Host and Origin must be local addresses\n");
  }
  caller_.peer = peer_;
  caller_.scope = Scope::kAdmin;
  if (request.path == kMcpPath) return HandleMcp(request);
  const bool method = request.path.starts_with(kMethodPaths);
  const bool page =
      request.path == "/healthz" || request.path == "/readyz" || request.path == "/metrics";
  if (!method && !page) {
    return AnswerText(404,
                      "there are GET /healthz, /readyz and /metrics, and POST /mcp and "
                      "/voxeld.v1.GROUPService/METHOD\n");
  }
  if (method) {
    if (request.method == "POST") return HandleMethod(request);
    return AnswerText(405, "methods are called by POST\n", "Allow: POST\r\n");
  }
  if (request.method == "GET" || request.method == "HEAD") return HandleGet(request);
  AnswerText(405, "pages are read by GET\n", "Allow: GET, HEAD\r\n");
}

void HttpConnection::HandleGet(const HttpRequest& request) {
  if (request.path == "/metrics") return StartMetrics(request);
  const bool stopping = door_->calls->dispatcher->draining();
  if (request.path == "/healthz" || !stopping) return AnswerText(200, "ok\n");
  voxel::ShortText headers;
  AppendRetryAfter(voxel::RetryAfterMs(Stopping()), &headers);
  AnswerText(503, "stopping\n", headers);
}

absl::Status HttpConnection::Identify(const HttpRequest& request) {
  if (!tcp_ || door_->tokens == nullptr) return absl::OkStatus();
  VOXEL_ASSIGN_OR_RETURN(const TokenHolder holder,
                         door_->tokens->Admit(request.Header("Authorization").value_or("")));
  caller_.peer = voxel::StrCat("token:", holder.name);
  caller_.scope = holder.scope;
  return absl::OkStatus();
}

void HttpConnection::StartMetrics(const HttpRequest& request) {
  const Method* method = door_->calls->dispatcher->methods().FindByName("admin.stats");
  absl::Status status = Identify(request);
  if (status.ok()) status = CheckScope(caller_.scope, *method);
  if (!status.ok()) {
    Refuse(method, method->name, Door::kHttp, status);
    return AnswerError(status);
  }
  call_ = door_->calls->Take(*method, Door::kHttp, caller_.peer);
  Run(Page::kMetrics);
}

void HttpConnection::HandleMethod(const HttpRequest& request) {
  const absl::string_view type = MediaType(request.Header("Content-Type").value_or(""));
  if (!IsJson(type) && !absl::StartsWithIgnoreCase(type, "application/connect+")) {
    return AnswerText(415, "the Content-Type must be application/json\n",
                      "Accept-Post: application/json\r\n");
  }
  const Method* method = nullptr;
  if (absl::Status status = PrepareMethod(request, &method); !status.ok()) {
    Refuse(method, request.path.substr(0, 120), Door::kHttp, status);
    if (call_ != nullptr) door_->calls->Give(std::move(call_));
    return AnswerError(status);
  }
  Run(Page::kMethod);
}

absl::Status HttpConnection::PrepareMethod(const HttpRequest& request, const Method** method) {
  // First: strangers are not told which methods there are.
  VOXEL_RETURN_IF_ERROR(Identify(request));
  *method = door_->calls->dispatcher->methods().FindByPath(request.path);
  if (*method == nullptr) {
    return voxel::Error(voxel::Reason::METHOD_NOT_FOUND,
                        voxel::ShortText("no method \"", request.path.substr(0, 120), "\""));
  }
  VOXEL_RETURN_IF_ERROR(CheckScope(caller_.scope, **method));
  VOXEL_RETURN_IF_ERROR(CheckUnary(**method));
  const absl::string_view type = MediaType(*request.Header("Content-Type"));
  if (!IsJson(type)) {
    return WrongHeader("Content-Type", {type.data(), type.size()}, kJsonType);
  }
  call_ = door_->calls->Take(**method, Door::kHttp, caller_.peer);
  VOXEL_RETURN_IF_ERROR(ReadConnectHeaders(request, &call_->context()));
  return call_->TakeJson(request.body);
}

void HttpConnection::HandleMcp(const HttpRequest& request) {
  if (request.method != "POST" && request.method != "DELETE") {
    return AnswerText(405,
                      "messages come by POST, and DELETE ends a session; there are no streams\n",
                      "Allow: POST, DELETE\r\n");
  }
  if (absl::Status status = Identify(request); !status.ok()) {
    Refuse(nullptr, kMcpPath, Door::kMcp, status);
    return AnswerError(status);
  }
  if (request.method == "DELETE") return EndMcpSession(request);
  if (!IsJson(MediaType(request.Header("Content-Type").value_or("")))) {
    return AnswerText(415, "the Content-Type must be application/json\n",
                      "Accept-Post: application/json\r\n");
  }
  if (!AcceptsJson(request)) return AnswerText(406, "answers are application/json\n");
  if (request.body.size() > door_->mcp->limits.max_body_bytes) {
    const absl::Status status =
        voxel::Error(voxel::Reason::LIMIT_BYTES,
                     voxel::StrCat("the body has ", request.body.size(), " bytes; at most ",
                                   door_->mcp->limits.max_body_bytes, " are accepted"));
    Refuse(nullptr, kMcpPath, Door::kMcp, status);
    McpReply reply = RefusalOf(status);
    reply.status = 413;
    return Exchanged(reply);
  }
  exchange_ = std::make_shared<McpExchange>(
      door_->mcp, McpRequest{.caller = caller_,
                             .body = std::string(request.body),
                             .session = HeaderText(request, "Mcp-Session-Id").value_or(""),
                             .headers = {.version = HeaderText(request, "MCP-Protocol-Version"),
                                         .method = HeaderText(request, "Mcp-Method"),
                                         .name = HeaderText(request, "Mcp-Name")}});
  exchange_->Start([self = std::static_pointer_cast<HttpConnection>(shared_from_this())](
                       const McpReply& reply) { self->Exchanged(reply); });
}

void HttpConnection::EndMcpSession(const HttpRequest& request) {
  const auto id = request.Header("Mcp-Session-Id");
  if (!id.has_value()) return AnswerText(400, "Mcp-Session-Id is missing: which session ends?\n");
  const absl::Status status = door_->mcp->sessions.End(*id, caller_.peer);
  if (status.ok()) return AnswerText(200, "ended\n");
  Refuse(nullptr, kMcpPath, Door::kMcp, status);
  Exchanged(RefusalOf(status));
}

void HttpConnection::Exchanged(const McpReply& reply) {
  exchange_ = nullptr;
  voxel::ShortText headers;
  if (!reply.session.empty()) {
    headers.Append("Mcp-Session-Id: ");
    headers.Append(reply.session);
    headers.Append("\r\n");
  }
  AppendRetryAfter(reply.retry_after_ms, &headers);
  Answer({.status = reply.status,
          .content_type = kJsonType,
          .body = reply.body,
          .more_headers = headers});
}

// Counts and logs a request that the dispatcher does not hear of.
void HttpConnection::Refuse(const Method* method, std::string_view name, Door door,
                            const absl::Status& status) {
  door_->calls->dispatcher->CountRefused(method, door, status);
  LogFailedCall(*door_->calls->log, name, caller_.peer, status);
}

void HttpConnection::Run(Page page) {
  page_ = page;
  call_->Start(std::static_pointer_cast<HttpConnection>(shared_from_this()));
}

void HttpConnection::CallEnded(UnaryCall*) {
  std::unique_ptr<UnaryCall> call = std::move(call_);
  if (!call->status().ok()) {
    AnswerError(call->status());
  } else if (page_ == Page::kMetrics) {
    std::string text;
    AppendPrometheus(static_cast<const v1::StatsResponse&>(call->response()), &text);
    Answer({.content_type = kPrometheusType, .body = text});
  } else {
    Answer({.content_type = kJsonType, .body = call->json()});
  }
  door_->calls->Give(std::move(call));
}

void HttpConnection::Answer(HttpReply reply) {
  reply.keep_alive = keep_alive_;
  reply.head = head_;
  AppendHttpReply(reply, absl::ToUnixSeconds(absl::Now()), out());
  if (keep_alive_) {
    parser_->Next();
    door_->parsers.Give(std::move(parser_));
  } else {
    RefuseTheRest();
  }
  WorkSoon();
}

void HttpConnection::AnswerText(int status, std::string_view text, std::string_view more_headers) {
  Answer({.status = status, .body = text, .more_headers = more_headers});
}

void HttpConnection::AnswerError(const absl::Status& status) {
  std::string& body = door_->calls->scratch;
  body.clear();
  AppendConnectError(status, &body);
  voxel::ShortText headers;
  if (status.code() == absl::StatusCode::kUnauthenticated) {
    headers.Append("WWW-Authenticate: Bearer\r\n");
  }
  AppendRetryAfter(voxel::RetryAfterMs(status), &headers);
  Answer({.status = HttpStatus(status),
          .content_type = kJsonType,
          .body = body,
          .more_headers = headers});
}

void HttpConnection::TooSlow() {
  keep_alive_ = head_ = false;
  AnswerText(408, voxel::StrCat("a request was not complete after ",
                                absl::FormatDuration(limits().partial), "\n"));
}

void HttpConnection::CancelAll() {
  if (call_ != nullptr) call_->context().cancel.Cancel();
  if (exchange_ != nullptr) exchange_->Cancel(Stopping());
}

void HttpConnection::PeerGone() {
  if (call_ != nullptr) call_->context().cancel.Cancel();
  if (exchange_ != nullptr) exchange_->PeerGone();
}

}  // namespace voxeld
