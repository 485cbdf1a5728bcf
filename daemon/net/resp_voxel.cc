#include "daemon/net/resp_voxel.h"

#include <optional>

#include "voxel/base/error.h"
#include "voxel/base/short_text.h"

namespace voxeld {
namespace {

constexpr int32_t kWorldEnd = 1 << 30;
constexpr std::string_view kAxes[] = {"x", "y", "z"};

std::optional<uint32_t> ColorNumber(std::string_view text) {
  uint32_t value = 0;
  if (text.empty() || !ReadNumber(text, &value)) return std::nullopt;
  return value;
}

}  // namespace

bool RespVoxel::in_world() const {
  for (const int32_t n : xyz) {
    if (n < -kWorldEnd || n >= kWorldEnd) return false;
  }
  return true;
}

absl::Status ReadPosition(absl::Span<const std::string_view> words, int32_t (&xyz)[3]) {
  for (size_t axis = 0; axis < 3; ++axis) {
    if (ReadNumber(words[axis], &xyz[axis])) continue;
    return voxel::Error(voxel::Reason::INVALID_FIELD,
                        voxel::ShortText(kAxes[axis], " is \"", words[axis].substr(0, 40),
                                         "\"; it takes a whole number of 32 bits"),
                        kAxes[axis]);
  }
  return absl::OkStatus();
}

v1::SetVoxels* BeginVoxels(v1::SetVoxelsRequest* request, MessagePool* messages) {
  request->set_allocated_voxels(
      static_cast<v1::SetVoxels*>(messages->TakeNested(*v1::SetVoxels::descriptor())));
  return request->mutable_voxels();
}

bool AddVoxel(const RespVoxel& voxel, v1::SetVoxels* set) {
  const std::optional<uint32_t> number = ColorNumber(voxel.color);
  const bool first = set->xyz().empty();
  if (number.has_value()) {
    if (!first && set->rgba().empty()) return false;  // theirs is a text, perhaps an empty one
    set->add_rgba(*number);
  } else if (first) {
    set->mutable_color()->assign(voxel.color);
  } else if (!set->rgba().empty() || set->color() != voxel.color) {
    return false;
  }
  for (const int32_t n : voxel.xyz) set->add_xyz(n);
  return true;
}

}  // namespace voxeld
