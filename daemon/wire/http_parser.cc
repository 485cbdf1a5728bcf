#include "daemon/wire/http_parser.h"

#include <algorithm>
#include <utility>

#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr size_t kKeptRequestBytes = 64 << 10;
constexpr size_t kMaxChunkDigits = 15;
constexpr int kBadRequest = 400;
constexpr int kTooLarge = 413;
constexpr int kTargetTooLong = 414;
constexpr int kExpectationFailed = 417;
constexpr int kHeadersTooLarge = 431;
constexpr int kNotImplemented = 501;
constexpr int kBadVersion = 505;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
// RFC 9110 section 5.6.2.
bool IsTokenChar(char c) {
  return IsDigit(c) || IsAlpha(c) ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}
bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenChar);
}
// Visible ASCII: what may stand in a target.
bool IsVisible(char c) { return c > 0x20 && c < 0x7f; }
// RFC 9110 section 5.5: no control characters but tabs.
bool IsValueChar(char c) {
  return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool SameText(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return Lower(x) == Lower(y); });
}
std::string_view Trimmed(std::string_view text) {
  const size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}
// Whether a list such as "keep-alive, Upgrade" names the word.
bool Lists(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    if (SameText(Trimmed(list.substr(0, comma)), word)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace

std::optional<std::string_view> HttpRequest::Header(std::string_view name) const {
  for (const HttpHeader& header : headers) {
    if (SameText(header.name, name)) return header.value;
  }
  return std::nullopt;
}

HttpParser::State HttpParser::Feed(std::string_view bytes, size_t* used) {
  const size_t given = bytes.size();
  while (step_ != Step::kComplete && step_ != Step::kError) {
    if (step_ == Step::kBody || step_ == Step::kChunkData) {
      if (body_left_ > 0 && bytes.empty()) break;
      TakeBody(&bytes);
    } else {
      if (!TakeLine(&bytes)) break;
      if (step_ != Step::kError) LineDone();
    }
  }
  *used = given - bytes.size();
  if (step_ == Step::kComplete) return State::kComplete;
  return step_ == Step::kError ? State::kError : State::kWaiting;
}

// Moves bytes to text_ up to the end of the line; true at the end, or on an error.
bool HttpParser::TakeLine(std::string_view* bytes) {
  if (bytes->empty()) return false;
  const size_t newline = bytes->find('\n');
  const bool ended = newline != std::string_view::npos;
  const std::string_view piece = bytes->substr(0, ended ? newline + 1 : bytes->size());
  const size_t line_bytes = text_.size() - line_begin_ + piece.size();
  if (line_bytes > limits_.max_line_bytes + 2) {
    Fail(step_ == Step::kRequestLine ? kTargetTooLong : kHeadersTooLarge,
         voxel::StrCat("a line has more than ", limits_.max_line_bytes, " bytes"));
    return true;
  }
  if (text_.size() + piece.size() > limits_.max_header_bytes + limits_.max_line_bytes) {
    Fail(kHeadersTooLarge,
         voxel::StrCat("the headers have more than ", limits_.max_header_bytes, " bytes"));
    return true;
  }
  text_.append(piece);
  bytes->remove_prefix(piece.size());
  return ended;
}

void HttpParser::LineDone() {
  if (text_.size() - line_begin_ < 2 || text_[text_.size() - 2] != '\r') {
    return Fail(kBadRequest, "a line ends without \\r\\n");
  }
  text_.resize(text_.size() - 2);
  const std::string_view line = std::string_view(text_).substr(line_begin_);
  if (!std::all_of(line.begin(), line.end(), IsValueChar)) {
    return Fail(kBadRequest, "a line holds a control character");
  }
  const size_t begin = std::exchange(line_begin_, text_.size());
  switch (step_) {
    case Step::kRequestLine:
      return TakeRequestLine(line);
    case Step::kHeaders:
      return line.empty() ? HeadDone() : TakeHeader(line);
    case Step::kChunkSize:
      TakeChunkSize(line);
      break;
    case Step::kChunkEnd:
      if (!line.empty()) return Fail(kBadRequest, "a chunk is longer than its size says");
      step_ = Step::kChunkSize;
      break;
    case Step::kTrailers:
      if (line.empty()) return Complete();
      if (++trailer_lines_ > limits_.max_headers) {
        return Fail(kHeadersTooLarge,
                    voxel::StrCat("more than ", limits_.max_headers, " trailers"));
      }
      break;
    default:
      break;
  }
  // Lines of a chunked body are not kept.
  text_.resize(begin);
  line_begin_ = begin;
}

void HttpParser::TakeRequestLine(std::string_view line) {
  // RFC 9112 section 2.2: one blank line before it is forgiven, for clients that end a body with
  // one too many.
  if (line.empty() && !std::exchange(blank_seen_, true)) return;
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last || line.find(' ', first + 1) != last) {
    return Fail(kBadRequest, "a request line is METHOD TARGET HTTP/1.1, with one space between");
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!IsToken(method)) return Fail(kBadRequest, "the method is no token");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    const bool some = version.starts_with("HTTP/");
    return Fail(some ? kBadVersion : kBadRequest, "only HTTP/1.1 and HTTP/1.0 are spoken here");
  }
  one_one_ = version == "HTTP/1.1";
  method_ = {0, first};
  step_ = Step::kHeaders;
  TakeTarget(target, first + 1);
}

void HttpParser::TakeTarget(std::string_view target, size_t begin) {
  if (target.empty() || !std::all_of(target.begin(), target.end(), IsVisible)) {
    return Fail(kBadRequest, "the target holds a character that must be percent-encoded");
  }
  if (const size_t scheme = target.find("://");
      target[0] != '/' && scheme != std::string_view::npos) {
    const size_t path = std::min(target.find('/', scheme + 3), target.size());
    target.remove_prefix(path);
    begin += path;
  }
  if (!target.empty() && target[0] != '/' && target != "*") {
    return Fail(kBadRequest, "the target must begin with /");
  }
  const size_t question = std::min(target.find('?'), target.size());
  path_ = {begin, question};
  if (question < target.size()) query_ = {begin + question + 1, target.size() - question - 1};
}

void HttpParser::TakeHeader(std::string_view line) {
  if (fields_.size() >= limits_.max_headers) {
    return Fail(kHeadersTooLarge, voxel::StrCat("more than ", limits_.max_headers, " headers"));
  }
  if (text_.size() > limits_.max_header_bytes) {
    return Fail(kHeadersTooLarge,
                voxel::StrCat("the headers have more than ", limits_.max_header_bytes, " bytes"));
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) {
    return Fail(kBadRequest, "a header is NAME: VALUE; folded lines are not accepted");
  }
  const std::string_view value = Trimmed(line.substr(colon + 1));
  const size_t begin = text_.size() - line.size();
  const auto value_begin = static_cast<size_t>(value.data() - line.data());
  fields_.push_back(
      {{begin, colon}, {begin + (value.empty() ? colon : value_begin), value.size()}});
}

std::optional<std::string_view> HttpParser::Once(std::string_view name) {
  std::optional<std::string_view> found;
  for (const Field& field : fields_) {
    if (!SameText(Text(field.name), name)) continue;
    if (found.has_value()) Fail(kBadRequest, voxel::StrCat("the header ", name, " stands twice"));
    found = Text(field.value);
  }
  return found;
}

void HttpParser::HeadDone() {
  CheckHost();
  ReadConnection();
  if (step_ == Step::kHeaders) ReadLength();
  ReadExpectation();
}

void HttpParser::CheckHost() {
  const auto host = Once("Host");
  if (one_one_ && !host.has_value()) Fail(kBadRequest, "the header Host is missing");
}

void HttpParser::ReadConnection() {
  keep_alive_ = one_one_;
  for (const Field& field : fields_) {
    if (!SameText(Text(field.name), "Connection")) continue;
    if (Lists(Text(field.value), "close")) keep_alive_ = false;
    if (!one_one_ && Lists(Text(field.value), "keep-alive")) keep_alive_ = true;
  }
}

void HttpParser::ReadLength() {
  const auto encoding = Once("Transfer-Encoding");
  const auto length = Once("Content-Length");
  if (step_ == Step::kError) return;
  if (encoding.has_value()) {
    if (length.has_value()) {
      return Fail(kBadRequest, "both Content-Length and Transfer-Encoding are given");
    }
    if (!one_one_) return Fail(kBadRequest, "HTTP/1.0 has no Transfer-Encoding");
    if (!SameText(*encoding, "chunked")) {
      return Fail(kNotImplemented, "the only Transfer-Encoding here is chunked");
    }
    step_ = Step::kChunkSize;
    return;
  }
  if (!length.has_value()) return Complete();
  const bool number = !length->empty() && std::all_of(length->begin(), length->end(), IsDigit);
  if (!number) return Fail(kBadRequest, "Content-Length is not a number");
  size_t bytes = 0;
  for (const char digit : *length) {
    bytes = 10 * bytes + static_cast<size_t>(digit - '0');
    if (bytes > limits_.max_body_bytes) {
      return Fail(kTooLarge,
                  voxel::StrCat("the body has more than ", limits_.max_body_bytes, " bytes"));
    }
  }
  if (bytes == 0) return Complete();
  body_left_ = bytes;
  step_ = Step::kBody;
}

void HttpParser::ReadExpectation() {
  if (step_ == Step::kError) return;
  const auto expected = Once("Expect");
  if (!expected.has_value() || !one_one_) return;
  if (!SameText(*expected, "100-continue")) {
    return Fail(kExpectationFailed, "the only expectation met here is 100-continue");
  }
  expects_ = step_ == Step::kBody || step_ == Step::kChunkSize;
}

void HttpParser::TakeBody(std::string_view* bytes) {
  const size_t count = std::min(body_left_, bytes->size());
  body_.append(bytes->substr(0, count));
  bytes->remove_prefix(count);
  body_left_ -= count;
  if (count > 0) expects_ = false;  // it did not wait
  if (body_left_ > 0) return;
  if (step_ == Step::kBody) return Complete();
  step_ = Step::kChunkEnd;
}

void HttpParser::TakeChunkSize(std::string_view line) {
  expects_ = false;
  const size_t end = std::min(line.find_first_of(" \t;"), line.size());
  size_t size = 0;
  if (end == 0 || end > kMaxChunkDigits) return Fail(kBadRequest, "a chunk's size is no number");
  for (const char c : line.substr(0, end)) {
    const char lower = Lower(c);
    const bool hex = lower >= 'a' && lower <= 'f';
    if (!IsDigit(c) && !hex) return Fail(kBadRequest, "a chunk's size is no number");
    size = 16 * size + static_cast<size_t>(hex ? lower - 'a' + 10 : c - '0');
  }
  const std::string_view extension = Trimmed(line.substr(end));
  if (!extension.empty() && extension[0] != ';') {
    return Fail(kBadRequest, "a chunk's size is followed by something else than an extension");
  }
  if (size > limits_.max_body_bytes - body_.size()) {
    return Fail(kTooLarge,
                voxel::StrCat("the body has more than ", limits_.max_body_bytes, " bytes"));
  }
  body_left_ = size;
  step_ = size == 0 ? Step::kTrailers : Step::kChunkData;
}

void HttpParser::Complete() {
  step_ = Step::kComplete;
  request_.method = Text(method_);
  request_.path = Text(path_);
  if (request_.path.empty()) request_.path = "/";
  request_.query = Text(query_);
  request_.headers.clear();
  for (const Field& field : fields_) {
    request_.headers.push_back({Text(field.name), Text(field.value)});
  }
  request_.body = body_;
  request_.keep_alive = keep_alive_;
}

void HttpParser::Fail(int status, std::string message) {
  if (step_ == Step::kError) return;  // the first one counts
  step_ = Step::kError;
  error_ = {status, std::move(message)};
}

void HttpParser::Next() {
  step_ = Step::kRequestLine;
  text_.clear();
  body_.clear();
  if (text_.capacity() > kKeptRequestBytes) text_.shrink_to_fit();
  if (body_.capacity() > kKeptRequestBytes) body_.shrink_to_fit();
  line_begin_ = body_left_ = trailer_lines_ = 0;
  blank_seen_ = false;
  method_ = path_ = query_ = {};
  fields_.clear();
  expects_ = false;
}

bool HttpParser::TakeExpectation() { return std::exchange(expects_, false); }

}  // namespace voxeld
