#include "daemon/wire/json_text.h"

#include <array>
#include <charconv>
#include <limits>

namespace voxeld {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

size_t DigitsEnd(std::string_view text, size_t at) {
  while (at < text.size() && IsDigit(text[at])) ++at;
  return at;
}

// A JSON number in parts: (-)digits * 10^exponent, digits without leading and trailing zeros (empty: zero).
struct Decimal {
  bool negative = false;
  std::string digits;
  int64_t exponent = 0;
};

// Where a number's parts end. REQUIRES: IsJsonNumber.
struct NumberParts {
  bool negative;
  std::string_view whole;
  std::string_view fraction;
  std::string_view exponent;
};

NumberParts SplitNumber(std::string_view text) {
  NumberParts parts{};
  parts.negative = text.front() == '-';
  if (parts.negative) text.remove_prefix(1);
  const size_t whole_end = DigitsEnd(text, 0);
  parts.whole = text.substr(0, whole_end);
  text.remove_prefix(whole_end);
  if (!text.empty() && text.front() == '.') {
    const size_t fraction_end = DigitsEnd(text, 1);
    parts.fraction = text.substr(1, fraction_end - 1);
    text.remove_prefix(fraction_end);
  }
  if (!text.empty()) parts.exponent = text.substr(text[1] == '+' ? 2 : 1);
  return parts;
}

// Exponents beyond any number that fits in memory behave alike.
int64_t ReadExponent(std::string_view text) {
  constexpr int64_t kFar = int64_t{1} << 40;
  if (text.empty()) return 0;
  int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || value > kFar || value < -kFar) {
    return text.front() == '-' ? -kFar : kFar;
  }
  return value;
}

Decimal ToDecimal(std::string_view text) {
  const NumberParts parts = SplitNumber(text);
  Decimal out;
  out.negative = parts.negative;
  out.digits.append(parts.whole).append(parts.fraction);
  out.exponent = ReadExponent(parts.exponent) - static_cast<int64_t>(parts.fraction.size());
  while (!out.digits.empty() && out.digits.back() == '0') {
    out.digits.pop_back();
    ++out.exponent;
  }
  out.digits.erase(0, out.digits.find_first_not_of('0'));
  return out;
}

// The magnitude of an integer; nullopt for fractions and beyond 64 bits.
std::optional<uint64_t> Magnitude(Decimal decimal) {
  constexpr int64_t kMaxDigits = 20;
  if (decimal.digits.empty()) return 0;
  if (decimal.exponent < 0 || decimal.exponent > kMaxDigits) return std::nullopt;
  decimal.digits.append(static_cast<size_t>(decimal.exponent), '0');
  uint64_t value = 0;
  const char* end = decimal.digits.data() + decimal.digits.size();
  if (std::from_chars(decimal.digits.data(), end, value).ec != std::errc()) return std::nullopt;
  return value;
}

template <typename T>
std::optional<T> ParseFloating(std::string_view text) {
  if (!IsJsonNumber(text)) return std::nullopt;
  T value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec == std::errc()) return value;
  // Out of range says nothing about which end of it.
  const Decimal decimal = ToDecimal(text);
  if (decimal.exponent + static_cast<int64_t>(decimal.digits.size()) > 0) return std::nullopt;
  return decimal.negative ? -T{0} : T{0};
}

template <typename T>
void AppendFloating(T value, std::string* out) {
  std::array<char, 32> text;
  const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
  out->append(text.data(), result.ptr);
}

// Length of the UTF-8 character at the front of `text`; 0 if there is no valid one.
// Source: the Unicode standard, table 3-7.
size_t Utf8Length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const auto follows = [&](size_t i, uint8_t low, uint8_t high) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1, 0x80, 0xBF) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const uint8_t low = first == 0xE0 ? 0xA0 : 0x80;   // no overlong forms
    const uint8_t high = first == 0xED ? 0x9F : 0xBF;  // no surrogates
    return follows(1, low, high) && follows(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const uint8_t low = first == 0xF0 ? 0x90 : 0x80;   // no overlong forms
    const uint8_t high = first == 0xF4 ? 0x8F : 0xBF;  // at most U+10FFFF
    const bool valid = follows(1, low, high) && follows(2, 0x80, 0xBF) && follows(3, 0x80, 0xBF);
    return valid ? 4 : 0;
  }
  return 0;
}

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

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kNoBase64 = 64;

constexpr std::array<uint8_t, 256> MakeBase64Values() {
  std::array<uint8_t, 256> values{};
  for (uint8_t& value : values) value = kNoBase64;
  for (size_t i = 0; i < kBase64.size(); ++i) {
    values[static_cast<uint8_t>(kBase64[i])] = static_cast<uint8_t>(i);
  }
  values[static_cast<uint8_t>('-')] = 62;
  values[static_cast<uint8_t>('_')] = 63;
  return values;
}
constexpr std::array<uint8_t, 256> kBase64Values = MakeBase64Values();

// Up to three bytes as four characters.
void AppendBase64Group(std::string_view bytes, std::string* out) {
  uint32_t bits = 0;
  for (size_t i = 0; i < 3; ++i) {
    bits = bits << 8 | (i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : 0);
  }
  for (size_t i = 0; i < 4; ++i) {
    out->push_back(i <= bytes.size() ? kBase64[bits >> (18 - 6 * i) & 63] : '=');
  }
}

}  // namespace

bool IsJsonNumber(std::string_view text) {
  size_t at = !text.empty() && text.front() == '-' ? 1 : 0;
  const size_t whole_end = DigitsEnd(text, at);
  if (whole_end == at || (text[at] == '0' && whole_end > at + 1)) return false;
  at = whole_end;
  if (at < text.size() && text[at] == '.') {
    const size_t end = DigitsEnd(text, at + 1);
    if (end == at + 1) return false;
    at = end;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const size_t end = DigitsEnd(text, at);
    if (end == at) return false;
    at = end;
  }
  return at == text.size();
}

std::optional<int64_t> ParseInteger(std::string_view text, int64_t min, int64_t max) {
  if (!IsJsonNumber(text)) return std::nullopt;
  const Decimal decimal = ToDecimal(text);
  const std::optional<uint64_t> magnitude = Magnitude(decimal);
  const uint64_t most = uint64_t{1} << 63;
  if (!magnitude || *magnitude > most || (*magnitude == most && !decimal.negative)) {
    return std::nullopt;
  }
  const auto value = static_cast<int64_t>(decimal.negative ? 0 - *magnitude : *magnitude);
  if (value < min || value > max) return std::nullopt;
  return value;
}

std::optional<uint64_t> ParseUnsigned(std::string_view text, uint64_t max) {
  if (!IsJsonNumber(text)) return std::nullopt;
  const Decimal decimal = ToDecimal(text);
  const std::optional<uint64_t> value = Magnitude(decimal);
  if (!value || *value > max || (decimal.negative && *value != 0)) return std::nullopt;
  return value;
}

std::optional<double> ParseDouble(std::string_view text) { return ParseFloating<double>(text); }
std::optional<float> ParseFloat(std::string_view text) { return ParseFloating<float>(text); }

void AppendDouble(double value, std::string* out) { AppendFloating(value, out); }
void AppendFloat(float value, std::string* out) { AppendFloating(value, out); }

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
    const size_t length = Utf8Length(text);
    out->append(length > 0 ? text.substr(0, length) : std::string_view("\xEF\xBF\xBD"));
    text.remove_prefix(length > 0 ? length : 1);
  }
  out->push_back('"');
}

void AppendBase64(std::string_view bytes, std::string* out) {
  out->reserve(out->size() + (bytes.size() + 2) / 3 * 4);
  for (size_t at = 0; at < bytes.size(); at += 3) AppendBase64Group(bytes.substr(at, 3), out);
}

bool ParseBase64(std::string_view text, std::string* out) {
  if (text.size() % 4 == 0) {
    for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) text.remove_suffix(1);
  }
  if (text.size() % 4 == 1) return false;
  out->clear();
  out->reserve(text.size() / 4 * 3 + 2);
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const uint8_t value = kBase64Values[static_cast<uint8_t>(c)];
    if (value == kNoBase64) return false;
    bits = bits << 6 | value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out->push_back(static_cast<char>(bits >> count & 255));
  }
  return (bits & ((uint32_t{1} << count) - 1)) == 0;
}

std::string_view Utf8Prefix(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t end = max_bytes;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace voxeld
