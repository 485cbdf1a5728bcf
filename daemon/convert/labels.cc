#include "daemon/convert/labels.h"

#include "daemon/convert/ids.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;

constexpr size_t kMaxLabels = 64;
constexpr size_t kMaxLabelBytes = 256;

}  // namespace

absl::Status CheckLabels(const Labels& labels, std::string_view field) {
  for (const auto& [key, value] : labels) {
    if (key.empty())
      return Error(Reason::INVALID_FIELD, voxel::StrCat(field, " has an empty key"), field);
    VOXEL_RETURN_IF_ERROR(CheckText(key, kMaxLabelBytes, voxel::StrCat(field, " key")));
    VOXEL_RETURN_IF_ERROR(CheckText(value, kMaxLabelBytes, voxel::StrCat(field, "[", key, "]")));
  }
  return absl::OkStatus();
}

absl::Status CheckLabelCount(size_t count, std::string_view field) {
  if (count <= kMaxLabels) return absl::OkStatus();
  return Error(Reason::INVALID_FIELD,
               voxel::StrCat(field, " would make ", count, " labels; at most ", kMaxLabels), field);
}

}  // namespace voxeld
