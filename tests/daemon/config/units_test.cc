#include "daemon/config/units.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace voxeld {
namespace {

TEST(UnitsTest, SizesGoThereAndBack) {
  EXPECT_EQ(ReadBytes("0"), 0);
  EXPECT_EQ(ReadBytes("1000"), 1000);
  EXPECT_EQ(ReadBytes("3KiB"), 3072);
  EXPECT_EQ(ReadBytes("3 TiB"), int64_t{3} << 40);
  EXPECT_EQ(BytesText(0), "0");
  EXPECT_EQ(BytesText(1000), "1000");
  EXPECT_EQ(BytesText(3072), "3 KiB");
  EXPECT_EQ(BytesText(int64_t{3} << 40), "3 TiB");
  for (const char* wrong : {"", "KiB", "-1", "1KB", "1.5KiB", "1 KiB ", "9007199254740992 TiB"}) {
    EXPECT_FALSE(ReadBytes(wrong).has_value()) << wrong;
  }
}

TEST(UnitsTest, TimesGoThereAndBack) {
  EXPECT_EQ(ReadTime("5 s"), absl::Seconds(5));
  EXPECT_EQ(ReadTime("1h30m"), absl::Minutes(90));
  EXPECT_EQ(ReadTime("500ms"), absl::Milliseconds(500));
  EXPECT_EQ(TimeText(absl::Seconds(90)), "90 s");
  EXPECT_EQ(TimeText(absl::Hours(24)), "24 h");
  EXPECT_EQ(TimeText(absl::Nanoseconds(1500)), "1500 ns");
  EXPECT_EQ(TimeText(absl::ZeroDuration()), "0 s");
  for (const char* wrong : {"", "5", "-1s", "s", "1 fortnight"}) {
    EXPECT_FALSE(ReadTime(wrong).has_value()) << wrong;
  }
}

TEST(UnitsTest, ProcessorsAreNumbersAndRanges) {
  EXPECT_EQ(ReadCpus("0"), std::vector<int>{0});
  EXPECT_EQ(ReadCpus("8,0-2,1"), (std::vector<int>{0, 1, 2, 8}));
  for (const char* wrong : {"", "a", "2-1", "0-", "-1", "0,,1", "1024", "0-4000000000"}) {
    EXPECT_FALSE(ReadCpus(wrong).has_value()) << wrong;
  }
}

TEST(UnitsTest, ModesAreOctal) {
  EXPECT_EQ(ReadMode("0660"), 0660u);
  EXPECT_EQ(ReadMode("777"), 0777u);
  for (const char* wrong : {"", "8", "rw", "1000", "-1", "0x1", "0660 "}) {
    EXPECT_FALSE(ReadMode(wrong).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace voxeld
