#include "voxel/image/image.h"

#include <gtest/gtest.h>

#include <random>

#include "voxel/base/error.h"

namespace voxel {
namespace {

Image RandomImage(int32_t width, int32_t height, bool opaque, uint32_t seed) {
  std::mt19937 random(seed);
  Image image(width, height);
  for (uint32_t& pixel : image.pixels) {
    pixel = uint32_t(random());
    if (opaque) pixel |= 255;
  }
  return image;
}

// The byte that tells how pixels are stored: 2 RGB, 6 RGBA.
int ColorType(const std::string& png) { return png[25]; }

TEST(PngTest, RoundTripKeepsEveryPixel) {
  const int32_t sizes[][2] = {{1, 1}, {1, 300}, {300, 1}, {17, 5}, {64, 64}, {255, 257}};
  uint32_t seed = 1;
  for (const auto& [width, height] : sizes) {
    for (const bool opaque : {false, true}) {
      for (const int level : {0, 1, 9}) {
        const Image image = RandomImage(width, height, opaque, seed++);
        const std::string png = EncodePng(image, level);
        const absl::StatusOr<Image> back = DecodePng(png);
        ASSERT_TRUE(back.ok()) << back.status();
        EXPECT_EQ(*back, image) << width << " x " << height << " level " << level;
      }
    }
  }
}

TEST(PngTest, OpaquePicturesCarryNoAlphaChannel) {
  EXPECT_EQ(ColorType(EncodePng(Image(3, 3, 0x102030FF))), 2);
  Image image(3, 3, 0x102030FF);
  image.at(2, 2) = 0x102030FE;
  EXPECT_EQ(ColorType(EncodePng(image)), 6);
}

TEST(PngTest, ColoursOfInvisiblePixelsSurvive) {
  const Image image(2, 1, 0x11223300);
  EXPECT_EQ(*DecodePng(EncodePng(image)), image);
}

TEST(PngTest, EveryCutIsRefused) {
  const std::string png = EncodePng(RandomImage(9, 7, false, 5));
  for (size_t size = 0; size + 12 < png.size();
       ++size) {  // the last 12 bytes are IEND, which says nothing
    const absl::StatusOr<Image> image = DecodePng(std::string_view(png).substr(0, size));
    ASSERT_FALSE(image.ok()) << size << " of " << png.size() << " bytes";
    EXPECT_EQ(ReasonOf(image.status()), "FORMAT_CORRUPT");
  }
}

TEST(PngTest, ChangedPixelDataIsRefused) {
  const std::string png = EncodePng(RandomImage(9, 7, false, 6));
  const size_t data = png.find("IDAT");
  ASSERT_NE(data, std::string::npos);
  const size_t end = png.find("IEND") - 4;
  for (size_t at = data; at < end; ++at) {
    std::string bad = png;
    bad[at] = char(bad[at] ^ 0x10);
    EXPECT_FALSE(DecodePng(bad).ok()) << "byte " << at;
  }
}

TEST(PngTest, FlippedBitsAnywhereNeverCrash) {
  const std::string png = EncodePng(RandomImage(8, 8, true, 7));
  int refused = 0;
  for (size_t bit = 0; bit < png.size() * 8; ++bit) {
    std::string bad = png;
    bad[bit / 8] = char(bad[bit / 8] ^ (1 << bit % 8));
    if (!DecodePng(bad, 1 << 20).ok()) ++refused;
  }
  EXPECT_GT(refused, int(png.size()) * 6);
}

TEST(PngTest, ForeignBytesAreRefusedByTheirSignature) {
  for (const std::string bytes : {"", "GIF89a", "VOX ", "\x89PNG\r\n\x1a"}) {
    const absl::StatusOr<Image> image = DecodePng(bytes);
    ASSERT_FALSE(image.ok());
    EXPECT_EQ(ReasonOf(image.status()), "FORMAT_CORRUPT");
    EXPECT_NE(image.status().message().find("signature"), std::string::npos) << image.status();
  }
}

// A file that declares `width` x `height` and holds the pixels of a small one.
std::string Declaring(uint32_t width, uint32_t height) {
  std::string png = EncodePng(Image(4, 4, 0xFF));
  for (int i = 0; i < 4; ++i) {
    png[size_t(16 + i)] = char(width >> (24 - 8 * i));
    png[size_t(20 + i)] = char(height >> (24 - 8 * i));
  }
  return png;
}

TEST(PngTest, TooManyPixelsAreALimitError) {
  const absl::StatusOr<Image> image = DecodePng(Declaring(9000, 9000));
  ASSERT_FALSE(image.ok());
  EXPECT_EQ(ReasonOf(image.status()), "LIMIT_BYTES");
  EXPECT_NE(image.status().message().find("9000 x 9000"), std::string::npos) << image.status();
  EXPECT_TRUE(DecodePng(EncodePng(Image(4, 4)), 16).ok());
  EXPECT_EQ(ReasonOf(DecodePng(EncodePng(Image(4, 4)), 15).status()), "LIMIT_BYTES");
}

TEST(PngTest, SizesThatTheBytesCannotHoldAreRefusedBeforehand) {
  const absl::StatusOr<Image> image = DecodePng(Declaring(8000, 8000));
  ASSERT_FALSE(image.ok());
  EXPECT_EQ(ReasonOf(image.status()), "FORMAT_CORRUPT");
  EXPECT_NE(image.status().message().find("cannot hold"), std::string::npos) << image.status();
}

TEST(PngTest, SizesOutOfRangeAreRefused) {
  EXPECT_EQ(ReasonOf(DecodePng(Declaring(0, 4)).status()), "FORMAT_CORRUPT");
  EXPECT_EQ(ReasonOf(DecodePng(Declaring(4, 0xFFFFFFFF)).status()), "FORMAT_CORRUPT");
}

}  // namespace
}  // namespace voxel
