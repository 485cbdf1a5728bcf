#include "daemon/wire/simdjson_parser.h"

#include "daemon/wire/json_number.h"
#include "daemon/wire/json_string.h"

namespace voxeld {
namespace {

using voxel::ShortText;

constexpr size_t kKeptBytes = 256 * 1024;
constexpr size_t kShownRest = 24;  // of the text where it breaks off

}  // namespace

simdjson::error_code SimdjsonParser::Start(std::string_view text) {
  document_ = {};
  padded_.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  padded_.assign(text);
  padded_.append(simdjson::SIMDJSON_PADDING, ' ');
  size_ = text.size();
  const simdjson::error_code error =
      parser_.iterate(padded_.data(), size_, padded_.size()).get(document_);
  started_ = error == simdjson::SUCCESS;
  return error;
}

void SimdjsonParser::Shrink() {
  document_ = {};
  started_ = false;
  if (parser_.capacity() <= kKeptBytes) return;
  parser_ = simdjson::ondemand::parser();
  std::string().swap(padded_);  // assignment would keep the memory
}

bool SimdjsonParser::AtEnd() {
  const char* rest = nullptr;
  return document_.current_location().get(rest) == simdjson::OUT_OF_BOUNDS;
}

ShortText SimdjsonParser::Describe(simdjson::error_code error) {
  switch (error) {
    case simdjson::UTF8_ERROR:
      return ShortText("it is not valid UTF-8");
    case simdjson::UNCLOSED_STRING:
      return ShortText("a string is not closed");
    case simdjson::UNESCAPED_CHARS:
      return ShortText("a string holds a control character that is not escaped");
    case simdjson::EMPTY:
      return ShortText("it is empty");
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return ShortText("an array or object is not closed");
    default:
      break;
  }
  // A document that never started has no location, and asking for it would crash.
  const char* place = nullptr;
  if (!started_ || document_.current_location().get(place) != simdjson::SUCCESS ||
      place >= padded_.data() + size_) {
    return ShortText("it breaks off");
  }
  const std::string_view rest(place, static_cast<size_t>(padded_.data() + size_ - place));
  return ShortText("at byte ", OffsetOf(rest), ", before \"", Utf8Prefix(rest, kShownRest), "\"");
}

std::string_view TrimSpace(std::string_view token) {
  const size_t last = token.find_last_not_of(" \t\r\n");
  return token.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

std::string_view TokenOf(simdjson::ondemand::value& value) {
  return TrimSpace(value.raw_json_token());
}

bool IsJsonToken(std::string_view token) {
  if (token.empty()) return false;
  switch (token.front()) {
    case '{':
    case '[':
      return true;
    case '"':
      return token.size() >= 2 && token.back() == '"';
    case 't':
      return token == "true";
    case 'f':
      return token == "false";
    case 'n':
      return token == "null";
    default:
      return IsJsonNumber(token);
  }
}

}  // namespace voxeld
