#include "voxel/grid/brick.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <new>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "voxel/base/hash.h"
#include "voxel/grid/brick_bounds.h"
#include "voxel/grid/brick_rep.h"
#include "voxel/grid/nibbles.h"

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
  ForEachBit(brick->occupancy(), [&](int voxel) {
    const auto [it, fresh] = position.try_emplace(brick->raw()[voxel], n);
    if (fresh) found[n++] = {it->first, 0};
    ++found[it->second].second;
  });
  for (int i = 0; i < n; ++i) fn(found[i].first, found[i].second);
}

}  // namespace

Color BrickGet(const Brick* brick, int index) { return brick->Get(index); }

void BrickDecode(const Brick* brick, DenseBrick& out) {
  switch (brick->width()) {
    case Width::kRaw:
      std::memcpy(out.data(), brick->raw(), sizeof(out));
      return;
    case Width::kOne:
      return internal::DecodeMask(brick->occupancy(), brick->palette()[0], out.data());
    case Width::kNibble:
      return internal::DecodeNibbles(brick->indices(), brick->palette(),
                                     brick->form.masked ? &brick->occupancy() : nullptr,
                                     out.data());
    case Width::kSparse: {
      out.fill(kAir);
      const uint8_t* index = brick->indices();
      ForEachBit(brick->occupancy(), [&](int voxel) { out[voxel] = brick->palette()[*index++]; });
      return;
    }
    case Width::kByte: {
      const Color* palette = brick->palette();
      const uint8_t* indices = brick->indices();
      for (int i = 0; i < kBrickVoxels; ++i) out[i] = palette[indices[i]];
      break;
    }
  }
  if (!brick->form.masked) return;
  BrickMask air;
  const BrickMask& occupancy = brick->occupancy();
  for (size_t w = 0; w < air.words.size(); ++w) air.words[w] = ~occupancy.words[w];
  ForEachBit(air, [&](int voxel) { out[voxel] = kAir; });
}

const BrickMask& BrickOccupancy(const Brick* brick) { return brick->occupancy(); }

int BrickCount(const Brick* brick) {
  return brick->form.masked ? brick->occupancy().Count() : kBrickVoxels;
}

size_t BrickBytes(const Brick* brick) { return internal::FormBytes(brick->form); }

void BrickForEachColor(const Brick* brick, absl::FunctionRef<void(Color, int)> fn) {
  if (brick->width() == Width::kRaw) return VisitRawColors(brick, fn);
  int counts[internal::kByteColors] = {};
  if (brick->width() == Width::kOne) {
    counts[0] = BrickCount(brick);
  } else {
    ForEachBit(brick->occupancy(), [&](int voxel) { ++counts[brick->IndexOf(voxel)]; });
  }
  for (int i = 0; i < brick->colors; ++i) {
    if (counts[i] > 0) fn(brick->palette()[i], counts[i]);
  }
}

bool BrickTranslucent(const Brick* brick) {
  const bool raw = brick->width() == Width::kRaw;
  const Color* const colors = raw ? brick->raw() : brick->palette();
  return std::any_of(colors, colors + (raw ? kBrickVoxels : brick->colors),
                     [](Color color) { return color != kAir && Alpha(color) < 255; });
}

namespace internal {

Brick* NewBrick(BrickForm form, bool clear_payload) {
  auto* brick = new (SlabAllocate(FormBytes(form))) Brick(form);
  const bool zeros = form.width == Width::kNibble || form.width == Width::kByte;
  const size_t palette = zeros ? Brick::Capacity(form.width) * sizeof(Color) : 0;
  std::memset(brick->payload(), 0, clear_payload ? Brick::PayloadBytes(form.width) : palette);
  if (form.masked) brick->mask() = BrickMask();
  return brick;
}

Brick* CloneAs(const Brick* brick, bool masked) {
  const BrickForm form{brick->width(), masked};
  auto* copy = new (SlabAllocate(FormBytes(form))) Brick(form);
  copy->colors = brick->colors;
  copy->count = brick->count;
  copy->one = brick->one;
  if (form.width == Width::kSparse) copy->ranks = brick->ranks;
  // Seldom are all 256 colours of a palette in use, and they are a fifth of the brick. The rest
  // goes in one piece, as its bits are changed next: from a copy of their own, of a size that the
  // compiler knows, the processor could not read them before it has reached the cache.
  const bool large = form.width == Width::kByte || form.width == Width::kSparse;
  const size_t palette = large ? sizeof(Color) * Brick::Capacity(form.width) : 0;
  if (palette > 0) std::copy_n(brick->palette(), brick->colors, copy->palette());
  const bool bits = masked && brick->form.masked;
  std::memcpy(copy->payload() + palette, brick->payload() + palette,
              Brick::PayloadBytes(form.width) - palette + (bits ? sizeof(BrickMask) : 0));
  if (masked && !bits) copy->mask() = brick->occupancy();
  return copy;
}

Brick* CloneBrick(const Brick* brick) { return CloneAs(brick, brick->form.masked); }

int64_t UnrefBrick(Brick* brick) {
  // acq_rel: the last owner must see what the others did before they let go.
  if (brick->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return 0;
  const size_t bytes = FormBytes(brick->form);
  brick->~Brick();
  SlabFree(brick, bytes);
  return static_cast<int64_t>(bytes);
}

namespace {

// What makes two canonical bricks of one form and mask equal, in two parts: the colours and, where
// there is a palette, its indices.
absl::string_view Colors(const Brick* brick) {
  const bool raw = brick->width() == Width::kRaw;
  return {reinterpret_cast<const char*>(raw ? brick->raw() : brick->palette()),
          (raw ? kBrickVoxels : brick->colors) * sizeof(Color)};
}
absl::string_view Indices(const Brick* brick) {
  const Width width = brick->width();
  if (width == Width::kOne || width == Width::kRaw) return {};
  return {reinterpret_cast<const char*>(brick->indices()),
          static_cast<size_t>(width == Width::kSparse   ? brick->count
                              : width == Width::kNibble ? kBrickVoxels / 2
                                                        : kBrickVoxels)};
}

// The hash of the payload, as if unused palette entries were 0 and sparse bricks had an index for
// each voxel.
uint64_t HashPayload(const Brick* brick, uint64_t hash) {
  const Width width = brick->width();
  if (width == Width::kOne) return HashBytes(&brick->one, sizeof(Color), hash);
  if (width == Width::kNibble || width == Width::kRaw) {
    return HashBytes(brick->payload(), Brick::PayloadBytes(width), hash);
  }
  std::array<uint8_t, Brick::PayloadBytes(Width::kByte)> payload{};
  std::memcpy(payload.data(), brick->palette(), brick->colors * sizeof(Color));
  const Width full = width == Width::kSparse ? FullWidth(brick) : width;
  uint8_t* const indices = payload.data() + Brick::Capacity(full) * sizeof(Color);
  if (width == Width::kSparse) {
    SpreadIndices(brick, indices);
  } else {
    std::memcpy(indices, brick->indices(), kBrickVoxels);
  }
  return HashBytes(payload.data(), Brick::PayloadBytes(full), hash);
}

}  // namespace

bool SameBrick(const Brick* a, const Brick* b) {
  if (a == b) return true;
  return a->form == b->form && Colors(a) == Colors(b) && Indices(a) == Indices(b) &&
         (!a->form.masked || a->occupancy() == b->occupancy());
}

uint64_t BrickHash(const Brick* brick) {
  // Relaxed: the brick is immutable, so every thread computes the same number.
  uint64_t hash = brick->hash.load(std::memory_order_relaxed);
  if (hash != 0) return hash;
  const BrickMask& occupancy = brick->occupancy();
  hash = HashBytes(occupancy.words.data(), sizeof(occupancy.words));
  hash = HashPayload(brick, hash) | 1;  // never 0
  brick->hash.store(hash, std::memory_order_relaxed);
  return hash;
}

void SpreadIndices(const Brick* sparse, uint8_t* indices) {
  const bool nibbles = FullWidth(sparse) == Width::kNibble;
  const uint8_t* next = sparse->indices();
  ForEachBit(sparse->occupancy(), [&](int voxel) {
    const int index = *next++;
    if (nibbles) {
      indices[voxel >> 1] |= static_cast<uint8_t>(index << ((voxel & 1) << 2));
    } else {
      indices[voxel] = static_cast<uint8_t>(index);
    }
  });
}

int CountIndex(const Brick* brick, int index) {
  const int occupied = BrickCount(brick);
  if (brick->width() == Width::kOne) return index == 0 ? occupied : 0;
  if (brick->width() == Width::kSparse) {
    return static_cast<int>(std::count(brick->indices(), brick->indices() + occupied, index));
  }
  const int n = brick->width() == Width::kNibble ? CountNibbles(brick->indices(), index)
                                                 : CountBytes(brick->indices(), index);
  return index == 0 ? n - (kBrickVoxels - occupied) : n;
}

void DecodeIndices(const Brick* brick, uint16_t out[kBrickVoxels]) {
  const uint16_t air = brick->colors;
  const BrickMask& occupancy = brick->occupancy();
  for (int i = 0; i < kBrickVoxels; ++i) {
    out[i] = occupancy.Get(i) ? static_cast<uint16_t>(brick->IndexOf(i)) : air;
  }
}

}  // namespace internal
}  // namespace voxel
