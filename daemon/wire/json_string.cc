#include "daemon/wire/json_string.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "voxel/base/utf8.h"

namespace voxeld {
namespace {

bool IsPlain(char c) {
  const auto byte = static_cast<uint8_t>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

void AppendEscaped(char c, std::string* out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out->append("\\\"");
      return;
    case '\\':
      out->append("\\\\");
      return;
    case '\n':
      out->append("\\n");
      return;
    case '\r':
      out->append("\\r");
      return;
    case '\t':
      out->append("\\t");
      return;
    default:
      out->append("\\u00");
      out->push_back(kHex[static_cast<uint8_t>(c) >> 4]);
      out->push_back(kHex[static_cast<uint8_t>(c) & 15]);
  }
}

// Four hexadecimal digits.
uint32_t ReadHex(std::string_view digits) {
  uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

void AppendUtf8(uint32_t code, std::string* out) {
  const auto put = [out](uint32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xE0 | code >> 12);
    } else {
      put(0xF0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3F));
    }
    put(0x80 | (code >> 6 & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

// Appends what the escape at the front of `rest` (behind the backslash) stands for; returns its
// length.
size_t AppendUnescaped(std::string_view rest, std::string* out) {
  constexpr std::string_view kLetters = "bfnrt";
  constexpr std::string_view kMeanings = "\b\f\n\r\t";
  if (rest.front() != 'u') {
    const size_t letter = kLetters.find(rest.front());
    out->push_back(letter == std::string_view::npos ? rest.front() : kMeanings[letter]);
    return 1;
  }
  const uint32_t unit = ReadHex(rest.substr(1, 4));
  if (unit < 0xD800 || unit > 0xDFFF) {
    AppendUtf8(unit, out);
    return 5;
  }
  const uint32_t low = ReadHex(rest.substr(7, 4));
  AppendUtf8(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00), out);
  return 11;
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  while (!text.empty()) {
    size_t plain = 0;
    while (plain < text.size() && IsPlain(text[plain])) ++plain;
    out->append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    if (static_cast<uint8_t>(text.front()) < 0x80) {
      AppendEscaped(text.front(), out);
      text.remove_prefix(1);
      continue;
    }
    const size_t length = voxel::Utf8Length(text);
    out->append(length > 0 ? text.substr(0, length) : voxel::kReplacementCharacter);
    text.remove_prefix(length > 0 ? length : 1);
  }
  out->push_back('"');
}

std::string UnescapeJsonString(std::string_view raw) {
  std::string_view rest = raw.substr(1, raw.size() - 2);
  std::string out;
  out.reserve(rest.size());
  while (!rest.empty()) {
    const size_t plain = std::min(rest.find('\\'), rest.size());
    out.append(rest.substr(0, plain));
    rest.remove_prefix(plain);
    if (rest.empty()) break;
    rest.remove_prefix(1 + AppendUnescaped(rest.substr(1), &out));
  }
  return out;
}

std::string_view Utf8Prefix(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t end = max_bytes;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace voxeld
