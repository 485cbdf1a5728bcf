#include "daemon/wire/jsonrpc.h"

#include <limits>

#include "daemon/wire/json_number.h"
#include "daemon/wire/json_string.h"
#include "daemon/wire/json_writer.h"
#include "daemon/wire/simdjson_parser.h"
#include "daemon/wire/status_map.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

namespace od = simdjson::ondemand;
using voxel::Error;
using voxel::Reason;
using voxel::StrCat;

constexpr int kInvalidRequest = -32600;
constexpr std::string_view kNullId = "null";
constexpr int64_t kMaxDeadlineMs = std::numeric_limits<int32_t>::max();
constexpr size_t kShownBytes = 40;  // of a value in an error message

std::string Shown(std::string_view token) {
  if (token.starts_with('{')) return "an object";
  if (token.starts_with('[')) return "an array";
  return std::string(Utf8Prefix(token, kShownBytes));
}

absl::Status Malformed(SimdjsonParser& parser, simdjson::error_code error) {
  return Error(Reason::MALFORMED_MESSAGE, StrCat("not valid JSON: ", parser.Describe(error)));
}

// A value of any kind: its raw text and, of a string, what it says.
struct Item {
  std::string_view raw;   // in the parser's copy
  std::string_view text;  // unescaped; strings only
  bool is_string() const { return raw.starts_with('"'); }
  bool is_container() const { return raw.starts_with('{') || raw.starts_with('['); }
  bool is_number() const { return IsJsonNumber(raw); }
};

// Reads a value to its end. Of objects and arrays only the brackets are counted.
absl::Status ReadItem(SimdjsonParser& parser, od::value value, Item* out) {
  out->text = {};
  out->raw = TokenOf(value);
  if (!IsJsonToken(out->raw)) return Malformed(parser, simdjson::TAPE_ERROR);
  simdjson::error_code error = simdjson::SUCCESS;
  if (out->raw.starts_with('{')) {
    od::object object;
    error = value.get_object().get(object);
    if (!error) error = object.raw_json().get(out->raw);
  } else if (out->raw.starts_with('[')) {
    od::array array;
    error = value.get_array().get(array);
    if (!error) error = array.raw_json().get(out->raw);
  } else if (out->is_string()) {
    error = value.get_string().get(out->text);
    if (!error && !simdjson::validate_utf8(out->text)) error = simdjson::UTF8_ERROR;
  }
  out->raw = TrimSpace(out->raw);
  return error ? Malformed(parser, error) : absl::OkStatus();
}

// Calls fn(name, item) for each member, until it fails.
template <typename Fn>
absl::Status ForEachMember(SimdjsonParser& parser, od::object object, const Fn& fn) {
  for (auto member : object) {
    od::field json;
    if (const auto error = std::move(member).get(json)) return Malformed(parser, error);
    std::string_view name;
    if (const auto error = json.unescaped_key().get(name)) return Malformed(parser, error);
    Item item;
    VOXEL_RETURN_IF_ERROR(ReadItem(parser, json.value(), &item));
    VOXEL_RETURN_IF_ERROR(fn(name, item));
  }
  return absl::OkStatus();
}

// The text's only value, if it is an object or array.
template <typename T>
absl::Status RootOf(SimdjsonParser& parser, simdjson::simdjson_result<T> root, T* out) {
  const simdjson::error_code error = std::move(root).get(*out);
  return error ? Malformed(parser, error) : absl::OkStatus();
}

// The first token of the text: '{' and '[' say what it is.
absl::Status RootToken(SimdjsonParser& parser, std::string_view text, std::string_view* token) {
  if (const auto error = parser.Start(text)) return Malformed(parser, error);
  if (const auto error = parser.document().raw_json_token().get(*token)) {
    return Malformed(parser, error);
  }
  *token = TrimSpace(*token);
  const bool container = token->starts_with('{') || token->starts_with('[');
  // A scalar must be all there is.
  const bool alone = parser.OffsetOf(*token) + token->size() == TrimSpace(text).size();
  if (container || (alone && IsJsonToken(*token))) return absl::OkStatus();
  return Malformed(parser, simdjson::TAPE_ERROR);
}

// Gathers one request object's members; the first thing wrong with them becomes the call's error.
class RequestReader {
 public:
  // Views into the parser's copy become views into `line`.
  RequestReader(SimdjsonParser* parser, std::string_view line) : parser_(parser), line_(line) {}

  // Not OK: the text itself is broken.
  absl::Status Read(od::object object, JsonRpcCall* call) {
    call_ = call;
    const auto take = [this](std::string_view name, const Item& item) {
      Take(name, item);
      return absl::OkStatus();
    };
    VOXEL_RETURN_IF_ERROR(ForEachMember(*parser_, object, take));
    if (!has_version_) Refuse("jsonrpc", "\"jsonrpc\": \"2.0\" is missing", Reason::MISSING_FIELD);
    if (!has_method_) Refuse("method", "\"method\" is missing", Reason::MISSING_FIELD);
    // An invalid request is answered even without an id: it may have been meant to have one.
    if (!call->error.ok() && (call->id.empty() || id_unclear_)) call->id = kNullId;
    return absl::OkStatus();
  }

 private:
  void Take(std::string_view name, const Item& item) {
    if (name == "jsonrpc") {
      if (First(name, &has_version_)) TakeVersion(item);
    } else if (name == "id") {
      if (First(name, &has_id_))
        TakeId(item);
      else
        id_unclear_ = true;
    } else if (name == "method") {
      if (First(name, &has_method_)) TakeMethod(item);
    } else if (name == "params") {
      if (First(name, &has_params_)) TakeParams(item);
    } else if (name == "deadline_ms") {
      if (First(name, &has_deadline_)) TakeDeadline(item);
    } else if (name == "progress") {
      if (First(name, &has_progress_)) TakeProgress(item);
    } else {
      const std::string shown(Utf8Prefix(name, kShownBytes));
      Refuse(shown,
             StrCat("unknown member \"", shown,
                    "\"; a request has jsonrpc, id, method, params, deadline_ms, progress"),
             Reason::UNKNOWN_FIELD);
    }
  }

  bool First(std::string_view name, bool* seen) {
    if (*seen) Refuse(name, StrCat("\"", name, "\" is given twice"));
    return !std::exchange(*seen, true);
  }

  void TakeVersion(const Item& item) {
    if (item.is_string() && item.text == "2.0") return;
    Refuse("jsonrpc", StrCat("jsonrpc: ", Shown(item.raw), " is not \"2.0\""));
  }
  void TakeId(const Item& item) {
    if (item.is_string() || item.is_number() || item.raw == kNullId) {
      call_->id = InLine(item.raw);
      return;
    }
    Refuse("id", StrCat("id: ", Shown(item.raw), " is not a string, a number or null"));
  }
  void TakeMethod(const Item& item) {
    if (!item.is_string()) {
      return Refuse("method", StrCat("method: ", Shown(item.raw), " is not a string"));
    }
    const std::string_view inside = item.raw.substr(1, item.raw.size() - 2);
    call_->method = inside == item.text ? InLine(inside) : item.text;
  }
  void TakeParams(const Item& item) {
    if (!item.is_container()) {
      return Refuse("params", StrCat("params: ", Shown(item.raw), " is not an object or array"));
    }
    call_->params = InLine(item.raw);
  }
  void TakeDeadline(const Item& item) {
    if (const auto ms = ParseInteger(item.raw, 1, kMaxDeadlineMs)) {
      call_->deadline_ms = *ms;
      return;
    }
    Refuse("deadline_ms", StrCat("deadline_ms: ", Shown(item.raw), " is not an integer in [1, ",
                                 kMaxDeadlineMs, "]"));
  }
  void TakeProgress(const Item& item) {
    call_->progress = item.raw == "true";
    if (call_->progress || item.raw == "false") return;
    Refuse("progress", StrCat("progress: ", Shown(item.raw), " is not true or false"));
  }

  void Refuse(std::string_view member, std::string_view message,
              Reason reason = Reason::INVALID_FIELD) {
    if (!call_->error.ok()) return;
    call_->error = Error(reason, message, member);
    call_->error_code = kInvalidRequest;
  }
  std::string_view InLine(std::string_view view) const {
    return line_.substr(parser_->OffsetOf(view), view.size());
  }

  SimdjsonParser* const parser_;
  const std::string_view line_;
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

absl::Status NotARequest(std::string_view token) {
  return Error(Reason::INVALID_FIELD, StrCat(Shown(token), " is not a request object"));
}

void AppendHead(std::string* out) { *out += "{\"jsonrpc\":\"2.0\","; }

}  // namespace

struct JsonRpcParser::Impl {
  SimdjsonParser parser;
  size_t max_batch = 1;

  // Not OK: the whole line gets this error.
  absl::Status Parse(std::string_view line, JsonRpcLine* out);
  absl::Status ParseBatch(std::string_view line, JsonRpcLine* out);
  absl::Status ParseEntry(od::value value, std::string_view line, JsonRpcLine* out);
  absl::Status CheckEnd() {
    return parser.AtEnd() ? absl::OkStatus() : Malformed(parser, simdjson::TAPE_ERROR);
  }
};

absl::Status JsonRpcParser::Impl::Parse(std::string_view line, JsonRpcLine* out) {
  std::string_view token;
  VOXEL_RETURN_IF_ERROR(RootToken(parser, line, &token));
  if (token.starts_with('[')) return ParseBatch(line, out);
  if (!token.starts_with('{')) {
    out->calls.push_back(InvalidCall(kInvalidRequest, NotARequest(token)));
    return absl::OkStatus();
  }
  od::object object;
  VOXEL_RETURN_IF_ERROR(RootOf(parser, parser.document().get_object(), &object));
  VOXEL_RETURN_IF_ERROR(RequestReader(&parser, line).Read(object, &out->calls.emplace_back()));
  return CheckEnd();
}

absl::Status JsonRpcParser::Impl::ParseBatch(std::string_view line, JsonRpcLine* out) {
  out->batch = true;
  od::array array;
  VOXEL_RETURN_IF_ERROR(RootOf(parser, parser.document().get_array(), &array));
  for (auto element : array) {
    od::value value;
    if (const auto error = std::move(element).get(value)) return Malformed(parser, error);
    if (out->calls.size() == max_batch) {
      return Error(Reason::LIMIT_BATCH, StrCat("the batch has more than ", max_batch, " entries"));
    }
    VOXEL_RETURN_IF_ERROR(ParseEntry(value, line, out));
  }
  VOXEL_RETURN_IF_ERROR(CheckEnd());
  if (!out->calls.empty()) return absl::OkStatus();
  out->batch = false;
  out->calls.push_back(
      InvalidCall(kInvalidRequest, Error(Reason::INVALID_FIELD, "the batch is empty")));
  return absl::OkStatus();
}

absl::Status JsonRpcParser::Impl::ParseEntry(od::value value, std::string_view line,
                                             JsonRpcLine* out) {
  if (!TokenOf(value).starts_with('{')) {
    Item item;
    VOXEL_RETURN_IF_ERROR(ReadItem(parser, value, &item));
    out->calls.push_back(InvalidCall(kInvalidRequest, NotARequest(item.raw)));
    return absl::OkStatus();
  }
  od::object object;
  if (const auto error = value.get_object().get(object)) return Malformed(parser, error);
  return RequestReader(&parser, line).Read(object, &out->calls.emplace_back());
}

JsonRpcParser::JsonRpcParser(int max_batch) : impl_(std::make_unique<Impl>()) {
  impl_->max_batch = static_cast<size_t>(max_batch);
}

JsonRpcParser::~JsonRpcParser() = default;

void JsonRpcParser::Parse(std::string_view line, JsonRpcLine* out) {
  out->batch = false;
  out->calls.clear();
  absl::Status status = impl_->Parse(line, out);
  if (status.ok()) return;
  out->batch = false;
  out->calls.clear();
  const int code = JsonRpcCode(status);
  out->calls.push_back(InvalidCall(code, std::move(status)));
}

void AppendResult(std::string_view id, std::string_view result_json, std::string* out) {
  AppendHead(out);
  voxel::StrAppend(out, "\"id\":", id, ",\"result\":", result_json, "}");
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
  JsonWriter(out).WriteMessage(ToErrorInfo(status));
  out->push_back('}');
}

void AppendNotification(std::string_view method, std::string_view params_json, std::string* out) {
  AppendHead(out);
  *out += "\"method\":";
  AppendJsonString(method, out);
  voxel::StrAppend(out, ",\"params\":", params_json, "}");
}

}  // namespace voxeld
