#include "voxel/image/draw.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "voxel/image/font.h"

namespace voxel {
namespace {

constexpr uint32_t kWhite = 0xFFFFFFFF;
constexpr uint32_t kBlack = 0x000000FF;

int Count(const Image& image, uint32_t color) {
  int n = 0;
  for (const uint32_t pixel : image.pixels) n += pixel == color;
  return n;
}

// The picture as lines of text, '#' for black.
std::string Show(const Image& image) {
  std::string out;
  for (int32_t y = 0; y < image.height; ++y) {
    for (int32_t x = 0; x < image.width; ++x) out += image.at(x, y) == kBlack ? '#' : '.';
    out += '\n';
  }
  return out;
}

TEST(DrawTest, TextLooksLikeItsLetters) {
  Image image(18, 8, kWhite);
  DrawText(image, 0, 0, "iso", kBlack);
  EXPECT_EQ(Show(image),
            "..#...............\n"
            "..................\n"
            ".##....####..###..\n"
            "..#...#.....#...#.\n"
            "..#....###..#...#.\n"
            "..#.......#.#...#.\n"
            ".###..####...###..\n"
            "..................\n");
}

TEST(DrawTest, ScaledTextRepeatsEachDot) {
  Image small(18, 8, kWhite);
  Image large(54, 24, kWhite);
  DrawText(small, 0, 0, "Az7", kBlack);
  DrawText(large, 0, 0, "Az7", kBlack, 3);
  for (int32_t y = 0; y < large.height; ++y) {
    for (int32_t x = 0; x < large.width; ++x) {
      ASSERT_EQ(large.at(x, y), small.at(x / 3, y / 3)) << x << ", " << y;
    }
  }
}

TEST(DrawTest, TextWidthCountsCharacters) {
  EXPECT_EQ(TextWidth(""), 0);
  EXPECT_EQ(TextWidth("front"), 30);
  EXPECT_EQ(TextWidth("front", 2), 60);
  EXPECT_EQ(TextWidth("\xC3\xA9t\xC3\xA9"), 18);  // three characters, two of them of two bytes
}

TEST(DrawTest, OtherCharactersAreBoxes) {
  Image image(12, 8, kWhite);
  DrawText(image, 0, 0, "\xC3\xA9\n", kBlack);
  EXPECT_EQ(Count(image, kBlack), 2 * (5 + 5 + 5 + 5));
}

TEST(DrawTest, EveryGlyphDiffersFromTheOthers) {
  std::set<uint64_t> seen;
  for (int c = 32; c <= 127; ++c) {
    EXPECT_TRUE(seen.insert(GlyphOf(char(c)).dots).second) << char(c);
  }
  EXPECT_EQ(GlyphOf(' ').dots, 0u);
}

TEST(DrawTest, LinesHaveOnePixelPerStepOfTheLongAxis) {
  const int32_t ends[][2] = {{9, 3}, {3, 9}, {9, 9}, {0, 9}, {9, 0}, {0, 0}, {9, 4}};
  for (const auto& [x, y] : ends) {
    Image forth(10, 10, kWhite);
    Image back(10, 10, kWhite);
    DrawLine(forth, 0, 0, x, y, kBlack);
    DrawLine(back, x, y, 0, 0, kBlack);
    EXPECT_EQ(forth.at(0, 0), kBlack);
    EXPECT_EQ(forth.at(x, y), kBlack);
    EXPECT_EQ(Count(forth, kBlack), std::max(x, y) + 1);
    EXPECT_EQ(forth, back) << x << ", " << y;
  }
}

TEST(DrawTest, DrawingIsClippedAtEveryBorder) {
  constexpr int32_t kFar = 1 << 30;
  Image image(4, 4, kWhite);
  DrawLine(image, -kFar, -kFar, kFar, kFar, kBlack);
  EXPECT_EQ(Count(image, kBlack), 4);
  DrawLine(image, -kFar, 9, kFar, 9, kBlack);
  DrawLine(image, -1, 0, -1, 3, kBlack);
  FillRect(image, 4, 0, kFar, kFar, kBlack);
  FillRect(image, -kFar, -kFar, kFar, kFar, kBlack);
  DrawText(image, -600, -600, "far", kBlack, 9);
  Paste(image, 4, 0, Image(3, 3, kBlack));
  Paste(image, -3, -3, Image(3, 3, kBlack));
  EXPECT_EQ(Count(image, kBlack), 4);
  FillRect(image, -kFar, -kFar, 2147483647, 2147483647, kBlack);
  EXPECT_EQ(Count(image, kBlack), 16);
}

TEST(DrawTest, TranslucentColoursMix) {
  Image image(1, 1, 0x000000FF);
  FillRect(image, 0, 0, 1, 1, 0xFF800080);
  EXPECT_EQ(image.at(0, 0), 0x804000FFu);
  Image empty(1, 1, 0);
  FillRect(empty, 0, 0, 1, 1, 0x11223344);
  EXPECT_EQ(empty.at(0, 0), 0x11223344u);
}

TEST(DrawTest, PasteCopiesTheVisiblePart) {
  Image source(3, 2);
  for (uint32_t i = 0; i < 6; ++i) source.pixels[i] = i + 1;
  Image image(4, 3, 9);
  Paste(image, -1, 2, source);
  const std::vector<uint32_t> expected = {9, 9, 9, 9, 9, 9, 9, 9, 2, 3, 9, 9};
  EXPECT_EQ(image.pixels, expected);
}

}  // namespace
}  // namespace voxel
