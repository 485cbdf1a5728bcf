#include "daemon/wire/jsonrpc.h"

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <limits>

#include "daemon/wire/json_number.h"
#include "daemon/wire/json_scanner.h"
#include "daemon/wire/json_shown.h"
#include "daemon/wire/json_string.h"
#include "daemon/wire/status_map.h"
#include "voxel/base/error.h"
#include "voxel/base/short_text.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;
using voxel::ShortText;

constexpr int kInvalidRequest = -32600;
constexpr std::string_view kNullId = "null";
constexpr int64_t kMaxDeadlineMs = std::numeric_limits<int32_t>::max();

absl::Status Malformed(std::string_view line, const JsonScanner& scanner) {
  ShortText text("not valid JSON: ");
  if (scanner.too_deep()) {
    text.Append("it is nested deeper than ");
    text.Append(JsonScanner::kMaxDepth);
  } else if (scanner.offset() < line.size()) {
    const auto rest = Utf8Prefix(line.substr(scanner.offset()), kShownBytes);
    text.Append(ShortText("at byte ", scanner.offset(), ", before \"", rest, "\""));
  } else {
    text.Append("an array or object is not closed");
  }
  return Error(Reason::MALFORMED_MESSAGE, text);
}

bool IsString(std::string_view raw) { return raw.starts_with('"'); }
bool IsContainer(std::string_view raw) { return raw.starts_with('{') || raw.starts_with('['); }

// Gathers one request object's members; the first thing wrong with them becomes the call's error.
class RequestReader {
 public:
  // `escaped` keeps a method's name if it has escapes.
  explicit RequestReader(std::deque<std::string>* escaped) : escaped_(escaped) {}

  // Reads the object that is next. False: the text itself is broken.
  bool Read(JsonScanner& scanner, JsonRpcCall* call) {
    call_ = call;
    if (!ReadMembers(scanner)) return false;
    if (!has_version_) Refuse("jsonrpc", "\"jsonrpc\": \"2.0\" is missing", Reason::MISSING_FIELD);
    if (!has_method_) Refuse("method", "\"method\" is missing", Reason::MISSING_FIELD);
    // An invalid request is answered even without an id: it may have been meant to have one.
    if (!call->error.ok() && (call->id.empty() || id_unclear_)) call->id = kNullId;
    return true;
  }

 private:
  bool ReadMembers(JsonScanner& scanner) {
    if (!scanner.Take('{')) return false;
    if (scanner.Take('}')) return true;
    do {
      std::string_view name;
      std::string_view value;
      if (!scanner.ReadString(&name) || !scanner.Take(':') || !scanner.ReadValue(&value)) {
        return false;
      }
      Take(Unescape(name), value);
    } while (scanner.Take(','));
    return scanner.Take('}');
  }

  void Take(std::string_view name, std::string_view raw) {
    if (name == "jsonrpc") {
      if (First(name, &has_version_)) TakeVersion(raw);
    } else if (name == "id") {
      id_unclear_ = !First(name, &has_id_);
      if (!id_unclear_) TakeId(raw);
    } else if (name == "method") {
      if (First(name, &has_method_)) TakeMethod(raw);
    } else if (name == "params") {
      if (First(name, &has_params_)) TakeParams(raw);
    } else if (name == "deadline_ms") {
      if (First(name, &has_deadline_)) TakeDeadline(raw);
    } else if (name == "progress") {
      if (First(name, &has_progress_)) TakeProgress(raw);
    } else {
      const std::string_view shown = Utf8Prefix(name, kShownBytes);
      Refuse(shown,
             ShortText("unknown member \"", shown,
                       "\"; a request has jsonrpc, id, method, params, deadline_ms, progress"),
             Reason::UNKNOWN_FIELD);
    }
  }

  bool First(std::string_view name, bool* seen) {
    if (*seen) Refuse(name, ShortText("\"", name, "\" is given twice"));
    return !std::exchange(*seen, true);
  }

  void TakeVersion(std::string_view raw) {
    if (IsString(raw) && Unescape(raw) == "2.0") return;
    Refuse("jsonrpc", ShortText("jsonrpc: ", ShownJson(raw), " is not \"2.0\""));
  }
  void TakeId(std::string_view raw) {
    if (IsString(raw) || IsJsonNumber(raw) || raw == kNullId) {
      call_->id = raw;
      return;
    }
    Refuse("id", ShortText("id: ", ShownJson(raw), " is not a string, a number or null"));
  }
  void TakeMethod(std::string_view raw) {
    if (!IsString(raw)) {
      return Refuse("method", ShortText("method: ", ShownJson(raw), " is not a string"));
    }
    call_->method = Unescape(raw);
  }
  void TakeParams(std::string_view raw) {
    if (!IsContainer(raw)) {
      return Refuse("params", ShortText("params: ", ShownJson(raw), " is not an object or array"));
    }
    call_->params = raw;
  }
  void TakeDeadline(std::string_view raw) {
    if (const auto ms = ParseInteger(raw, 1, kMaxDeadlineMs)) {
      call_->deadline_ms = *ms;
      return;
    }
    Refuse("deadline_ms", ShortText("deadline_ms: ", ShownJson(raw), " is not an integer in [1, ",
                                    kMaxDeadlineMs, "]"));
  }
  void TakeProgress(std::string_view raw) {
    call_->progress = raw == "true";
    if (call_->progress || raw == "false") return;
    Refuse("progress", ShortText("progress: ", ShownJson(raw), " is not true or false"));
  }

  // What a string says: a view into the line if there is nothing to unescape.
  std::string_view Unescape(std::string_view raw) {
    if (raw.find('\\') == std::string_view::npos) return raw.substr(1, raw.size() - 2);
    return escaped_->emplace_back(UnescapeJsonString(raw));
  }
  void Refuse(std::string_view member, std::string_view message,
              Reason reason = Reason::INVALID_FIELD) {
    if (!call_->error.ok()) return;
    call_->error = Error(reason, message, member);
    call_->error_code = kInvalidRequest;
  }

  std::deque<std::string>* const escaped_;
  JsonRpcCall* call_ = nullptr;
  bool has_version_ = false;
  bool has_id_ = false;
  bool has_method_ = false;
  bool has_params_ = false;
  bool has_deadline_ = false;
  bool has_progress_ = false;
  bool id_unclear_ = false;
};

JsonRpcCall InvalidCall(int code, absl::Status error) {
  JsonRpcCall call;
  call.id = kNullId;
  call.error = std::move(error);
  call.error_code = code;
  return call;
}

void AppendHead(std::string* out) { *out += "{\"jsonrpc\":\"2.0\","; }

}  // namespace

JsonRpcParser::JsonRpcParser(int max_batch) : max_batch_(static_cast<size_t>(max_batch)) {}

void JsonRpcParser::Parse(std::string_view line, JsonRpcLine* out) {
  out->batch = false;
  out->calls.clear();
  escaped_.clear();
  absl::Status status = ParseLine(line, out);
  if (status.ok()) return;
  out->batch = false;
  out->calls.clear();
  const int code = JsonRpcCode(status);
  out->calls.push_back(InvalidCall(code, std::move(status)));
}

absl::Status JsonRpcParser::ParseLine(std::string_view line, JsonRpcLine* out) {
  if (!simdjson::validate_utf8(line)) {
    return Error(Reason::MALFORMED_MESSAGE, "not valid JSON: it is not valid UTF-8");
  }
  JsonScanner scanner(line);
  if (scanner.Take('[')) {
    VOXEL_RETURN_IF_ERROR(ParseBatch(line, scanner, out));
  } else if (!ParseEntry(scanner, out)) {
    return Malformed(line, scanner);
  }
  return scanner.AtEnd() ? absl::OkStatus() : Malformed(line, scanner);
}

absl::Status JsonRpcParser::ParseBatch(std::string_view line, JsonScanner& scanner,
                                       JsonRpcLine* out) {
  if (scanner.Take(']')) {
    out->calls.push_back(
        InvalidCall(kInvalidRequest, Error(Reason::INVALID_FIELD, "the batch is empty")));
    return absl::OkStatus();
  }
  out->batch = true;
  do {
    if (out->calls.size() == max_batch_) {
      return Error(Reason::LIMIT_BATCH,
                   ShortText("the batch has more than ", max_batch_, " entries"));
    }
    if (!ParseEntry(scanner, out)) return Malformed(line, scanner);
  } while (scanner.Take(','));
  return scanner.Take(']') ? absl::OkStatus() : Malformed(line, scanner);
}

bool JsonRpcParser::ParseEntry(JsonScanner& scanner, JsonRpcLine* out) {
  if (scanner.Peek() == '{') {
    return RequestReader(&escaped_).Read(scanner, &out->calls.emplace_back());
  }
  std::string_view raw;
  if (!scanner.ReadValue(&raw)) return false;
  out->calls.push_back(InvalidCall(
      kInvalidRequest,
      Error(Reason::INVALID_FIELD, ShortText(ShownJson(raw), " is not a request object"))));
  return true;
}

void AppendResultHead(std::string_view id, std::string* out) {
  AppendHead(out);
  voxel::StrAppend(out, "\"id\":", id, ",\"result\":");
}

void AppendResult(std::string_view id, std::string_view result_json, std::string* out) {
  AppendResultHead(id, out);
  voxel::StrAppend(out, result_json, "}");
}

void AppendError(std::string_view id, int code, const absl::Status& status, std::string* out) {
  AppendHead(out);
  voxel::StrAppend(out, "\"id\":", id, ",\"error\":");
  AppendErrorObject(code, status, out);
  out->push_back('}');
}

void AppendErrorObject(int code, const absl::Status& status, std::string* out) {
  voxel::StrAppend(out, "{\"code\":", code, ",\"message\":");
  AppendJsonString(voxel::ToStd(status.message()), out);
  *out += ",\"data\":";
  AppendErrorInfoJson(status, out);
  out->push_back('}');
}

void AppendNotification(std::string_view method, std::string_view params_json, std::string* out) {
  AppendHead(out);
  *out += "\"method\":";
  AppendJsonString(method, out);
  voxel::StrAppend(out, ",\"params\":", params_json, "}");
}

}  // namespace voxeld
