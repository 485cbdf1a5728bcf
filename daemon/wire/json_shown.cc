#include "daemon/wire/json_shown.h"

#include "daemon/wire/json_string.h"
#include "voxel/base/str_cat.h"

namespace voxeld {

std::string ShownJson(std::string_view token) {
  if (token.starts_with('{')) return "an object";
  if (token.starts_with('[')) return "an array";
  if (token.size() <= kShownBytes) return std::string(token);
  return voxel::StrCat(Utf8Prefix(token, kShownBytes), "...");
}

}  // namespace voxeld
