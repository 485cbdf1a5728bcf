#include "clients/api/base64.h"

#include "absl/strings/escaping.h"

namespace voxapi {

std::string Base64(std::string_view bytes) {
  return absl::Base64Escape(absl::string_view(bytes.data(), bytes.size()));
}

std::string FromBase64(std::string_view text) {
  std::string bytes;
  absl::Base64Unescape(absl::string_view(text.data(), text.size()), &bytes);
  return bytes;
}

}  // namespace voxapi
