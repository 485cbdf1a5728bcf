#include "daemon/convert/ids.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "daemon/convert/shown_text.h"
#include "voxel/base/error.h"
#include "voxel/base/short_text.h"

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
      voxel::ShortText(field, " is \"", ShownText(id, 80),
                       "\"; an id is 1 to 63 of a-z 0-9 _ . - and begins with a letter or a digit"),
      field);
}

absl::Status CheckText(std::string_view text, size_t max_bytes, std::string_view field) {
  if (text.size() <= max_bytes) return absl::OkStatus();
  return Error(
      Reason::INVALID_FIELD,
      voxel::ShortText(field, " has ", text.size(), " bytes; it takes at most ", max_bytes), field);
}

}  // namespace voxeld
