#include "voxel/formats/vox_cursor.h"

#include <algorithm>
#include <string>
#include <utility>

#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/formats/little_endian.h"

namespace voxel {

absl::StatusOr<uint32_t> VoxCursor::Uint32(std::string_view what) {
  if (left() < 4) {
    return VoxCorrupt(chunk_.id, chunk_.offset,
                      StrCat(what, " at byte ", offset(), " needs 4 bytes, ", left(), " left"));
  }
  const uint32_t value = LoadUint32(chunk_.content, position_);
  position_ += 4;
  return value;
}

absl::StatusOr<int32_t> VoxCursor::Int32(std::string_view what) {
  VOXEL_ASSIGN_OR_RETURN(const uint32_t value, Uint32(what));
  return static_cast<int32_t>(value);
}

absl::StatusOr<size_t> VoxCursor::Count(std::string_view what, size_t item_bytes) {
  const size_t start = offset();
  VOXEL_ASSIGN_OR_RETURN(const uint32_t count, Uint32(what));
  if (count > left() / item_bytes) {
    return VoxCorrupt(
        chunk_.id, chunk_.offset,
        StrCat(what, " at byte ", start, " says ", count, ", ", left(), " bytes left"));
  }
  return size_t{count};
}

absl::StatusOr<std::string_view> VoxCursor::String(std::string_view what) {
  VOXEL_ASSIGN_OR_RETURN(const size_t size, Count(StrCat("length of ", what), 1));
  const std::string_view value = chunk_.content.substr(position_, size);
  position_ += size;
  return value;
}

absl::StatusOr<Attributes> VoxCursor::Dictionary(std::string_view what) {
  VOXEL_ASSIGN_OR_RETURN(const size_t count, Count(StrCat("size of ", what), 8));
  Attributes result;
  for (size_t i = 0; i < count; ++i) {
    VOXEL_ASSIGN_OR_RETURN(const std::string_view key, String(StrCat("key ", i, " of ", what)));
    VOXEL_ASSIGN_OR_RETURN(const std::string_view value, String(StrCat("value ", i, " of ", what)));
    result.emplace_back(key, value);
  }
  return result;
}

std::string_view FindAttribute(const Attributes& attributes, std::string_view key) {
  for (const auto& [name, value] : attributes) {
    if (name == key) return value;
  }
  return {};
}

void SetAttribute(Attributes& attributes, std::string_view key, std::string_view value) {
  for (auto& [name, old] : attributes) {
    if (name == key) {
      old = value;
      return;
    }
  }
  attributes.emplace_back(key, value);
}

void RemoveAttribute(Attributes& attributes, std::string_view key) {
  std::erase_if(attributes, [key](const auto& pair) { return pair.first == key; });
}

}  // namespace voxel
