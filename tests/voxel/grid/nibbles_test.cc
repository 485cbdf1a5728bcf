#include "voxel/grid/nibbles.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "hwy/targets.h"

namespace voxel::internal {
namespace {

// Runs `test` on each instruction set that was compiled and that this machine has.
void OnEachTarget(const std::function<void()>& test) {
  const std::vector<int64_t> targets = hwy::SupportedAndGeneratedTargets();
  ASSERT_FALSE(targets.empty());
  for (const int64_t target : targets) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::GetChosenTarget().Update(target);
    test();
  }
  hwy::GetChosenTarget().DeInit();
}

// Masks of nothing, of everything, of single voxels, and between.
std::vector<BrickMask> Masks() {
  std::vector<BrickMask> masks(6);
  masks[1].words.fill(~uint64_t{0});
  masks[2].Set(0);
  masks[3].Set(4095);
  for (int i = 0; i < kBrickVoxels; i += 3) masks[4].Set(i);
  std::mt19937_64 random(5);
  for (uint64_t& word : masks[5].words) word = random();
  return masks;
}

std::array<uint8_t, kBrickVoxels / 2> RandomNibbles() {
  std::array<uint8_t, kBrickVoxels / 2> out;
  std::mt19937 random(6);
  for (uint8_t& pair : out) pair = static_cast<uint8_t>(random());
  return out;
}

int NibbleAt(const std::array<uint8_t, kBrickVoxels / 2>& nibbles, int i) {
  return nibbles[static_cast<size_t>(i >> 1)] >> ((i & 1) << 2) & 15;
}

TEST(NibblesTest, TheTargetsAreThoseThatHighwaysLibrarySees) {
  void* const library = dlopen("libhwy.so.1", RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  using Targets = int64_t();
  auto* const theirs = reinterpret_cast<Targets*>(dlsym(library, "_ZN3hwy16SupportedTargetsEv"));
  ASSERT_NE(theirs, nullptr) << dlerror();
  EXPECT_EQ(hwy::SupportedTargets() & HWY_TARGETS, theirs() & HWY_TARGETS);
}

TEST(NibblesTest, EveryPairIsReplacedAsOneByOne) {
  OnEachTarget([] {
    std::vector<uint8_t> in(256);
    std::iota(in.begin(), in.end(), uint8_t{0});
    uint8_t table[16];
    for (int i = 0; i < 16; ++i) table[i] = static_cast<uint8_t>((i * 7 + 3) & 15);
    std::vector<uint8_t> out(in.size());
    MapNibbles(in.data(), table, out.data(), static_cast<int>(in.size()));
    for (int i = 0; i < 256; ++i) EXPECT_EQ(out[i], table[i & 15] | table[i >> 4] << 4) << i;
  });
}

TEST(NibblesTest, MayWorkInPlaceAndStopsAtItsEnd) {
  OnEachTarget([] {
    std::vector<uint8_t> bytes(32, 0x21);
    uint8_t table[16] = {};
    table[1] = 4;
    table[2] = 5;
    MapNibbles(bytes.data(), table, bytes.data(), 16);
    for (int i = 0; i < 32; ++i) EXPECT_EQ(bytes[i], i < 16 ? 0x54 : 0x21) << i;
  });
}

TEST(NibblesTest, DecodesAsOneByOne) {
  const auto nibbles = RandomNibbles();
  Color palette[16];
  for (uint32_t i = 0; i < 16; ++i) palette[i] = 0x01020380u + i * 0x37191113u;
  OnEachTarget([&] {
    for (const BrickMask& mask : Masks()) {
      std::vector<Color> out(kBrickVoxels + 1, 77);
      DecodeNibbles(nibbles.data(), palette, &mask, out.data());
      for (int i = 0; i < kBrickVoxels; ++i) {
        ASSERT_EQ(out[i], mask.Get(i) ? palette[NibbleAt(nibbles, i)] : kAir) << i;
      }
      ASSERT_EQ(out[kBrickVoxels], 77u);
    }
    std::vector<Color> all(kBrickVoxels);
    DecodeNibbles(nibbles.data(), palette, nullptr, all.data());
    for (int i = 0; i < kBrickVoxels; ++i) ASSERT_EQ(all[i], palette[NibbleAt(nibbles, i)]) << i;
  });
}

TEST(NibblesTest, AMaskIsDecodedAsOneByOne) {
  OnEachTarget([] {
    for (const BrickMask& mask : Masks()) {
      std::vector<Color> out(kBrickVoxels + 1, 77);
      DecodeMask(mask, 0xa1b2c3d4, out.data());
      for (int i = 0; i < kBrickVoxels; ++i) {
        ASSERT_EQ(out[i], mask.Get(i) ? 0xa1b2c3d4 : kAir) << i;
      }
      ASSERT_EQ(out[kBrickVoxels], 77u);
    }
  });
}

TEST(NibblesTest, CountsAsOneByOne) {
  const auto nibbles = RandomNibbles();
  OnEachTarget([&] {
    for (int wanted = 0; wanted < 16; ++wanted) {
      int expected = 0;
      for (int i = 0; i < kBrickVoxels; ++i) expected += NibbleAt(nibbles, i) == wanted;
      EXPECT_EQ(CountNibbles(nibbles.data(), wanted), expected) << wanted;
    }
    std::array<uint8_t, kBrickVoxels / 2> same;
    std::array<uint8_t, kBrickVoxels> bytes;
    for (int i = 0; i < kBrickVoxels; ++i)
      bytes[i] = static_cast<uint8_t>(i % 256 == 7 ? 250 : i % 9);
    EXPECT_EQ(CountBytes(bytes.data(), 250), 16);
    EXPECT_EQ(CountBytes(bytes.data(), 251), 0);
    EXPECT_EQ(CountBytes(bytes.data(), 3), std::count(bytes.begin(), bytes.end(), 3));
    bytes.fill(200);
    EXPECT_EQ(CountBytes(bytes.data(), 200), kBrickVoxels);
    same.fill(0x99);
    EXPECT_EQ(CountNibbles(same.data(), 9), kBrickVoxels);
    EXPECT_EQ(CountNibbles(same.data(), 8), 0);
  });
}

}  // namespace
}  // namespace voxel::internal
