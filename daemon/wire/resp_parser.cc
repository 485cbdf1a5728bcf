#include "daemon/wire/resp_parser.h"

#include <algorithm>
#include <charconv>

namespace voxeld {
namespace {

constexpr size_t kMaxLengthBytes = 32;  // "$", a number, and its end
constexpr size_t kShortDigits = 4;      // of nearly all lengths: they need no search for their end
constexpr size_t kKeptArguments = 4096;

bool ParseLength(std::string_view text, int64_t* value) {
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, *value);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsBlank(char c) { return c == ' ' || c == '\t'; }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char Unescaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return c;
  }
}

}  // namespace

RespParser::State RespParser::Feed(std::string_view bytes) {
  waiting_ = false;
  while (!waiting_) {
    switch (step_) {
      case Step::kBegin:
        Begin(bytes);
        break;
      case Step::kLine:
        TakeWords(bytes);
        break;
      case Step::kLength:
        TakeBulkLength(bytes);
        break;
      case Step::kBulk:
        TakeBulk(bytes, bulk_);
        break;
      case Step::kComplete:
        return State::kComplete;
      case Step::kError:
        return State::kError;
    }
  }
  return State::kWaiting;
}

bool RespParser::TakeLine(std::string_view bytes, size_t max, std::string_view* line) {
  scanned_ = std::max(scanned_, at_);
  const size_t newline = bytes.find('\n', scanned_);
  const size_t end = std::min(newline, bytes.size());
  if (end - at_ > max) {
    Fail(step_ == Step::kLine ? "too big inline request" : "too big count string");
    return false;
  }
  if (newline == std::string_view::npos) {
    scanned_ = bytes.size();
    waiting_ = true;
    return false;
  }
  *line = bytes.substr(at_, newline - at_);
  if (line->ends_with('\r')) line->remove_suffix(1);
  at_ = newline + 1;
  return true;
}

bool RespParser::TakeLength(std::string_view bytes, std::string_view error, int64_t* length) {
  size_t end = at_ + 1;
  *length = 0;
  for (; end < bytes.size() && end <= at_ + kShortDigits && IsDigit(bytes[end]); ++end) {
    *length = *length * 10 + (bytes[end] - '0');
  }
  if (end > at_ + 1 && bytes.substr(std::min(end, bytes.size()), 2) == "\r\n") {
    at_ = end + 2;
    return true;
  }
  std::string_view line;
  if (!TakeLine(bytes, kMaxLengthBytes, &line)) return false;
  if (ParseLength(line.substr(1), length)) return true;
  Fail(error);
  return false;
}

void RespParser::Begin(std::string_view bytes) {
  if (bytes.empty()) {
    waiting_ = true;
    return;
  }
  if (bytes[0] != '*') {
    step_ = Step::kLine;
    return;
  }
  int64_t count = 0;
  if (!TakeLength(bytes, "invalid multibulk length", &count)) return;
  if (count > static_cast<int64_t>(limits_.max_arguments)) return Fail("invalid multibulk length");
  left_ = static_cast<size_t>(std::max<int64_t>(count, 0));
  if (left_ == 0) return Complete(bytes);
  step_ = Step::kLength;
}

void RespParser::TakeBulkLength(std::string_view bytes) {
  if (bytes.size() > at_ && bytes[at_] != '$') return Fail("expected '$'");
  int64_t size = 0;
  if (!TakeLength(bytes, "invalid bulk length", &size)) return;
  if (size < 0) return Fail("invalid bulk length");
  const size_t room = limits_.max_command_bytes - std::min(at_, limits_.max_command_bytes);
  if (static_cast<uint64_t>(size) > room)
    return Fail("invalid bulk length: the command is too big");
  // Most are there whole: their size need not be remembered.
  TakeBulk(bytes, static_cast<size_t>(size));
}

void RespParser::TakeBulk(std::string_view bytes, size_t size) {
  if (bytes.size() - at_ < size + 2) {
    bulk_ = size;
    step_ = Step::kBulk;
    waiting_ = true;
    return;
  }
  if (bytes[at_ + size] != '\r' || bytes[at_ + size + 1] != '\n') {
    return Fail("a bulk string is longer than its length says");
  }
  ranges_.push_back({at_, size});
  at_ += size + 2;
  if (--left_ == 0) return Complete(bytes);
  step_ = Step::kLength;
}

void RespParser::Complete(std::string_view bytes) {
  step_ = Step::kComplete;
  arguments_.clear();
  for (const Range& range : ranges_) arguments_.push_back(bytes.substr(range.begin, range.size));
}

void RespParser::TakeWords(std::string_view bytes) {
  std::string_view line;
  if (!TakeLine(bytes, limits_.max_line_bytes, &line)) return;
  for (size_t at = 0;;) {
    while (at < line.size() && IsBlank(line[at])) ++at;
    if (at == line.size()) break;
    if (!TakeWord(line, &at)) return Fail("unbalanced quotes in request");
  }
  Complete(words_);
}

// One word, parts of which may stand in quotes: "a\x41\n", 'it\'s'. A quote must end the word.
bool RespParser::TakeWord(std::string_view line, size_t* at) {
  const size_t begin = words_.size();
  char quote = 0;
  for (;; ++*at) {
    if (*at == line.size()) break;
    const char c = line[*at];
    if (quote == 0 && IsBlank(c)) break;
    if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (quote != 0 && c == quote) {
      quote = 0;
      if (*at + 1 < line.size() && !IsBlank(line[*at + 1])) return false;
    } else if (quote == '"' && c == '\\' && *at + 1 < line.size()) {
      const std::string_view rest = line.substr(*at + 1);
      const bool hex =
          rest.size() >= 3 && rest[0] == 'x' && HexDigit(rest[1]) >= 0 && HexDigit(rest[2]) >= 0;
      words_.push_back(hex ? static_cast<char>(16 * HexDigit(rest[1]) + HexDigit(rest[2]))
                           : Unescaped(rest[0]));
      *at += hex ? 3 : 1;
    } else if (quote == '\'' && line.substr(*at, 2) == "\\'") {
      words_.push_back('\'');
      ++*at;
    } else {
      words_.push_back(c);
    }
  }
  ranges_.push_back({begin, words_.size() - begin});
  return quote == 0;
}

void RespParser::Fail(std::string_view error) {
  step_ = Step::kError;
  error_ = error;
}

void RespParser::Next() {
  step_ = Step::kBegin;
  at_ = scanned_ = left_ = 0;
  ranges_.clear();
  arguments_.clear();
  words_.clear();
  if (ranges_.capacity() > kKeptArguments) {
    ranges_.shrink_to_fit();
    arguments_.shrink_to_fit();
  }
}

}  // namespace voxeld
