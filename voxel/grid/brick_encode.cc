#include "voxel/grid/brick_encode.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "voxel/grid/brick_bounds.h"
#include "voxel/grid/indexed_brick.h"
#include "voxel/grid/nibbles.h"
#include "voxel/grid/sparse_brick.h"

namespace voxel::internal {
namespace {

constexpr int kUnseen = -1;

BrickMask Occupied(const Color* voxels) {
  BrickMask mask;
  for (int row = 0; row < kBrickVoxels / kBrickSize; ++row) {
    mask.words[row >> 2] |= uint64_t{NotAirOf16(voxels + row * kBrickSize)} << ((row & 3) << 4);
  }
  return mask;
}

Slot Counted(Brick* brick, int count) {
  brick->count = static_cast<uint16_t>(count);
  return Slot::Shared(brick);
}

Slot EncodeRaw(const Color* voxels) {
  const BrickMask mask = Occupied(voxels);
  const int count = mask.Count();
  Brick* brick = NewBrick({Width::kRaw, count < kBrickVoxels}, false);
  std::memcpy(brick->raw(), voxels, sizeof(DenseBrick));
  if (brick->form.masked) brick->mask() = mask;
  return Counted(brick, count);
}

bool AllEqual(const DenseBrick& voxels) {
  // In blocks, so that the compiler can use wide compares and a mixed brick is left early.
  constexpr int kBlock = 256;
  for (int begin = 0; begin < kBrickVoxels; begin += kBlock) {
    Color differs = 0;
    for (int i = begin; i < begin + kBlock; ++i) differs |= voxels[i] ^ voxels[0];
    if (differs != 0) return false;
  }
  return true;
}

// Each bit of a byte as one nibble, 0 or 1.
constexpr uint32_t NibblesOf(uint32_t bits) {
  uint32_t out = 0;
  for (int k = 0; k < 8; ++k) out |= (bits >> k & 1) << (4 * k);
  return out;
}

struct NibbleTable {
  uint32_t of[256];
  constexpr NibbleTable() : of() {
    for (uint32_t i = 0; i < 256; ++i) of[i] = NibblesOf(i);
  }
};
constexpr NibbleTable kNibbles;

int FirstVoxel(const BrickMask& mask) {
  int w = 0;
  while (mask.words[w] == 0) ++w;
  return w << 6 | std::countr_zero(mask.words[w]);
}

BrickMask Not(const BrickMask& mask) {
  BrickMask out;
  for (size_t w = 0; w < out.words.size(); ++w) out.words[w] = ~mask.words[w];
  return out;
}

Slot EncodeOne(const BrickMask& mask, Color color) {
  Brick* brick = NewBrick({Width::kOne, true});
  brick->mask() = mask;
  brick->palette()[0] = color;
  brick->colors = 1;
  return Counted(brick, mask.Count());
}

// Sixteen bytes that the compiler works on at once.
using Bytes16 __attribute__((vector_size(16))) = uint8_t;
using Words2 __attribute__((vector_size(16))) = uint64_t;

// Whether a block of index bytes names an index of at least `n`.
template <bool kNibble, int kBlock>
bool AnyIndexAtLeast(const uint8_t* block, int n) {
  const Bytes16 least = Bytes16{} + static_cast<uint8_t>(n);
  Bytes16 any{};
  for (int at = 0; at < kBlock; at += 16) {
    Bytes16 bytes;
    std::memcpy(&bytes, block + at, sizeof bytes);
    if (kNibble) {
      any |= reinterpret_cast<Bytes16>(((bytes & 15) >= least) | ((bytes >> 4) >= least));
    } else {
      any |= reinterpret_cast<Bytes16>(bytes >= least);
    }
  }
  const auto words = reinterpret_cast<Words2>(any);
  return (words[0] | words[1]) != 0;
}

// Whether these indices first come in the order 0, 1, 2 to colors - 1. Looks at whole blocks: only
// an index not seen before can matter, and air's is 0.
template <bool kNibble>
bool IndicesInOrder(const uint8_t* indices, int colors) {
  constexpr int kBlock = 16;
  int next = 1;  // the smallest index not seen yet
  for (int at = 0; at < (kNibble ? kBrickVoxels / 2 : kBrickVoxels); at += kBlock) {
    if (next == colors) return true;
    if (!AnyIndexAtLeast<kNibble, kBlock>(indices + at, next)) continue;
    for (int i = at; i < at + kBlock; ++i) {
      const int first = kNibble ? indices[i] & 15 : indices[i];
      if (first > next) return false;
      next += first == next;
      if (!kNibble) continue;
      const int second = indices[i] >> 4;
      if (second > next) return false;
      next += second == next;
    }
  }
  return next == colors;
}

// The most colours that the next narrower form takes.
int NarrowerCapacity(Width width) { return width == Width::kNibble ? 1 : kNibbleColors; }

// Whether the palette of a brick written in place is still in order of first use, without unused
// entries.
bool PaletteInOrder(const Brick* brick) {
  if (brick->IndexOf(FirstVoxel(brick->occupancy())) != 0) return false;
  return brick->width() == Width::kNibble ? IndicesInOrder<true>(brick->indices(), brick->colors)
                                          : IndicesInOrder<false>(brick->indices(), brick->colors);
}

// Sets the index that each palette entry has in order of first use, kUnseen for those no voxel has;
// returns how many are used.
int OrderOfUse(const Brick* brick, int* position) {
  std::fill_n(position, brick->colors, kUnseen);
  const BrickMask& occupancy = brick->occupancy();
  int used = 0;
  for (int w = 0; w < kBrickVoxels / 64 && used < brick->colors; ++w) {
    for (uint64_t bits = occupancy.words[w]; bits != 0; bits &= bits - 1) {
      int& at = position[brick->IndexOf(w << 6 | std::countr_zero(bits))];
      if (at == kUnseen) at = used++;
    }
  }
  return used;
}

// Each index i becomes table[i].
void MapIndices(Brick* brick, const uint8_t* table) {
  uint8_t* const indices = brick->indices();
  if (brick->width() == Width::kNibble) {
    return MapNibbles(indices, table, indices, kBrickVoxels / 2);
  }
  for (int i = 0; i < kBrickVoxels; ++i) indices[i] = table[indices[i]];
}

// Gives the voxels without a bit the index 0.
void ClearAir(Brick* brick) {
  const BrickMask& occupancy = brick->occupancy();
  uint8_t* const indices = brick->indices();
  for (int at = 0; at < kBrickVoxels; at += 8) {
    const uint32_t nibbles = kNibbles.of[occupancy.words[at >> 6] >> (at & 63) & 255];
    if (brick->width() == Width::kNibble) {
      uint32_t eight;
      std::memcpy(&eight, indices + at / 2, sizeof eight);
      eight &= 15 * nibbles;
      std::memcpy(indices + at / 2, &eight, sizeof eight);
    } else {
      for (int k = 0; k < 8; ++k) {
        indices[at + k] = static_cast<uint8_t>(indices[at + k] * (nibbles >> (4 * k) & 1));
      }
    }
  }
}

// Puts the palette of a nibble or byte brick in order of first use, without the colours no voxel
// has. False, with nothing done, if so few colours are left that it takes another form. Cost: an
// index scan, no decoding.
bool Reorder(Brick* brick) {
  int position[kByteColors];
  const int colors = OrderOfUse(brick, position);
  if (colors <= NarrowerCapacity(brick->width())) return false;
  Color before[kByteColors];
  std::copy_n(brick->palette(), brick->colors, before);
  uint8_t table[kByteColors] = {};
  for (int i = 0; i < brick->colors; ++i) {
    if (position[i] == kUnseen) continue;
    brick->palette()[position[i]] = before[i];
    table[i] = static_cast<uint8_t>(position[i]);
  }
  std::fill(brick->palette() + colors, brick->palette() + brick->colors, kAir);
  brick->colors = static_cast<uint16_t>(colors);
  MapIndices(brick, table);
  // Air had the index of what is another now.
  if (brick->form.masked && position[0] != 0) ClearAir(brick);
  return true;
}

// Whether a voxel in front of that one has the index. REQUIRES: a byte brick, not all air.
bool ComesBefore(const Brick* brick, int index, int voxel) {
  // Air has the index 0, too. The first voxel that is not air has it as well, in order of use.
  if (index == 0) {
    const int first = FirstVoxel(brick->occupancy());
    return first < voxel && brick->IndexOf(first) == 0;
  }
  return std::memchr(brick->indices(), index, static_cast<size_t>(voxel)) != nullptr;
}

// Whether the palette of a byte brick is in order of first use for sure, since that of `before` is:
// of no colour was the first use written over, and of none is a written voxel the first use.
bool FirstUsesKept(const Brick* brick, const Brick* before, absl::Span<const VoxelWrite> written) {
  if (brick->width() != Width::kByte || before->width() != Width::kByte) return false;
  for (const VoxelWrite& write : written) {
    for (const Brick* version : {before, std::as_const(brick)}) {
      if (!version->occupancy().Get(write.index)) continue;
      if (!ComesBefore(brick, version->IndexOf(write.index), write.index)) return false;
    }
  }
  return brick->colors == before->colors;
}

// How many voxels are not air once those are written.
int CountAfter(const Brick* before, absl::Span<const VoxelWrite> written) {
  int count = before->count;
  for (const VoxelWrite& write : written) {
    count += static_cast<int>(write.color != kAir) -
             static_cast<int>(before->occupancy().Get(write.index));
  }
  return count;
}

// The same voxels, palette and all, with bits where they are needed. `brick` itself if that is so.
Slot CanonicallyMasked(Brick* brick, int count) {
  const bool masked = count < kBrickVoxels;
  return Counted(masked == brick->form.masked ? brick : CloneAs(brick, masked), count);
}

// Up to so many voxels in a palette brick are cheaper walked one by one than all of them decoded.
constexpr int kFewVoxels = 1024;

// The canonical slot of a palette brick of at most kSparseVoxels voxels. REQUIRES: masked.
Slot SparseOf(const Brick* brick) {
  std::array<VoxelWrite, kSparseVoxels> voxels;
  size_t count = 0;
  ForEachBit(brick->occupancy(), [&](int voxel) {
    voxels[count++] = {voxel, brick->palette()[brick->IndexOf(voxel)]};
  });
  return EncodeSparse({voxels.data(), count});
}

// The same voxels with a palette in order of first use, without the colours no voxel has, in the
// narrowest form. Cost: the voxels that are not air. REQUIRES: masked, a palette, not all air.
Slot EncodeFew(const Brick* brick, int count) {
  int position[kByteColors];  // new index of each old one
  std::fill_n(position, brick->colors, kUnseen);
  Color palette[kByteColors];
  int colors = 0;
  const BrickMask& mask = brick->occupancy();
  ForEachBit(mask, [&](int voxel) {
    int& at = position[brick->IndexOf(voxel)];
    if (at != kUnseen) return;
    palette[colors] = brick->palette()[brick->IndexOf(voxel)];
    at = colors++;
  });
  if (colors == 1) return EncodeOne(mask, palette[0]);
  const Width width = colors <= kNibbleColors ? Width::kNibble : Width::kByte;
  Brick* out = NewBrick({width, true});
  out->colors = static_cast<uint16_t>(colors);
  std::copy_n(palette, colors, out->palette());
  out->mask() = mask;
  ForEachBit(mask, [&](int voxel) {
    const auto index = static_cast<uint8_t>(position[brick->IndexOf(voxel)]);
    if (width == Width::kByte) {
      out->indices()[voxel] = index;
    } else {
      uint8_t& pair = out->indices()[voxel >> 1];
      pair = static_cast<uint8_t>(pair | index << ((voxel & 1) << 2));
    }
  });
  return Counted(out, count);
}

// Whether raw voxels have more colours than a palette holds.
bool ManyColors(const Color* voxels) {
  IndexedBrick seen;
  Color last = kAir;
  for (int i = 0; i < kBrickVoxels; ++i) {
    if (voxels[i] == last) continue;
    last = voxels[i];
    if (last != kAir && seen.Index(last) == IndexedBrick::kMany) return true;
  }
  return false;
}

Slot CanonicalRaw(Brick* brick) {
  if (ManyColors(brick->raw())) {
    const BrickMask mask = Occupied(brick->raw());
    return mask.All() ? Counted(brick, kBrickVoxels) : EncodeRaw(brick->raw());
  }
  DenseBrick voxels;
  BrickDecode(brick, voxels);
  return EncodeBrick(voxels);
}

Slot CanonicalOne(Brick* brick) {
  const int count = brick->occupancy().Count();
  if (count == 0) return Slot();
  if (count == kBrickVoxels) return Slot::Uniform(brick->palette()[0]);
  return Counted(brick, count);
}

}  // namespace

Slot EncodeBrick(const DenseBrick& voxels) {
  if (AllEqual(voxels)) return Slot::Uniform(voxels[0]);
  IndexedBrick out;
  Color last = kAir;
  int index = 0;  // of `last`
  for (int w = 0; w < kBrickVoxels / 64; ++w) {
    uint64_t bits = 0;
    for (int k = 0; k < 64; ++k) {
      const Color color = voxels[w << 6 | k];
      if (color != last) {
        last = color;
        index = color == kAir ? 0 : out.Index(color);
        if (index == IndexedBrick::kMany) return EncodeRaw(voxels.data());
      }
      out.indices[w << 6 | k] = static_cast<uint8_t>(index);
      bits |= uint64_t{color != kAir} << k;
    }
    out.mask.words[w] = bits;
  }
  return out.Finish();
}

Slot EncodeTwo(const BrickMask& mask, Color set, Color clear) {
  if (set == clear || mask.All()) return Slot::Uniform(set);
  if (mask.None()) return Slot::Uniform(clear);
  if (clear == kAir) return EncodeOne(mask, set);
  if (set == kAir) return EncodeOne(Not(mask), clear);
  Brick* brick = NewBrick({Width::kNibble, false}, false);
  brick->colors = 2;
  const bool set_first = mask.Get(0);
  brick->palette()[0] = set_first ? set : clear;
  brick->palette()[1] = set_first ? clear : set;
  for (size_t w = 0; w < mask.words.size(); ++w) {
    const uint64_t second = set_first ? ~mask.words[w] : mask.words[w];
    for (int byte = 0; byte < 8; ++byte) {
      const uint32_t nibbles = kNibbles.of[second >> (8 * byte) & 255];
      std::memcpy(brick->indices() + 32 * w + 4 * byte, &nibbles, 4);
    }
  }
  return Counted(brick, kBrickVoxels);
}

Slot Canonical(Brick* brick) { return Canonical(brick, nullptr, {}); }

Slot Canonical(Brick* brick, const Brick* before, absl::Span<const VoxelWrite> written) {
  if (brick->width() == Width::kOne) return CanonicalOne(brick);
  if (brick->width() == Width::kRaw) return CanonicalRaw(brick);
  const int count = before != nullptr ? CountAfter(before, written) : BrickCount(brick);
  if (count <= kSparseVoxels) return SparseOf(brick);
  if (brick->colors > NarrowerCapacity(brick->width()) &&
      ((before != nullptr && FirstUsesKept(brick, before, written)) || PaletteInOrder(brick))) {
    return CanonicallyMasked(brick, count);
  }
  if (count <= kFewVoxels) return EncodeFew(brick, count);
  if (Reorder(brick)) return CanonicallyMasked(brick, count);
  DenseBrick voxels;
  BrickDecode(brick, voxels);
  return EncodeBrick(voxels);
}

}  // namespace voxel::internal
