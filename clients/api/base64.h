// Base64, RFC 4648, with padding: how bytes travel in JSON.
#pragma once

#include <string>
#include <string_view>

namespace voxapi {

std::string Base64(std::string_view bytes);
// Empty if `text` is no base64.
std::string FromBase64(std::string_view text);

}  // namespace voxapi
