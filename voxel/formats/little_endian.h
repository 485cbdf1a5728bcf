// Little-endian numbers in byte strings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace voxel {

// REQUIRES: offset + 4 <= bytes.size().
inline uint32_t LoadUint32(std::string_view bytes, size_t offset) {
  const auto byte = [&](size_t i) { return uint32_t{static_cast<uint8_t>(bytes[offset + i])}; };
  return byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
}

inline void AppendUint32(std::string& out, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8)
    out.push_back(static_cast<char>(value >> shift & 255));
}

}  // namespace voxel
