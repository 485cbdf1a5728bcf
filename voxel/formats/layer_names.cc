#include "voxel/formats/layer_names.h"

#include <cstdint>

#include "voxel/base/str_cat.h"

namespace voxel {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// The length of the valid UTF-8 character that `text` begins with; 0 if it begins with none
// (Unicode 15, table 3-7).
size_t CharacterBytes(std::string_view text) {
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0};
  };
  const auto follows = [&](size_t i, uint8_t low, uint8_t high) {
    return byte(i) >= low && byte(i) <= high;
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
    const uint8_t low = first == 0xF0 ? 0x90 : 0x80;
    const uint8_t high = first == 0xF4 ? 0x8F : 0xBF;
    return follows(1, low, high) && follows(2, 0x80, 0xBF) && follows(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

std::string CleanUpTo(std::string_view text, size_t max_bytes) {
  std::string result;
  while (!text.empty()) {
    const size_t bytes = CharacterBytes(text);
    const bool control = static_cast<uint8_t>(text[0]) < 0x20 || text[0] == 0x7F;
    const std::string_view piece = bytes == 0 ? kReplacement
                                   : control  ? " "
                                              : text.substr(0, bytes);
    if (result.size() + piece.size() > max_bytes) break;
    result += piece;
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return result;
}

std::string Slug(std::string_view name) {
  std::string slug;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    if (upper || plain) {
      slug.push_back(upper ? static_cast<char>(c - 'A' + 'a') : c);
    } else if (!slug.empty() && slug.back() != '-') {
      slug.push_back('-');
    }
  }
  const size_t begin = slug.find_first_not_of("-_.");
  if (begin == std::string::npos) return "";
  slug = slug.substr(begin, kMaxLayerIdBytes);
  while (slug.back() == '-') slug.pop_back();
  return slug;
}

}  // namespace

std::string CleanUtf8(std::string_view text) { return CleanUpTo(text, std::string_view::npos); }

std::string CleanName(std::string_view text) { return CleanUpTo(text, kMaxNameBytes); }

std::string LayerIds::Make(std::string_view name, std::string_view fallback) {
  std::string base = Slug(name);
  if (base.empty()) base = fallback;
  std::string id = base;
  while (!taken_.emplace(id, 2).second) {
    const std::string suffix = StrCat("-", taken_[base]++);
    id = base.substr(0, kMaxLayerIdBytes - suffix.size()) + suffix;
  }
  return id;
}

}  // namespace voxel
