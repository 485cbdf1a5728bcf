#include "daemon/wire/json_scanner.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "absl/strings/ascii.h"

namespace voxeld {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The value of a hexadecimal digit; 16 of anything else.
unsigned HexValue(char c) {
  if (absl::ascii_isdigit(c)) return static_cast<unsigned>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a' + 10) : 16;
}

constexpr uint64_t EachByte(unsigned char byte) { return uint64_t{0x0101010101010101} * byte; }

// The highest bit of each byte that is zero, exactly up to the first of them.
constexpr uint64_t ZeroBytes(uint64_t bytes) {
  return (bytes - EachByte(1)) & ~bytes & EachByte(0x80);
}

// So that the first byte of a text is the lowest of its number.
static_assert(std::endian::native == std::endian::little);

}  // namespace

bool JsonScanner::ReadValue(std::string_view* raw) {
  Peek();
  const size_t begin = at_;
  if (!SkipValue()) return false;
  *raw = text_.substr(begin, at_ - begin);
  return true;
}

bool JsonScanner::ReadString(std::string_view* raw) {
  Peek();
  const size_t begin = at_;
  if (!SkipString()) return false;
  *raw = text_.substr(begin, at_ - begin);
  return true;
}

bool JsonScanner::Take(char c) {
  if (Peek() != c) return false;
  ++at_;
  return true;
}

char JsonScanner::Peek() {
  while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
  return Here();
}

bool JsonScanner::SkipValue() {
  switch (Peek()) {
    case '{':
      return SkipContainer('}');
    case '[':
      return SkipContainer(']');
    case '"':
      return SkipString();
    case 't':
      return SkipWord("true");
    case 'f':
      return SkipWord("false");
    case 'n':
      return SkipWord("null");
    default:
      return SkipNumber();
  }
}

bool JsonScanner::SkipContainer(char close) {
  if (++depth_ > kMaxDepth) return false;
  ++at_;
  if (!Take(close)) {
    if (close == ']') SkipIntegers();
    do {
      if (close == '}' && (Peek() != '"' || !SkipString() || !Take(':'))) return false;
      if (!SkipValue()) return false;
    } while (Take(','));
    if (!Take(close)) return false;
  }
  --depth_;
  return true;
}

void JsonScanner::SkipIntegers() {
  const char* const end = text_.data() + text_.size();
  for (const char* at = text_.data() + at_; at < end;
       at_ = static_cast<size_t>(at - text_.data())) {
    while (at < end && *at == ' ') ++at;
    if (at < end && *at == '-') ++at;
    const char* const digits = at;
    while (at < end && absl::ascii_isdigit(*at)) ++at;
    const bool good = at > digits && (*digits != '0' || at == digits + 1);
    if (!good || at == end || *at != ',') return;
    ++at;
  }
}

bool JsonScanner::SkipString() {
  if (Here() != '"') return false;
  for (++at_;; ++at_) {
    SkipPlain();
    if (at_ == text_.size()) return false;
    if (text_[at_] == '"') {
      ++at_;
      return true;
    }
    if (text_[at_] != '\\' || !SkipEscape()) return false;
  }
}

void JsonScanner::SkipPlain() {
  while (at_ + sizeof(uint64_t) <= text_.size()) {
    uint64_t bytes = 0;
    std::memcpy(&bytes, text_.data() + at_, sizeof bytes);
    const uint64_t ends = ZeroBytes(bytes ^ EachByte('"')) | ZeroBytes(bytes ^ EachByte('\\')) |
                          ((bytes - EachByte(0x20)) & ~bytes & EachByte(0x80));
    if (ends != 0) {
      at_ += static_cast<size_t>(std::countr_zero(ends)) / 8;
      return;
    }
    at_ += sizeof bytes;
  }
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) return;
  }
}

// From the backslash to the last character of the escape.
bool JsonScanner::SkipEscape() {
  ++at_;
  if (Here() != 'u') return std::string_view("\"\\/bfnrt").find(Here()) != std::string_view::npos;
  unsigned unit = 0;
  if (!SkipHex(&unit)) return false;
  const bool low_alone = unit >= 0xDC00 && unit <= 0xDFFF;
  const bool high = unit >= 0xD800 && unit <= 0xDBFF;
  if (!high) return !low_alone;
  // A high surrogate must be followed by a low one.
  ++at_;
  if (Here() != '\\') return false;
  ++at_;
  return Here() == 'u' && SkipHex(&unit) && unit >= 0xDC00 && unit <= 0xDFFF;
}

// From the 'u' to its last digit.
bool JsonScanner::SkipHex(unsigned* unit) {
  *unit = 0;
  for (int i = 0; i < 4; ++i) {
    ++at_;
    const unsigned digit = HexValue(Here());
    if (digit == 16) return false;
    *unit = *unit * 16 + digit;
  }
  return true;
}

bool JsonScanner::SkipNumber() {
  if (Here() == '-') ++at_;
  if (Here() == '0') {
    ++at_;
  } else if (!SkipDigits()) {
    return false;
  }
  if (Here() == '.') {
    ++at_;
    if (!SkipDigits()) return false;
  }
  if (Here() == 'e' || Here() == 'E') {
    ++at_;
    if (Here() == '+' || Here() == '-') ++at_;
    if (!SkipDigits()) return false;
  }
  return true;
}

bool JsonScanner::SkipDigits() {
  if (!absl::ascii_isdigit(Here())) return false;
  while (absl::ascii_isdigit(Here())) ++at_;
  return true;
}

bool JsonScanner::SkipWord(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) return false;
  at_ += word.size();
  return true;
}

}  // namespace voxeld
