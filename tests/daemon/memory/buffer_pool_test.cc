#include "daemon/memory/buffer_pool.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "voxel/base/plain_memory.h"

namespace voxeld {
namespace {

class BufferPoolTest : public testing::Test {
 protected:
  void SetUp() override {
    if (voxel::PlainMemory()) GTEST_SKIP() << "pools keep nothing with plain memory";
  }
  MemoryUse::Gauge gauge_;
  BufferPool pool_{&gauge_};
};

TEST_F(BufferPoolTest, TextsComeBackFromTheirTier) {
  std::string text = pool_.Take(100);
  EXPECT_GE(text.capacity(), 512u);
  const char* const memory = text.data();
  text = "what a connection left";
  pool_.Give(text);
  EXPECT_EQ(text.capacity(), std::string().capacity());
  const std::string large = pool_.Take(600);
  EXPECT_NE(large.data(), memory);
  const std::string again = pool_.Take(512);
  EXPECT_EQ(again.data(), memory);
  EXPECT_TRUE(again.empty());
  EXPECT_EQ(pool_.counts().taken, 3);
  EXPECT_EQ(pool_.counts().made, 2);
}

TEST_F(BufferPoolTest, LargeOnesPassThrough) {
  std::string text = pool_.Take(1 << 20);
  EXPECT_GE(text.capacity(), size_t{1} << 20);
  pool_.Give(text);
  EXPECT_EQ(pool_.counts().kept_bytes, 0u);
  EXPECT_EQ(pool_.counts().passed, 1);
}

TEST_F(BufferPoolTest, ATierIsBounded) {
  std::vector<std::string> texts;
  for (int i = 0; i < 100; ++i) texts.push_back(pool_.Take(64 << 10));
  for (std::string& text : texts) pool_.Give(text);
  EXPECT_LE(pool_.counts().kept_bytes, BufferPool::kKeptBytes + 4096);
}

TEST_F(BufferPoolTest, TrimGivesBackWhatNobodyTook) {
  std::vector<std::string> texts;
  for (int i = 0; i < 10; ++i) texts.push_back(pool_.Take(512));
  for (std::string& text : texts) pool_.Give(text);
  EXPECT_EQ(pool_.Trim(), 0u);  // all of them were taken since the pool began
  texts[0] = pool_.Take(512);
  pool_.Give(texts[0]);
  const size_t kept = pool_.counts().kept_bytes;
  EXPECT_EQ(pool_.Trim(), kept / 10 * 9);
  EXPECT_EQ(pool_.Trim(), kept / 10);  // nor did anybody take the last one
  EXPECT_EQ(pool_.counts().kept_bytes, 0u);
}

}  // namespace
}  // namespace voxeld
