#include "daemon/codec/crc32c.h"

#include <cstring>

#if defined(__SSE4_2__)
#include <nmmintrin.h>
#endif

namespace voxeld {
namespace {

struct Table {
  uint32_t of[256];
  constexpr Table() : of() {
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t crc = i;
      for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82F63B78u : 0u);
      of[i] = crc;
    }
  }
};
constexpr Table kTable;

}  // namespace

uint32_t Crc32c(std::string_view bytes) {
#if defined(__SSE4_2__)
  uint32_t crc = ~uint32_t{0};
  while (bytes.size() >= sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    crc = static_cast<uint32_t>(_mm_crc32_u64(crc, word));
    bytes.remove_prefix(sizeof word);
  }
  for (const char c : bytes) crc = _mm_crc32_u8(crc, static_cast<uint8_t>(c));
  return ~crc;
#else
  return internal::Crc32cByTable(bytes);
#endif
}

uint32_t internal::Crc32cByTable(std::string_view bytes) {
  uint32_t crc = ~uint32_t{0};
  for (const char c : bytes) crc = crc >> 8 ^ kTable.of[(crc ^ static_cast<uint8_t>(c)) & 255];
  return ~crc;
}

}  // namespace voxeld
