#include "voxel/grid/nibbles.h"

#include <algorithm>
#include <cstring>

#include "voxel/grid/brick_rep.h"

// Compiled once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "voxel/grid/nibbles.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace voxel::internal {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr hn::FixedTag<uint8_t, 16> kBytes;

void MapNibblesOf(const uint8_t* in, const uint8_t table[16], uint8_t* out, int bytes) {
  const auto map = hn::LoadU(kBytes, table);
  const auto low_half = hn::Set(kBytes, 15);
  for (int at = 0; at < bytes; at += 16) {
    const auto pairs = hn::LoadU(kBytes, in + at);
    const auto low = hn::TableLookupBytes(map, hn::And(pairs, low_half));
    const auto high = hn::TableLookupBytes(map, hn::ShiftRight<4>(pairs));
    hn::StoreU(hn::Or(low, hn::ShiftLeft<4>(high)), kBytes, out + at);
  }
}

using Bytes = hn::Vec<decltype(kBytes)>;

#if HWY_MAX_BYTES >= 64 && HWY_CAP_GE512

// A whole palette fits a vector.
class Decoder {
 public:
  explicit Decoder(const Color* palette) : palette_(hn::LoadU(kRow, palette)) {}

  // 16 voxels of these indices; air where there is no bit, if kMasked.
  template <bool kMasked>
  HWY_INLINE void Row(Bytes indices, const uint8_t bits[8], Color* out) const {
    const auto lanes = hn::IndicesFromVec(kRow, hn::PromoteTo(kRow, indices));
    auto colors = hn::TableLookupLanes(palette_, lanes);
    if (kMasked) colors = hn::IfThenElseZero(hn::LoadMaskBits(kRow, bits), colors);
    hn::StoreU(colors, kRow, out);
  }

 private:
  static constexpr hn::FixedTag<uint32_t, 16> kRow{};
  const hn::Vec<hn::FixedTag<uint32_t, 16>> palette_;
};

#else

// The palette as one table for each byte of a colour.
class Decoder {
 public:
  explicit Decoder(const Color* palette) {
    for (int i = 0; i < 16; ++i) {
      for (int plane = 0; plane < 4; ++plane) {
        planes_[plane][i] = static_cast<uint8_t>(palette[i] >> (8 * plane));
      }
    }
  }

  // 16 voxels of these indices; air where there is no bit, if kMasked.
  template <bool kMasked>
  HWY_INLINE void Row(Bytes indices, const uint8_t bits[8], Color* out) const {
    const hn::Repartition<uint16_t, decltype(kBytes)> twos;
    // An index with its upper bit set looks up 0.
    if (kMasked) {
      indices = hn::IfThenElse(hn::LoadMaskBits(kBytes, bits), indices, hn::Set(kBytes, 0x80));
    }
    const auto look_up = [&](int plane) {
      return hn::TableLookupBytesOr0(hn::LoadU(kBytes, planes_[plane]), indices);
    };
    const auto b0 = look_up(0);
    const auto b1 = look_up(1);
    const auto b2 = look_up(2);
    const auto b3 = look_up(3);
    const auto low01 = hn::BitCast(twos, hn::InterleaveLower(kBytes, b0, b1));
    const auto high01 = hn::BitCast(twos, hn::InterleaveUpper(kBytes, b0, b1));
    const auto low23 = hn::BitCast(twos, hn::InterleaveLower(kBytes, b2, b3));
    const auto high23 = hn::BitCast(twos, hn::InterleaveUpper(kBytes, b2, b3));
    auto* const to = reinterpret_cast<uint16_t*>(out);
    hn::StoreU(hn::InterleaveLower(twos, low01, low23), twos, to);
    hn::StoreU(hn::InterleaveUpper(twos, low01, low23), twos, to + 8);
    hn::StoreU(hn::InterleaveLower(twos, high01, high23), twos, to + 16);
    hn::StoreU(hn::InterleaveUpper(twos, high01, high23), twos, to + 24);
  }

 private:
  uint8_t planes_[4][16];
};

#endif

// Two rows at a time, the indices of which fill a vector.
template <bool kMasked>
HWY_INLINE void DecodeRows(const uint8_t* in, const Color* palette, const BrickMask& mask,
                           Color* out) {
  const Decoder decoder(palette);
  const auto low_half = hn::Set(kBytes, 15);
  for (int at = 0; at < kBrickVoxels; at += 2 * kBrickSize) {
    // As many bytes as any LoadMaskBits reads.
    uint8_t bits[8] = {};
    uint8_t next[8] = {};
    if (kMasked) {
      const uint64_t word = mask.words[static_cast<size_t>(at >> 6)] >> (at & 63);
      const uint64_t rest = word >> kBrickSize;
      std::memcpy(bits, &word, sizeof word);
      std::memcpy(next, &rest, sizeof rest);
    }
    const auto pairs = hn::LoadU(kBytes, in + at / 2);
    const auto even = hn::And(pairs, low_half);
    const auto odd = hn::ShiftRight<4>(pairs);
    decoder.Row<kMasked>(hn::InterleaveLower(kBytes, even, odd), bits, out + at);
    decoder.Row<kMasked>(hn::InterleaveUpper(kBytes, even, odd), next, out + at + kBrickSize);
  }
}

void DecodeNibblesOf(const uint8_t* in, const Color* palette, const BrickMask* mask, Color* out) {
  if (mask == nullptr) return DecodeRows<false>(in, palette, kFullMask, out);
  DecodeRows<true>(in, palette, *mask, out);
}

void DecodeMaskOf(const BrickMask& mask, Color color, Color* out) {
  const hn::CappedTag<uint32_t, kBrickSize> d;
  const auto value = hn::Set(d, color);
  for (int row = 0; row < kBrickVoxels / kBrickSize; ++row) {
    const uint64_t word = mask.words[static_cast<size_t>(row >> 2)] >> ((row & 3) << 4);
    for (size_t x = 0; x < kBrickSize; x += hn::Lanes(d)) {
      const uint64_t part = word >> x;
      uint8_t bits[8];
      std::memcpy(bits, &part, sizeof part);
      hn::StoreU(hn::IfThenElseZero(hn::LoadMaskBits(d, bits), value), d,
                 out + row * kBrickSize + x);
    }
  }
}

template <bool kNibbles>
HWY_INLINE int Count(const uint8_t* in, int wanted) {
  const hn::ScalableTag<uint8_t> d;
  const hn::Repartition<uint64_t, decltype(d)> sums;
  const auto value = hn::Set(d, static_cast<uint8_t>(wanted));
  const auto low_half = hn::Set(d, 15);
  const auto n = static_cast<int>(hn::Lanes(d));
  auto total = hn::Zero(sums);
  constexpr int kBytesInAll = kNibbles ? kBrickVoxels / 2 : kBrickVoxels;
  for (int at = 0; at < kBytesInAll;) {
    auto counts = hn::Zero(d);  // a byte can count 127 times two compares
    for (const int end = std::min(kBytesInAll, at + 64 * n); at < end; at += n) {
      const auto bytes = hn::LoadU(d, in + at);
      const auto low = kNibbles ? hn::And(bytes, low_half) : bytes;
      counts = hn::Sub(counts, hn::VecFromMask(d, hn::Eq(low, value)));
      if (!kNibbles) continue;
      counts = hn::Sub(counts, hn::VecFromMask(d, hn::Eq(hn::ShiftRight<4>(bytes), value)));
    }
    total = hn::Add(total, hn::SumsOf8(counts));
  }
  return static_cast<int>(hn::GetLane(hn::SumOfLanes(sums, total)));
}

int CountNibblesOf(const uint8_t* in, int wanted) { return Count<true>(in, wanted); }
int CountBytesOf(const uint8_t* in, int wanted) { return Count<false>(in, wanted); }

}  // namespace HWY_NAMESPACE
}  // namespace voxel::internal
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace voxel::internal {

HWY_EXPORT(MapNibblesOf);
HWY_EXPORT(DecodeNibblesOf);
HWY_EXPORT(DecodeMaskOf);
HWY_EXPORT(CountNibblesOf);
HWY_EXPORT(CountBytesOf);

void MapNibbles(const uint8_t* in, const uint8_t table[16], uint8_t* out, int bytes) {
  HWY_DYNAMIC_DISPATCH(MapNibblesOf)(in, table, out, bytes);
}

void DecodeNibbles(const uint8_t in[kBrickVoxels / 2], const Color palette[16],
                   const BrickMask* mask, Color out[kBrickVoxels]) {
  HWY_DYNAMIC_DISPATCH(DecodeNibblesOf)(in, palette, mask, out);
}

void DecodeMask(const BrickMask& mask, Color color, Color out[kBrickVoxels]) {
  HWY_DYNAMIC_DISPATCH(DecodeMaskOf)(mask, color, out);
}

int CountNibbles(const uint8_t in[kBrickVoxels / 2], int wanted) {
  return HWY_DYNAMIC_DISPATCH(CountNibblesOf)(in, wanted);
}

int CountBytes(const uint8_t in[kBrickVoxels], int wanted) {
  return HWY_DYNAMIC_DISPATCH(CountBytesOf)(in, wanted);
}

}  // namespace voxel::internal
#endif  // HWY_ONCE
