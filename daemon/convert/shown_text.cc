#include "daemon/convert/shown_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "voxel/base/string_view.h"

namespace voxeld {
namespace {

bool IsPlain(char c) {
  return absl::ascii_isprint(static_cast<unsigned char>(c)) && c != '"' && c != '\'' && c != '\\';
}

}  // namespace

voxel::ShortText ShownText(std::string_view text, size_t most_bytes) {
  text = text.substr(0, most_bytes);
  // Nearly all are; those that are not cost a heap call.
  if (std::all_of(text.begin(), text.end(), IsPlain)) return voxel::ShortText(text);
  return voxel::ShortText(absl::CHexEscape(voxel::ToAbsl(text)));
}

}  // namespace voxeld
