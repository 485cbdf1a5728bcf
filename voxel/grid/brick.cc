#include "voxel/grid/brick.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "absl/container/flat_hash_map.h"
#include "voxel/base/hash.h"
#include "voxel/grid/brick_bounds.h"
#include "voxel/grid/brick_rep.h"

namespace voxel {

using internal::Width;

int BrickMask::Count() const {
  int n = 0;
  for (uint64_t word : words) n += std::popcount(word);
  return n;
}

bool BrickMask::None() const {
  uint64_t any = 0;
  for (uint64_t word : words) any |= word;
  return any == 0;
}

bool BrickMask::All() const {
  uint64_t all = ~uint64_t{0};
  for (uint64_t word : words) all &= word;
  return ~all == 0;
}

namespace {

void VisitRawColors(const Brick* brick, absl::FunctionRef<void(Color, int)> fn) {
  absl::flat_hash_map<Color, int> position;
  std::array<std::pair<Color, int>, kBrickVoxels> found;
  int n = 0;
  ForEachBit(brick->occupancy, [&](int voxel) {
    const auto [it, fresh] = position.try_emplace(brick->raw()[voxel], n);
    if (fresh) found[n++] = {it->first, 0};
    ++found[it->second].second;
  });
  for (int i = 0; i < n; ++i) fn(found[i].first, found[i].second);
}

}  // namespace

Color BrickGet(const Brick* brick, int index) { return brick->Get(index); }

void BrickDecode(const Brick* brick, DenseBrick& out) {
  switch (brick->width) {
    case Width::kRaw:
      std::memcpy(out.data(), brick->raw(), sizeof(out));
      return;
    case Width::kOne: {
      const Color color = brick->palette()[0];
      for (int i = 0; i < kBrickVoxels; ++i) {
        out[i] = (brick->occupancy.words[i >> 6] >> (i & 63) & 1) != 0 ? color : kAir;
      }
      return;
    }
    case Width::kNibble: {
      const Color* palette = brick->palette();
      const uint8_t* indices = brick->indices();
      for (int i = 0; i < kBrickVoxels / 2; ++i) {
        out[2 * i] = palette[indices[i] & 15];
        out[2 * i + 1] = palette[indices[i] >> 4];
      }
      break;
    }
    case Width::kByte: {
      const Color* palette = brick->palette();
      const uint8_t* indices = brick->indices();
      for (int i = 0; i < kBrickVoxels; ++i) out[i] = palette[indices[i]];
      break;
    }
  }
  BrickMask air;
  for (size_t w = 0; w < air.words.size(); ++w) air.words[w] = ~brick->occupancy.words[w];
  ForEachBit(air, [&](int voxel) { out[voxel] = kAir; });
}

const BrickMask& BrickOccupancy(const Brick* brick) { return brick->occupancy; }

int BrickCount(const Brick* brick) { return brick->occupancy.Count(); }

size_t BrickBytes(const Brick* brick) { return internal::WidthBytes(brick->width); }

void BrickForEachColor(const Brick* brick, absl::FunctionRef<void(Color, int)> fn) {
  if (brick->width == Width::kRaw) return VisitRawColors(brick, fn);
  int counts[internal::kByteColors] = {};
  if (brick->width == Width::kOne) {
    counts[0] = BrickCount(brick);
  } else {
    ForEachBit(brick->occupancy, [&](int voxel) { ++counts[brick->IndexOf(voxel)]; });
  }
  for (int i = 0; i < brick->colors; ++i) {
    if (counts[i] > 0) fn(brick->palette()[i], counts[i]);
  }
}

bool BrickTranslucent(const Brick* brick) {
  const int colors = brick->width == Width::kRaw ? kBrickVoxels : brick->colors;
  return std::any_of(brick->palette(), brick->palette() + colors,
                     [](Color color) { return color != kAir && Alpha(color) < 255; });
}

namespace internal {

Brick* NewBrick(Width width, bool clear_payload) {
  auto* brick = new (SlabAllocate(WidthBytes(width))) Brick(width);
  const size_t cleared =
      clear_payload ? Brick::PayloadBytes(width) : Brick::Capacity(width) * sizeof(Color);
  std::memset(brick->palette(), 0, cleared);
  return brick;
}

Brick* CloneBrick(const Brick* brick) {
  Brick* copy = NewBrick(brick->width, false);
  copy->colors = brick->colors;
  copy->count = brick->count;
  copy->occupancy = brick->occupancy;
  std::memcpy(copy->palette(), brick->palette(), Brick::PayloadBytes(brick->width));
  return copy;
}

int64_t UnrefBrick(Brick* brick) {
  // acq_rel: the last owner must see what the others did before they let go.
  if (brick->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return 0;
  const size_t bytes = WidthBytes(brick->width);
  brick->~Brick();
  SlabFree(brick, bytes);
  return static_cast<int64_t>(bytes);
}

bool SameBrick(const Brick* a, const Brick* b) {
  if (a == b) return true;
  return a->width == b->width && a->colors == b->colors && a->occupancy == b->occupancy &&
         std::memcmp(a->palette(), b->palette(), Brick::PayloadBytes(a->width)) == 0;
}

uint64_t BrickHash(const Brick* brick) {
  // Relaxed: the brick is immutable, so every thread computes the same number.
  uint64_t hash = brick->hash.load(std::memory_order_relaxed);
  if (hash != 0) return hash;
  hash = HashBytes(brick->occupancy.words.data(), sizeof(brick->occupancy.words));
  hash = HashBytes(brick->palette(), Brick::PayloadBytes(brick->width), hash);
  hash |= 1;  // never 0
  brick->hash.store(hash, std::memory_order_relaxed);
  return hash;
}

int CountIndex(const Brick* brick, int index) {
  const int occupied = brick->occupancy.Count();
  if (brick->width == Width::kOne) return index == 0 ? occupied : 0;
  using Bytes16 __attribute__((vector_size(16))) = uint8_t;
  constexpr int kBlock = 16 * 64;  // a byte can count that many compares of two nibbles
  const bool nibbles = brick->width == Width::kNibble;
  const Bytes16 wanted = Bytes16{} + static_cast<uint8_t>(index);
  int n = 0;
  for (int block = 0; block < (nibbles ? kBrickVoxels / 2 : kBrickVoxels); block += kBlock) {
    Bytes16 counts{};
    for (int at = block; at < block + kBlock; at += 16) {
      Bytes16 bytes;
      std::memcpy(&bytes, brick->indices() + at, sizeof bytes);
      if (nibbles) {
        counts -= reinterpret_cast<Bytes16>((bytes & 15) == wanted);
        bytes >>= 4;
      }
      counts -= reinterpret_cast<Bytes16>(bytes == wanted);
    }
    for (int i = 0; i < 16; ++i) n += counts[i];
  }
  return index == 0 ? n - (kBrickVoxels - occupied) : n;
}

void DecodeIndices(const Brick* brick, uint16_t out[kBrickVoxels]) {
  const uint16_t air = brick->colors;
  for (int i = 0; i < kBrickVoxels; ++i) {
    out[i] = brick->occupancy.Get(i) ? static_cast<uint16_t>(brick->IndexOf(i)) : air;
  }
}

}  // namespace internal
}  // namespace voxel
