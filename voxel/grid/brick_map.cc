#include "voxel/grid/brick_map.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "voxel/grid/brick_encode.h"

namespace voxel::internal {
namespace {

// A palette with air as one more entry at the end, before and after a map.
struct MappedPalette {
  Color old[kByteColors + 1];
  Color now[kByteColors + 1];
  int air;  // index of the last entry

  MappedPalette(const Brick* brick, ColorMap map) : air(brick->colors) {
    std::copy_n(brick->palette(), air, old);
    old[air] = kAir;
    std::copy_n(old, air + 1, now);
    map(now, air + 1);
  }

  bool changes_air() const { return now[air] != kAir; }
  bool one_color() const {
    return std::all_of(now, now + air + 1, [this](Color c) { return c == now[0]; });
  }
  int Changed() const {
    int n = 0;
    for (int i = 0; i <= air; ++i) n += old[i] != now[i];
    return n;
  }
  // Whether the mapped palette can stand in for the old one: no entry became air or equal to
  // another.
  bool KeepsShape() const {
    if (changes_air()) return false;
    return Changed() <= kNibbleColors ? ChangesStayApart() : AllApart();
  }

 private:
  // Whether no entry that changed became air or equal to another. Cost: a palette for each.
  bool ChangesStayApart() const {
    for (int i = 0; i < air; ++i) {
      if (old[i] == now[i]) continue;
      if (now[i] == kAir || std::count(now, now + air, now[i]) > 1) return false;
    }
    return true;
  }
  bool AllApart() const {
    Color sorted[kByteColors];
    std::copy_n(now, air, sorted);
    std::sort(sorted, sorted + air);
    return sorted[0] != kAir && std::adjacent_find(sorted, sorted + air) == sorted + air;
  }
};

int64_t ChangedVoxels(const Brick* brick, const MappedPalette& palette) {
  const int occupied = BrickCount(brick);
  const int in_air = palette.changes_air() ? kBrickVoxels - occupied : 0;
  const int entries = palette.Changed() - (palette.changes_air() ? 1 : 0);
  if (entries == 0) return in_air;
  if (entries == palette.air) return in_air + occupied;
  int n = in_air;
  for (int i = 0; i < palette.air; ++i) {
    if (palette.old[i] != palette.now[i]) n += CountIndex(brick, i);
  }
  return n;
}

Slot Encoded(const Brick* brick, const MappedPalette& palette) {
  uint16_t indices[kBrickVoxels];
  DecodeIndices(brick, indices);
  DenseBrick voxels;
  for (int i = 0; i < kBrickVoxels; ++i) voxels[i] = palette.now[indices[i]];
  return EncodeBrick(voxels);
}

MappedSlot Compared(Slot slot, const DenseBrick& before, const DenseBrick& after) {
  int64_t changed = 0;
  for (int i = 0; i < kBrickVoxels; ++i) changed += before[i] != after[i];
  if (changed == 0) return {slot, 0};
  return {EncodeBrick(after), changed};
}

MappedSlot MapRawBrick(Slot slot, ColorMap map) {
  DenseBrick voxels;
  BrickDecode(slot.brick(), voxels);
  DenseBrick mapped = voxels;
  map(mapped.data(), kBrickVoxels);
  return Compared(slot, voxels, mapped);
}

// Picks per voxel: `inside`, `outside` or `keep`.
template <typename Inside, typename Outside, typename Keep>
void Select(const BrickMask& inside, const BrickMask& outside, Inside&& in, Outside&& out,
            Keep&& keep, DenseBrick& voxels) {
  for (int w = 0; w < kBrickVoxels / 64; ++w) {
    const uint64_t in_bits = inside.words[w];
    const uint64_t out_bits = outside.words[w];
    for (int k = 0; k < 64; ++k) {
      const int i = w << 6 | k;
      voxels[i] = (in_bits >> k & 1) != 0 ? in(i) : (out_bits >> k & 1) != 0 ? out(i) : keep(i);
    }
  }
}

MappedSlot MapUniformParts(Color color, const BrickMask& inside, ColorMap map_inside,
                           const BrickMask& outside, ColorMap map_outside) {
  const bool has_inside = !inside.None();
  const bool has_outside = !outside.None();
  Color in = color;
  Color out = color;
  if (has_inside) map_inside(&in, 1);
  if (has_outside) map_outside(&out, 1);
  const int64_t changed = (in != color ? inside.Count() : 0) + (out != color ? outside.Count() : 0);
  if (changed == 0) return {Slot::Uniform(color), 0};
  if (out == color) return {EncodeTwo(inside, in, color), changed};
  if (in == color) return {EncodeTwo(outside, out, color), changed};
  DenseBrick voxels;
  Select(
      inside, outside, [&](int) { return in; }, [&](int) { return out; },
      [&](int) { return color; }, voxels);
  return {EncodeBrick(voxels), changed};
}

// The voxels of `inside` in one colour; `before` is what the slot's brick holds.
MappedSlot FillInside(Slot slot, const DenseBrick& before, const BrickMask& inside, Color color) {
  DenseBrick after = before;
  int64_t changed = 0;
  for (int row = 0; row < kBrickVoxels / kBrickSize; ++row) {
    uint32_t bits = inside.words[row >> 2] >> ((row & 3) << 4) & 0xFFFF;
    Color* const voxels = after.data() + row * kBrickSize;
    if (bits == 0xFFFF) {
      for (int x = 0; x < kBrickSize; ++x) changed += voxels[x] != color;
      std::fill_n(voxels, kBrickSize, color);
      continue;
    }
    for (; bits != 0; bits &= bits - 1) {
      Color& voxel = voxels[std::countr_zero(bits)];
      changed += voxel != color;
      voxel = color;
    }
  }
  if (changed == 0) return {slot, 0};
  return {EncodeBrick(after), changed};
}

// Whether all voxels of a brick that are not air are in `mask`.
bool Within(Slot slot, const BrickMask& mask) {
  const Brick* const brick = slot.brick();
  if (slot.owned() && brick->width() == Width::kRaw) return false;  // nobody knows yet
  const BrickMask& occupancy = brick->occupancy();
  uint64_t beyond = 0;
  for (size_t w = 0; w < mask.words.size(); ++w) beyond |= occupancy.words[w] & ~mask.words[w];
  return beyond == 0;
}

bool KeepsAir(ColorMap map) {
  Color air = kAir;
  map(&air, 1);
  return air == kAir;
}

}  // namespace

MappedSlot MapBrick(Slot slot, ColorMap map) {
  const Brick* brick = slot.brick();
  if (brick->width() == Width::kRaw) return MapRawBrick(slot, map);
  const MappedPalette palette(brick, map);
  const int64_t changed = ChangedVoxels(brick, palette);
  if (changed == 0) return {slot, 0};
  if (!slot.owned() && palette.KeepsShape()) {  // an owned brick may hold unused entries
    Brick* copy = CloneBrick(brick);
    std::copy_n(palette.now, palette.air, copy->palette());
    return {Slot::Shared(copy), changed};
  }
  if (palette.one_color()) return {Slot::Uniform(palette.now[0]), changed};
  return {Encoded(brick, palette), changed};
}

MappedSlot MapBrickParts(Slot slot, const BrickMask& inside, ColorMap map_inside,
                         const BrickMask& outside, ColorMap map_outside) {
  if (slot.uniform()) {
    return MapUniformParts(slot.color(), inside, map_inside, outside, map_outside);
  }
  // At the border of what is mapped there is often only air to be spared.
  if (outside.None() && Within(slot, inside) && KeepsAir(map_inside)) {
    return MapBrick(slot, map_inside);
  }
  const Brick* brick = slot.brick();
  DenseBrick before;
  DenseBrick after;
  BrickDecode(brick, before);
  if (brick->width() == Width::kRaw) {
    DenseBrick in = before;
    DenseBrick out = before;
    map_inside(in.data(), kBrickVoxels);
    if (!outside.None()) map_outside(out.data(), kBrickVoxels);
    Select(
        inside, outside, [&](int i) { return in[i]; }, [&](int i) { return out[i]; },
        [&](int i) { return before[i]; }, after);
    return Compared(slot, before, after);
  }
  const MappedPalette in(brick, map_inside);
  const bool has_outside = !outside.None();
  if (!has_outside && in.one_color()) return FillInside(slot, before, inside, in.now[0]);
  const MappedPalette out(brick, [&](Color* colors, int n) {
    if (has_outside) map_outside(colors, n);
  });
  uint16_t indices[kBrickVoxels];
  DecodeIndices(brick, indices);
  Select(
      inside, outside, [&](int i) { return in.now[indices[i]]; },
      [&](int i) { return out.now[indices[i]]; }, [&](int i) { return before[i]; }, after);
  return Compared(slot, before, after);
}

}  // namespace voxel::internal
