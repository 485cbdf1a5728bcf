#include "voxel/formats/vox_placement.h"

#include <charconv>
#include <string>

#include "absl/strings/escaping.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/formats/vox_cursor.h"

namespace voxel {
namespace {

bool InRange(Coord offset) {
  for (int axis = 0; axis < 3; ++axis) {
    if (offset[axis] < -kVoxMaxOffset || offset[axis] > kVoxMaxOffset) return false;
  }
  return true;
}

// Takes spaces and one integer off the front of `text`.
std::optional<int32_t> TakeInt(std::string_view& text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

bool OnlySpaces(std::string_view text) {
  return text.find_first_not_of(' ') == std::string_view::npos;
}

std::optional<Rotation> ParseRotation(std::string_view text) {
  const std::optional<int32_t> byte = TakeInt(text);
  if (!byte || *byte < 0 || !OnlySpaces(text)) return std::nullopt;
  return Rotation::FromByte(static_cast<uint32_t>(*byte));
}

std::optional<Coord> ParseOffset(std::string_view text) {
  Coord offset;
  for (int axis = 0; axis < 3; ++axis) {
    const std::optional<int32_t> value = TakeInt(text);
    if (!value) return std::nullopt;
    offset[axis] = *value;
  }
  if (!OnlySpaces(text) || !InRange(offset)) return std::nullopt;
  return offset;
}

std::string Quoted(std::string_view text) {
  return StrCat("\"", absl::CHexEscape(ToAbsl(text.substr(0, 64))), "\"");
}

}  // namespace

absl::StatusOr<Transform> VoxFrameTransform(const Attributes& frame) {
  Transform result;
  if (const std::string_view text = FindAttribute(frame, "_r"); !text.empty()) {
    const std::optional<Rotation> rotation = ParseRotation(text);
    if (!rotation) {
      return absl::InvalidArgumentError(
          StrCat("_r ", Quoted(text), " is not one of the 48 axis-aligned rotations"));
    }
    result.rotation = *rotation;
  }
  if (const std::string_view text = FindAttribute(frame, "_t"); !text.empty()) {
    const std::optional<Coord> offset = ParseOffset(text);
    if (!offset) {
      return absl::InvalidArgumentError(StrCat("_t ", Quoted(text),
                                               " is not three whole numbers in [", -kVoxMaxOffset,
                                               ", ", kVoxMaxOffset, "]"));
    }
    result.offset = *offset;
  }
  return result;
}

void SetVoxFrameTransform(Attributes& frame, const Transform& transform) {
  const Coord t = transform.offset;
  if (transform.rotation == Rotation()) {
    RemoveAttribute(frame, "_r");
  } else {
    SetAttribute(frame, "_r", StrCat(int{transform.rotation.byte()}));
  }
  SetAttribute(frame, "_t", StrCat(t.x, " ", t.y, " ", t.z));
}

std::optional<Transform> ComposeVox(const Transform& outer, const Transform& inner) {
  const Transform result = outer * inner;
  if (!InRange(result.offset)) return std::nullopt;
  return result;
}

}  // namespace voxel
