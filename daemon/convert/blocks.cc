#include "daemon/convert/blocks.h"

#include <algorithm>
#include <string>

#include "absl/base/internal/endian.h"
#include "absl/container/flat_hash_map.h"
#include "daemon/convert/enums.h"
#include "daemon/convert/geometry.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;

constexpr size_t kMaxPalette = 256;

// Fills `out` with palette indices; false if there are more than 256 colours.
bool EncodeByPalette(const std::vector<voxel::Color>& colors, v1::Block* out) {
  absl::flat_hash_map<voxel::Color, uint8_t> index_of;
  std::string data(colors.size(), '\0');
  std::vector<voxel::Color> palette;
  voxel::Color last = ~colors[0];
  uint8_t index = 0;
  for (size_t i = 0; i < colors.size(); ++i) {
    if (colors[i] != last) {
      last = colors[i];
      const auto [it, is_new] = index_of.try_emplace(last, static_cast<uint8_t>(palette.size()));
      if (is_new) {
        if (palette.size() == kMaxPalette) return false;
        palette.push_back(last);
      }
      index = it->second;
    }
    data[i] = static_cast<char>(index);
  }
  out->set_encoding(v1::ENCODING_PALETTE);
  out->mutable_palette()->Add(palette.begin(), palette.end());
  out->set_data(std::move(data));
  return true;
}

void EncodeRaw(const std::vector<voxel::Color>& colors, v1::Block* out) {
  out->set_encoding(v1::ENCODING_RAW);
  std::string& data = *out->mutable_data();
  data.resize(4 * colors.size());
  for (size_t i = 0; i < colors.size(); ++i)
    absl::little_endian::Store32(data.data() + 4 * i, colors[i]);
}

absl::Status WrongSize(std::string_view field, size_t bytes, size_t wanted) {
  return Error(
      Reason::INVALID_FIELD,
      voxel::StrCat(field, ".data has ", bytes, " bytes; this box and encoding take ", wanted),
      voxel::StrCat(field, ".data"));
}

absl::Status DecodeRaw(const v1::Block& block, std::string_view field,
                       std::vector<voxel::Color>& colors) {
  if (block.data().size() != 4 * colors.size())
    return WrongSize(field, block.data().size(), 4 * colors.size());
  for (size_t i = 0; i < colors.size(); ++i) {
    colors[i] = voxel::Normalized(absl::little_endian::Load32(block.data().data() + 4 * i));
  }
  return absl::OkStatus();
}

absl::Status DecodeByPalette(const v1::Block& block, std::string_view field,
                             std::vector<voxel::Color>& colors) {
  if (block.data().size() != colors.size())
    return WrongSize(field, block.data().size(), colors.size());
  const auto entries = static_cast<size_t>(block.palette_size());
  for (size_t i = 0; i < colors.size(); ++i) {
    const auto index = static_cast<uint8_t>(block.data()[i]);
    if (index >= entries) {
      return Error(Reason::INVALID_FIELD,
                   voxel::StrCat(field, ".data[", i, "] is ", int{index}, "; the palette has ",
                                 entries, " colours"),
                   voxel::StrCat(field, ".data"));
    }
    colors[i] = voxel::Normalized(block.palette(index));
  }
  return absl::OkStatus();
}

}  // namespace

void FromVoxels(const voxel::Box& box, const std::vector<voxel::Color>& colors,
                bool palette_allowed, v1::Block* out) {
  FromBox(box, out->mutable_box());
  if (std::all_of(colors.begin(), colors.end(), [&](voxel::Color c) { return c == colors[0]; })) {
    out->set_uniform(true);
    out->set_value(colors[0]);
    return;
  }
  if (palette_allowed && EncodeByPalette(colors, out)) return;
  EncodeRaw(colors, out);
}

absl::StatusOr<BlockVoxels> ToVoxels(const v1::Block& block, std::string_view field) {
  BlockVoxels out;
  VOXEL_ASSIGN_OR_RETURN(out.box, ToBox(block.box(), voxel::StrCat(field, ".box")));
  const int64_t voxels = out.box.Voxels();
  if (voxels > kMaxBlockVoxels) {
    return Error(Reason::INVALID_FIELD,
                 voxel::StrCat(field, ".box holds ", voxels, " voxels; a block holds at most ",
                               kMaxBlockVoxels),
                 voxel::StrCat(field, ".box"));
  }
  out.colors.assign(static_cast<size_t>(voxels), voxel::Normalized(block.value()));
  if (block.uniform()) {
    if (!block.data().empty()) return WrongSize(field, block.data().size(), 0);
    return out;
  }
  switch (block.encoding()) {
    case v1::ENCODING_UNSPECIFIED:
    case v1::ENCODING_RAW:
      VOXEL_RETURN_IF_ERROR(DecodeRaw(block, field, out.colors));
      return out;
    case v1::ENCODING_PALETTE:
      VOXEL_RETURN_IF_ERROR(DecodeByPalette(block, field, out.colors));
      return out;
    default:
      return CheckEnum(block.encoding(), voxel::StrCat(field, ".encoding"));
  }
}

}  // namespace voxeld
