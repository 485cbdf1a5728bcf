#include "daemon/wire/base64.h"

#include <array>
#include <cstdint>

namespace voxeld {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
// Above the six bits of a digit: which alphabet it is of, where it is of one alone. What is no
// digit has both, which no text may have.
constexpr uint8_t kStandard = 64;
constexpr uint8_t kUrl = 128;
constexpr uint8_t kBoth = kStandard | kUrl;

constexpr std::array<uint8_t, 256> MakeValues() {
  std::array<uint8_t, 256> values{};
  for (uint8_t& value : values) value = kBoth;
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<uint8_t>(kAlphabet[i])] = static_cast<uint8_t>(i);
  }
  values[static_cast<uint8_t>('+')] |= kStandard;
  values[static_cast<uint8_t>('/')] |= kStandard;
  values[static_cast<uint8_t>('-')] = 62 | kUrl;
  values[static_cast<uint8_t>('_')] = 63 | kUrl;
  return values;
}
constexpr std::array<uint8_t, 256> kValues = MakeValues();

}  // namespace

void AppendBase64(std::string_view bytes, std::string* out) {
  const size_t begin = out->size();
  out->resize(begin + (bytes.size() + 2) / 3 * 4, '=');
  char* to = out->data() + begin;
  const auto byte = [&](size_t i) -> uint32_t {
    return i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : 0;
  };
  for (size_t at = 0; at < bytes.size(); at += 3, to += 4) {
    const uint32_t bits = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
    const size_t left = bytes.size() - at;
    to[0] = kAlphabet[bits >> 18];
    to[1] = kAlphabet[bits >> 12 & 63];
    if (left > 1) to[2] = kAlphabet[bits >> 6 & 63];
    if (left > 2) to[3] = kAlphabet[bits & 63];
  }
}

bool ParseBase64(std::string_view text, std::string* out) {
  if (text.size() % 4 == 0) {
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  }
  if (text.size() % 4 == 1) return false;
  out->resize(text.size() * 3 / 4);
  char* to = out->data();
  uint32_t bits = 0;
  int count = 0;  // of the low bits that wait for more
  uint8_t alphabets = 0;
  for (const char c : text) {
    const uint8_t value = kValues[static_cast<uint8_t>(c)];
    alphabets |= value;
    bits = bits << 6 | (value & 63);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    *to++ = static_cast<char>(bits >> count & 255);
  }
  return (alphabets & kBoth) != kBoth && (bits & ((uint32_t{1} << count) - 1)) == 0;
}

}  // namespace voxeld
