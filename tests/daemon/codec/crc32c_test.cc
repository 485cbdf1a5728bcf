// The checksum against what others compute, and its two ways to do it against each other.
#include "daemon/codec/crc32c.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace voxeld {
namespace {

TEST(Crc32cTest, IsThatOfRfc3720) {
  std::string rising;
  for (char c = 0; c < 32; ++c) rising.push_back(c);
  const std::string falling(rising.rbegin(), rising.rend());
  for (const auto& [bytes, expected] : {std::pair<std::string, uint32_t>{"", 0},
                                        {"123456789", 0xE3069283},
                                        {std::string(32, '\0'), 0x8A9136AA},
                                        {std::string(32, '\xFF'), 0x62A8AB43},
                                        {rising, 0x46DD794E},
                                        {falling, 0x113FDB5C}}) {
    EXPECT_EQ(Crc32c(bytes), expected);
    EXPECT_EQ(internal::Crc32cByTable(bytes), expected);
  }
}

TEST(Crc32cTest, TheProcessorAndTheTableAgreeAtEveryLengthAndAlignment) {
  std::mt19937 random(20261130);
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes.push_back(static_cast<char>(random()));
  const std::string_view all = bytes;
  for (size_t from = 0; from < 16; ++from) {
    for (size_t size = 0; from + size <= all.size(); ++size) {
      const std::string_view part = all.substr(from, size);
      ASSERT_EQ(Crc32c(part), internal::Crc32cByTable(part)) << from << "+" << size;
    }
  }
}

}  // namespace
}  // namespace voxeld
