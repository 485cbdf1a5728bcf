// A fast 64-bit content hash: two words per 64x64->128 bit multiplication, as in wyhash (Wang Yi).
// Not keyed, not cryptographic: equal content gives equal hashes on every little-endian machine, no
// more is promised.
//
// Threading: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace voxel {

inline constexpr uint64_t kHashSeed = 0x9e3779b97f4a7c15;

// Mixes two words into one.
inline uint64_t HashMix(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a ^ 0xa0761d6478bd642f) * (b ^ 0xe7037ed1a0b428db);
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// Hashes bytes of any length and alignment.
inline uint64_t HashBytes(const void* data, size_t bytes, uint64_t seed = kHashSeed) {
  const auto* p = static_cast<const unsigned char*>(data);
  uint64_t h = HashMix(seed, bytes);
  for (; bytes >= 16; p += 16, bytes -= 16) {
    uint64_t words[2];
    std::memcpy(words, p, 16);
    h = HashMix(words[0] ^ h, words[1] + (h << 1 | h >> 63));
  }
  uint64_t tail[2] = {0, 0};
  std::memcpy(tail, p, bytes);
  return HashMix(tail[0] ^ h, tail[1] + (h << 1 | h >> 63));
}

}  // namespace voxel
