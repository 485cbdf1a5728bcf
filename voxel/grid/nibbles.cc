#include "voxel/grid/nibbles.h"

#include "hwy/highway.h"

namespace voxel::internal {

void MapNibbles(const uint8_t* in, const uint8_t table[16], uint8_t* out, int bytes) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::FixedTag<uint8_t, 16> d;
  const auto map = hn::LoadU(d, table);
  const auto low_half = hn::Set(d, 15);
  for (int at = 0; at < bytes; at += 16) {
    const auto pairs = hn::LoadU(d, in + at);
    const auto low = hn::TableLookupBytes(map, hn::And(pairs, low_half));
    const auto high = hn::TableLookupBytes(map, hn::ShiftRight<4>(pairs));
    hn::StoreU(hn::Or(low, hn::ShiftLeft<4>(high)), d, out + at);
  }
}

}  // namespace voxel::internal
