// Lists of positions and colours, which may come as numbers or as little-endian bytes.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "google/protobuf/repeated_field.h"
#include "voxel/grid/palette.h"
#include "voxel/grid/set_places.h"
#include "voxel/ops/edit.h"
#include "voxeld/v1/edit.pb.h"

namespace voxeld {

// `pattern` becomes what the one colour of all says, if it is a pattern.
absl::StatusOr<voxel::SetVoxels> ToSetVoxels(const v1::SetVoxels& set,
                                             const voxel::Palette* palette, std::string_view field,
                                             std::shared_ptr<const voxel::Pattern>& pattern);

// Positions and colours of a few voxels, read without a heap call. For the stack: 16 KiB.
class FewVoxels {
 public:
  // False: they are no such list, and ToSetVoxels reads them or says what is wrong. They are
  // numbers: positions of up to kMostPlaces voxels, and their colours, or one colour in hex
  // digits.
  bool Read(const v1::SetVoxels& set, const voxel::Palette* palette);
  // Of no colours.
  bool ReadPositions(const google::protobuf::RepeatedField<int32_t>& xyz);

  absl::Span<const voxel::Coord> positions() const {
    return {reinterpret_cast<const voxel::Coord*>(positions_), count_};
  }
  absl::Span<const voxel::Color> colors() const { return {colors_, color_count_}; }

 private:
  bool ReadColor(const std::string& text, const voxel::Palette* palette);

  // Bytes, for constructing that many positions would cost more than reading one.
  alignas(voxel::Coord) unsigned char positions_[voxel::kMostPlaces * sizeof(voxel::Coord)];
  voxel::Color colors_[voxel::kMostPlaces];
  size_t count_ = 0;
  size_t color_count_ = 0;
};

// INVALID_FIELD if a list is given in both of its forms.
absl::Status OneForm(bool first, bool second, std::string_view names, std::string_view field);

// One colour, or the colour of each.
std::vector<voxel::Color> NormalizedColors(const google::protobuf::RepeatedField<uint32_t>& rgba);

}  // namespace voxeld
