#include "daemon/convert/voxel_lists.h"

#include <new>
#include <string>
#include <utility>

#include "absl/base/internal/endian.h"
#include "daemon/convert/color_text.h"
#include "daemon/convert/geometry.h"
#include "voxel/base/error.h"
#include "voxel/base/short_text.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/ops/pattern_text.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;
using voxel::ShortText;

absl::StatusOr<std::vector<voxel::Coord>> CoordsFromBytes(std::string_view bytes,
                                                          std::string_view field) {
  if (bytes.size() % 12 != 0) {
    return Error(
        Reason::INVALID_FIELD,
        voxel::StrCat(field, " has ", bytes.size(), " bytes; it takes 12 for each position"),
        field);
  }
  std::vector<voxel::Coord> coords(bytes.size() / 12);
  for (size_t i = 0; i < coords.size(); ++i) {
    for (int axis = 0; axis < 3; ++axis) {
      coords[i][axis] =
          static_cast<int32_t>(absl::little_endian::Load32(bytes.data() + 12 * i + 4 * axis));
    }
    if (voxel::InWorld(coords[i])) continue;
    return Error(Reason::OUT_OF_WORLD,
                 voxel::StrCat(field, " position ", i, " is [", coords[i].x, ", ", coords[i].y,
                               ", ", coords[i].z, "]; each must be in [-1073741824, 1073741824)"),
                 field);
  }
  return coords;
}

absl::StatusOr<std::vector<voxel::Color>> ReadColors(
    const v1::SetVoxels& set, const voxel::Palette* palette, std::string_view field,
    std::shared_ptr<const voxel::Pattern>& pattern) {
  const int forms = !set.rgba().empty() + !set.rgba_le().empty() + !set.color().empty();
  if (forms != 1) {
    return Error(
        forms == 0 ? Reason::MISSING_FIELD : Reason::INVALID_FIELD,
        ShortText(field, " takes exactly one of rgba, rgba_le, color; ", forms, " are given"),
        field);
  }
  std::vector<voxel::Color> colors;
  if (!set.color().empty()) {
    VOXEL_ASSIGN_OR_RETURN(Paint paint,
                           ParsePaint(set.color(), palette, ShortText(field, ".color")));
    pattern = std::move(paint.pattern);
    return std::vector<voxel::Color>{paint.color};
  }
  if (!set.rgba().empty()) return NormalizedColors(set.rgba());
  if (set.rgba_le().size() % 4 != 0) {
    return Error(Reason::INVALID_FIELD,
                 voxel::StrCat(field, ".rgba_le has ", set.rgba_le().size(),
                               " bytes; it takes 4 for each colour"),
                 voxel::StrCat(field, ".rgba_le"));
  }
  colors.resize(set.rgba_le().size() / 4);
  for (size_t i = 0; i < colors.size(); ++i) {
    colors[i] = voxel::Normalized(absl::little_endian::Load32(set.rgba_le().data() + 4 * i));
  }
  return colors;
}

}  // namespace

absl::Status OneForm(bool first, bool second, std::string_view names, std::string_view field) {
  if (!(first && second)) return absl::OkStatus();
  return Error(Reason::INVALID_FIELD, ShortText(field, " has both ", names, "; give one of them"),
               field);
}

std::vector<voxel::Color> NormalizedColors(const google::protobuf::RepeatedField<uint32_t>& rgba) {
  std::vector<voxel::Color> colors;
  colors.reserve(static_cast<size_t>(rgba.size()));
  for (const uint32_t color : rgba) colors.push_back(voxel::Normalized(color));
  return colors;
}

bool FewVoxels::ReadPositions(const google::protobuf::RepeatedField<int32_t>& xyz) {
  count_ = static_cast<size_t>(xyz.size()) / 3;
  if (count_ == 0 || count_ > voxel::kMostPlaces || xyz.size() % 3 != 0) return false;
  const int32_t* from = xyz.data();
  for (size_t i = 0; i < count_; ++i, from += 3) {
    const auto* c =
        new (positions_ + i * sizeof(voxel::Coord)) voxel::Coord{from[0], from[1], from[2]};
    if (!voxel::InWorld(*c)) return false;
  }
  return true;
}

bool FewVoxels::ReadColor(const std::string& text, const voxel::Palette* palette) {
  // A name of the palette may look like anything.
  if (text.front() != '#' || (palette != nullptr && palette->Find(text) != nullptr)) return false;
  if (voxel::LooksLikePattern(text)) return false;
  const auto color = ParseColor(text, nullptr, "color");
  if (!color.ok()) return false;
  colors_[0] = *color;
  color_count_ = 1;
  return true;
}

bool FewVoxels::Read(const v1::SetVoxels& set, const voxel::Palette* palette) {
  if (!set.xyz_le().empty() || !set.rgba_le().empty() || !ReadPositions(set.xyz())) return false;
  if (!set.color().empty()) return set.rgba().empty() && ReadColor(set.color(), palette);
  color_count_ = static_cast<size_t>(set.rgba().size());
  if (color_count_ != 1 && color_count_ != count_) return false;
  for (size_t i = 0; i < color_count_; ++i) {
    colors_[i] = voxel::Normalized(set.rgba(static_cast<int>(i)));
  }
  return true;
}

absl::StatusOr<voxel::SetVoxels> ToSetVoxels(const v1::SetVoxels& set,
                                             const voxel::Palette* palette, std::string_view field,
                                             std::shared_ptr<const voxel::Pattern>& pattern) {
  voxel::SetVoxels op;
  VOXEL_RETURN_IF_ERROR(
      OneForm(!set.xyz().empty(), !set.xyz_le().empty(), "xyz and xyz_le", field));
  if (!set.xyz_le().empty()) {
    VOXEL_ASSIGN_OR_RETURN(op.positions,
                           CoordsFromBytes(set.xyz_le(), ShortText(field, ".xyz_le")));
  } else {
    VOXEL_RETURN_IF_ERROR(CheckCoords(set.xyz(), ShortText(field, ".xyz")));
  }
  VOXEL_ASSIGN_OR_RETURN(op.colors, ReadColors(set, palette, field, pattern));
  if (!set.xyz().empty()) {
    VOXEL_ASSIGN_OR_RETURN(op.positions, ToCoords(set.xyz(), ShortText(field, ".xyz")));
  }
  if (op.colors.size() == 1 || op.colors.size() == op.positions.size()) return op;
  return Error(
      Reason::INVALID_FIELD,
      voxel::StrCat(field, " has ", op.positions.size(), " positions and ", op.colors.size(),
                    " colours; give one colour, or one for each position"),
      field);
}

}  // namespace voxeld
