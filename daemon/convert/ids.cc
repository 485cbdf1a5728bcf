#include "daemon/convert/ids.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "voxel/base/error.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;

constexpr size_t kMaxIdBytes = 63;

bool IsAlphanumeric(char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c); }
bool IsIdCharacter(char c) { return IsAlphanumeric(c) || c == '_' || c == '.' || c == '-'; }

}  // namespace

absl::Status CheckId(std::string_view id, std::string_view field) {
  const bool good = !id.empty() && id.size() <= kMaxIdBytes && IsAlphanumeric(id[0]) &&
                    std::all_of(id.begin(), id.end(), IsIdCharacter);
  if (good) return absl::OkStatus();
  return Error(
      Reason::INVALID_ID,
      voxel::StrCat(field, " is \"", absl::CHexEscape(voxel::ToAbsl(id.substr(0, 80))),
                    "\"; an id is 1 to 63 of a-z 0-9 _ . - and begins with a letter or a digit"),
      field);
}

absl::Status CheckText(std::string_view text, size_t max_bytes, std::string_view field) {
  if (text.size() <= max_bytes) return absl::OkStatus();
  return Error(Reason::INVALID_FIELD,
               voxel::StrCat(field, " has ", text.size(), " bytes; it takes at most ", max_bytes),
               field);
}

}  // namespace voxeld
