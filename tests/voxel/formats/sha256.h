// SHA-256 (FIPS 180-4), for comparing with hashes that other programs made.
#pragma once

#include <string>
#include <string_view>

namespace voxel {

std::string Sha256Hex(std::string_view bytes);

}  // namespace voxel
