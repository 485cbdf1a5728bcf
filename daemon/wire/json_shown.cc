#include "daemon/wire/json_shown.h"

#include "daemon/wire/json_string.h"

namespace voxeld {

voxel::ShortText ShownJson(std::string_view token) {
  if (token.starts_with('{')) return voxel::ShortText("an object");
  if (token.starts_with('[')) return voxel::ShortText("an array");
  if (token.size() <= kShownBytes) return voxel::ShortText(token);
  return voxel::ShortText(Utf8Prefix(token, kShownBytes), "...");
}

}  // namespace voxeld
