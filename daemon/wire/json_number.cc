#include "daemon/wire/json_number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

#include "absl/strings/ascii.h"

namespace voxeld {
namespace {

size_t DigitsEnd(std::string_view text, size_t at) {
  while (at < text.size() && absl::ascii_isdigit(text[at])) ++at;
  return at;
}

// A JSON number in parts: (-)digits * 10^exponent, digits without leading and trailing zeros
// (empty: zero).
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
  if (value == 0 && std::signbit(value)) {
    *out += "-0.0";  // some readers take -0 for an integer, which has no sign to keep
    return;
  }
  std::array<char, 32> text;
  const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
  out->append(text.data(), result.ptr);
}

// What a double holds exactly.
constexpr int64_t kExactInDouble = int64_t{1} << 53;

template <typename T>
void AppendQuotedUnless(bool exact, T value, std::string* out) {
  std::array<char, 24> text;
  char* begin = text.data();
  if (!exact) *begin++ = '"';
  char* end = std::to_chars(begin, text.data() + text.size(), value).ptr;
  if (!exact) *end++ = '"';
  out->append(text.data(), static_cast<size_t>(end - text.data()));
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

void AppendInteger(int64_t value, std::string* out) {
  AppendQuotedUnless(value >= -kExactInDouble && value <= kExactInDouble, value, out);
}
void AppendInteger(uint64_t value, std::string* out) {
  AppendQuotedUnless(value <= static_cast<uint64_t>(kExactInDouble), value, out);
}

}  // namespace voxeld
