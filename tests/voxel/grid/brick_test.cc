#include "voxel/grid/brick.h"

#include <algorithm>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "voxel/grid/brick_bounds.h"
#include "voxel/grid/brick_encode.h"
#include "voxel/grid/brick_palette.h"
#include "voxel/grid/brick_rep.h"
#include "voxel/grid/brick_write.h"
#include "voxel/grid/node.h"

namespace voxel {
namespace {

using internal::Slot;
using internal::Width;

// A brick of `colors` colours in runs; every `air`-th voxel is air (0: none).
DenseBrick Voxels(int colors, int air) {
  DenseBrick out;
  for (int i = 0; i < kBrickVoxels; ++i) {
    const uint32_t c = static_cast<uint32_t>(i / 3 % colors);
    out[i] = air != 0 && i % air == 0 ? kAir : Rgba(c & 255, c >> 8, 9);
  }
  return out;
}

struct Encoded {
  explicit Encoded(const DenseBrick& voxels) : slot(internal::EncodeBrick(voxels)) {}
  ~Encoded() { internal::DropSlot(slot, 0); }
  const Brick* brick() const { return slot.brick(); }
  Slot slot;
};

TEST(BrickTest, UniformVoxelsAreNoBrick) {
  DenseBrick voxels;
  voxels.fill(Rgba(1, 2, 3));
  EXPECT_EQ(internal::EncodeBrick(voxels), Slot::Uniform(Rgba(1, 2, 3)));
  voxels.fill(kAir);
  EXPECT_TRUE(internal::EncodeBrick(voxels).air());
}

TEST(BrickTest, WidthIsTheNarrowestThatHoldsTheColours) {
  const std::pair<int, Width> cases[] = {{1, Width::kOne},     {2, Width::kNibble},
                                         {16, Width::kNibble}, {17, Width::kByte},
                                         {256, Width::kByte},  {257, Width::kRaw}};
  for (const auto& [colors, width] : cases) {
    const Encoded with_air(Voxels(colors, 7));
    EXPECT_EQ(with_air.brick()->width(), width) << colors;  // air takes no slot
  }
  EXPECT_LT(BrickBytes(Encoded(Voxels(1, 7)).brick()), BrickBytes(Encoded(Voxels(2, 7)).brick()));
}

void ExpectToHold(const DenseBrick& voxels) {
  const Encoded encoded(voxels);
  DenseBrick decoded;
  BrickDecode(encoded.brick(), decoded);
  EXPECT_EQ(decoded, voxels);
  std::map<Color, int> counts;
  for (int i = 0; i < kBrickVoxels; ++i) {
    ASSERT_EQ(BrickGet(encoded.brick(), i), voxels[i]);
    ASSERT_EQ(BrickOccupancy(encoded.brick()).Get(i), voxels[i] != kAir);
    if (voxels[i] != kAir) ++counts[voxels[i]];
  }
  std::map<Color, int> seen;
  int total = 0;
  BrickForEachColor(encoded.brick(), [&](Color c, int n) {
    EXPECT_TRUE(seen.emplace(c, n).second);
    total += n;
  });
  EXPECT_EQ(seen, counts);
  EXPECT_EQ(BrickCount(encoded.brick()), total);
  const absl::Span<const Color> palette = BrickPalette(encoded.brick());
  EXPECT_EQ(palette.size(), encoded.brick()->width() == Width::kRaw ? 0 : counts.size());
  for (const Color color : palette) EXPECT_TRUE(counts.contains(color));
  EXPECT_FALSE(BrickTranslucent(encoded.brick()));
}

TEST(BrickTest, DecodingGivesBackWhatWasEncoded) {
  for (int colors : {1, 2, 15, 16, 17, 255, 256, 257, 1300}) {
    for (int air : {0, 2, 5, 4096}) {
      if (colors == 1 && air == 0) continue;
      SCOPED_TRACE(testing::Message() << colors << " " << air);
      ExpectToHold(Voxels(colors, air));
    }
    // Few voxels, as far apart as possible and side by side.
    for (int voxels : {1, 3, 63, 64, 65}) {
      for (int apart : {1, 62}) {
        SCOPED_TRACE(testing::Message() << colors << " " << voxels << " " << apart);
        DenseBrick few{};
        const DenseBrick full = Voxels(colors, 0);
        for (int i = 0; i < voxels; ++i) few[(i + 1) * apart] = full[i];
        ExpectToHold(few);
      }
    }
  }
}

TEST(BrickTest, OneTranslucentVoxelOfFewIsSeen) {
  DenseBrick voxels{};
  voxels[7] = Rgba(1, 2, 3);
  voxels[4000] = Rgba(1, 2, 3, 77);
  EXPECT_TRUE(BrickTranslucent(Encoded(voxels).brick()));
}

TEST(BrickTest, ColoursComeInOrderOfFirstUse) {
  for (int colors : {5, 40, 700}) {
    DenseBrick voxels = Voxels(colors, 0);
    std::reverse(voxels.begin(), voxels.end());
    const Encoded encoded(voxels);
    std::vector<Color> expected;
    for (Color c : voxels) {
      if (std::find(expected.begin(), expected.end(), c) == expected.end()) expected.push_back(c);
    }
    std::vector<Color> order;
    BrickForEachColor(encoded.brick(), [&](Color c, int) { order.push_back(c); });
    EXPECT_EQ(order, expected) << colors;
  }
}

TEST(BrickTest, TwoColoursByMaskAreTheSameAsEncodingThem) {
  BrickMask mask;
  for (int i = 0; i < kBrickVoxels; i += 3) mask.Set(i);
  BrickMask late;
  late.Set(4095);
  for (const BrickMask& m : {mask, late, BrickMask()}) {
    for (const auto& [set, clear] :
         std::vector<std::pair<Color, Color>>{{5 << 8 | 255, kAir},
                                              {kAir, 7 << 8 | 255},
                                              {5 << 8 | 255, 7 << 8 | 255},
                                              {255, 255}}) {
      DenseBrick voxels;
      for (int i = 0; i < kBrickVoxels; ++i) voxels[i] = m.Get(i) ? set : clear;
      const Slot direct = internal::EncodeTwo(m, set, clear);
      const Slot dense = internal::EncodeBrick(voxels);
      EXPECT_TRUE(internal::SameSlot(direct, dense, 0));
      EXPECT_EQ(internal::SlotCount(direct, 0), internal::SlotCount(dense, 0));
      internal::DropSlot(direct, 0);
      internal::DropSlot(dense, 0);
    }
  }
}

TEST(BrickTest, WritingOneByOneEndsInTheSameCanonicalBrick) {
  for (int colors : {1, 2, 16, 17, 200, 600}) {
    const DenseBrick voxels = Voxels(colors, 5);
    Brick* brick = internal::NewUniformBrick(Rgba(77, 7, 7));  // a colour that is gone in the end
    for (int i = kBrickVoxels - 1; i >= 0; --i) {              // against the order of first use
      while (!internal::WriteVoxel(brick, i, voxels[i])) brick = internal::Widen(brick, voxels[i]);
    }
    const Slot canonical = internal::Canonical(brick);
    const Encoded expected(voxels);
    EXPECT_TRUE(internal::SameSlot(canonical, expected.slot, 0)) << colors;
    EXPECT_EQ(internal::SlotHash(canonical, 0), internal::SlotHash(expected.slot, 0));
    if (canonical != Slot::Shared(brick)) internal::UnrefBrick(brick);
    internal::DropSlot(canonical, 0);
  }
}

TEST(BrickTest, ACanonicalBrickWrittenWithoutEffectOnItsOrderIsKept) {
  for (int colors : {1, 3, 90, 129, 200, 256}) {
    const Encoded original(Voxels(colors, 5));
    Brick* copy = internal::CloneBrick(original.brick());
    ASSERT_TRUE(internal::WriteVoxel(copy, 4095, Rgba(0, 0, 9)));  // a colour used long before
    EXPECT_EQ(internal::Canonical(copy), Slot::Shared(copy)) << colors;
    internal::UnrefBrick(copy);
  }
}

TEST(BrickTest, WhatStandsInUnusedPaletteEntriesOfAByteBrickMakesNoDifference) {
  const Encoded original(Voxels(40, 5));
  Brick* const copy = internal::CloneBrick(original.brick());
  ASSERT_EQ(copy->width(), Brick::Width::kByte);
  std::fill(copy->palette() + copy->colors, copy->palette() + internal::kByteColors, Rgba(0, 0, 9));
  EXPECT_TRUE(internal::SameBrick(copy, original.brick()));
  const Color fresh = Rgba(0, 99, 9);
  ASSERT_TRUE(internal::WriteVoxel(copy, 4095, fresh));
  DenseBrick voxels = Voxels(40, 5);
  voxels[4095] = fresh;
  const Encoded expected(voxels);
  const Slot canonical = internal::Canonical(copy);
  EXPECT_EQ(canonical, Slot::Shared(copy));  // with what stands there still
  EXPECT_TRUE(internal::SameSlot(canonical, expected.slot, 0));
  EXPECT_EQ(internal::SlotHash(canonical, 0), internal::SlotHash(expected.slot, 0));
  internal::DropSlot(canonical, 0);
}

// Near the front, where colours have their first uses, and with what the brick has already.
TEST(BrickTest, AFewWritesMakeWhatEncodingMakes) {
  std::mt19937 random(7);
  const auto below = [&random](uint32_t n) { return static_cast<int>(random() % n); };
  for (int colors : {2, 16, 17, 18, 40, 200, 256, 300}) {
    for (int air : {0, 2, 5}) {
      DenseBrick voxels = Voxels(colors, air);
      for (int step = 0; step < 300; ++step) {
        const Encoded before(voxels);
        std::vector<internal::VoxelWrite> writes;
        BrickMask seen;
        for (int n = 1 + below(4); n > 0; --n) {
          const int index = below(step % 2 == 0 ? 64 : kBrickVoxels);
          if (seen.Get(index)) continue;
          seen.Set(index);
          const Color some = voxels[below(kBrickVoxels)];
          voxels[index] = below(8) == 0 ? kAir : below(8) == 0 ? Rgba(1, below(9), 2) : some;
          writes.push_back({index, voxels[index]});
        }
        Brick* brick = internal::WritableCopy(before.brick());
        for (const internal::VoxelWrite& write : writes) {
          while (!internal::WriteVoxel(brick, write.index, write.color)) {
            brick = internal::Widen(brick, write.color);
          }
        }
        const Slot canonical = internal::Canonical(brick, before.brick(), writes);
        const Encoded expected(voxels);
        ASSERT_TRUE(internal::SameSlot(canonical, expected.slot, 0))
            << colors << " " << air << " " << step;
        ASSERT_EQ(internal::SlotCount(canonical, 0), internal::SlotCount(expected.slot, 0));
        if (canonical != Slot::Shared(brick)) internal::UnrefBrick(brick);
        internal::DropSlot(canonical, 0);
      }
    }
  }
}

TEST(BrickTest, WritingAllVoxelsAlikeMakesACubeOfOneColour) {
  const Encoded original(Voxels(9, 5));
  for (Color color : {kAir, Rgba(0, 0, 9)}) {
    Brick* copy = internal::CloneBrick(original.brick());
    for (int i = 0; i < kBrickVoxels; ++i) ASSERT_TRUE(internal::WriteVoxel(copy, i, color));
    EXPECT_EQ(internal::Canonical(copy), Slot::Uniform(color));
    internal::UnrefBrick(copy);
  }
}

TEST(BrickMaskTest, RowsCountsAndBoundsAgree) {
  BrickMask mask;
  EXPECT_TRUE(mask.None());
  EXPECT_TRUE(MaskBounds(mask).empty());
  mask.SetRow(3, 5, 2, 16);
  mask.SetRow(9, 4, 0, 1);
  mask.SetRow(9, 4, 7, 7);
  EXPECT_EQ(mask.Count(), 15);
  EXPECT_EQ(MaskBounds(mask), (Box{{0, 3, 4}, {16, 10, 6}}));
  mask.Put(BrickIndex(0, 9, 4), false);
  EXPECT_EQ(MaskBounds(mask), (Box{{2, 3, 5}, {16, 4, 6}}));
  const BrickMask all = BoxMask({16, 0, -16}, kWorld);
  EXPECT_TRUE(all.All());
  const BrickMask part = BoxMask({16, 0, -16}, {{20, 1, -15}, {99, 2, 99}});
  EXPECT_EQ(MaskBounds(part), (Box{{4, 1, 1}, {16, 2, 16}}));
  EXPECT_EQ(part.Count(), 12 * 15);
  EXPECT_TRUE(BoxMask({16, 0, -16}, {{0, 0, 0}, {5, 5, 5}}).None());
}

}  // namespace
}  // namespace voxel
