#include "daemon/convert/color_text.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "daemon/convert/shown_text.h"
#include "voxel/base/error.h"
#include "voxel/base/short_text.h"
#include "voxel/base/status_macros.h"
#include "voxel/ops/pattern_text.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = absl::ascii_tolower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The colour of "rgb", "rgba", "rrggbb" or "rrggbbaa"; -1 if it is none of these.
int64_t ParseHex(std::string_view digits) {
  const bool is_short = digits.size() == 3 || digits.size() == 4;
  if (!is_short && digits.size() != 6 && digits.size() != 8) return -1;
  uint32_t value = 0;
  for (const char c : digits) {
    const int digit = HexDigit(c);
    if (digit < 0) return -1;
    value = is_short ? value << 8 | static_cast<uint32_t>(digit * 17)
                     : value << 4 | static_cast<uint32_t>(digit);
  }
  if (digits.size() == 3 || digits.size() == 6) value = value << 8 | 255;
  return voxel::Normalized(value);
}

// " (a, b)", of a palette's names.
voxel::ShortText PaletteNames(const voxel::Palette* palette) {
  voxel::ShortText names;
  int shown = 0;
  for (size_t i = 0; palette != nullptr && i < palette->entries.size() && shown <= 8; ++i) {
    const std::string& name = palette->entries[i].name;
    if (name.empty()) continue;
    names.Append(shown == 0 ? " (" : ", ");
    names.Append(++shown > 8 ? std::string_view("...") : std::string_view(name));
  }
  names.Append(shown == 0 ? " (this project has none)" : ")");
  return names;
}

}  // namespace

absl::StatusOr<voxel::Color> ParseColor(std::string_view text, const voxel::Palette* palette,
                                        std::string_view field) {
  if (text.empty())
    return Error(Reason::MISSING_FIELD, voxel::ShortText(field, " is missing"), field);
  if (text == "air") return voxel::kAir;
  if (text[0] == '#') {
    if (const int64_t color = ParseHex(text.substr(1)); color >= 0)
      return static_cast<voxel::Color>(color);
  } else if (palette != nullptr) {
    if (const auto* entry = palette->Find(text); entry != nullptr)
      return voxel::Normalized(entry->color);
  }
  return Error(
      Reason::INVALID_COLOR,
      voxel::ShortText(field, " is \"", ShownText(text, 64),
                       "\"; it takes #rgb, #rgba, #rrggbb, #rrggbbaa, air, or a palette name",
                       PaletteNames(palette)),
      field);
}

absl::StatusOr<Paint> ParsePaint(std::string_view text, const voxel::Palette* palette,
                                 std::string_view field) {
  const bool named = palette != nullptr && palette->Find(text) != nullptr;
  if (named || !voxel::LooksLikePattern(text)) {
    VOXEL_ASSIGN_OR_RETURN(const voxel::Color color, ParseColor(text, palette, field));
    return Paint{color, nullptr};
  }
  auto pattern = voxel::ParsePattern(
      text, [palette](std::string_view name) { return ParseColor(name, palette, "the colour"); });
  if (!pattern.ok()) return AtField(field, pattern.status());
  return Paint{voxel::kAir, std::make_shared<const voxel::Pattern>(*std::move(pattern))};
}

absl::Status AtField(std::string_view field, const absl::Status& status) {
  absl::Status named(status.code(), absl::StrCat(voxel::ToAbsl(field), ": ", status.message()));
  status.ForEachPayload([&named](absl::string_view type, const absl::Cord& payload) {
    named.SetPayload(type, payload);
  });
  return voxel::InField(field, named);
}

std::string FormatColor(voxel::Color color) {
  return color == voxel::kAir ? std::string() : absl::StrFormat("#%08x", color);
}

}  // namespace voxeld
