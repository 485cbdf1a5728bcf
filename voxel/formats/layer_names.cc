#include "voxel/formats/layer_names.h"

#include <cstdint>

#include "voxel/base/str_cat.h"
#include "voxel/base/utf8.h"

namespace voxel {
namespace {

std::string CleanUpTo(std::string_view text, size_t max_bytes) {
  std::string result;
  while (!text.empty()) {
    const size_t bytes = Utf8Length(text);
    const bool control = static_cast<uint8_t>(text[0]) < 0x20 || text[0] == 0x7F;
    const std::string_view piece = bytes == 0 ? kReplacementCharacter
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
