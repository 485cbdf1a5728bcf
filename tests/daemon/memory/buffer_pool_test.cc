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
  static constexpr size_t kLarger = BufferPool::kTierBytes.size();
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
  EXPECT_EQ(pool_.counts(0).taken(), 2);
  EXPECT_EQ(pool_.counts(0).missed(), 1);
  EXPECT_EQ(pool_.counts(1).taken(), 1);
  EXPECT_EQ(pool_.counts(1).missed(), 1);
  EXPECT_EQ(pool_.counts(0).in_use(), 1);
  EXPECT_EQ(pool_.counts(0).kept(), 0);
}

TEST_F(BufferPoolTest, LargeOnesPassThrough) {
  std::string text = pool_.Take(1 << 20);
  EXPECT_GE(text.capacity(), size_t{1} << 20);
  pool_.Give(text);
  EXPECT_EQ(gauge_.Read().allocated, 0);
  EXPECT_GE(gauge_.Read().peak, 1 << 20);
  EXPECT_EQ(pool_.counts(kLarger).kept_bytes(), 0);
  EXPECT_EQ(pool_.counts(kLarger).missed(), 1);
  EXPECT_EQ(pool_.counts(kLarger).in_use(), 0);
}

// A text grows while it is used; nobody knows of it before it comes back.
TEST_F(BufferPoolTest, AllInUseAreGoneOnceAllAreBack) {
  std::vector<std::string> texts;
  for (const size_t bytes : {100, 600, 5000, 100, 70000, 600, 100}) {
    texts.push_back(pool_.Take(bytes));
  }
  for (size_t i = 0; i < texts.size(); i += 2) texts[i].reserve(100'000);
  int64_t in_use = static_cast<int64_t>(texts.size());
  for (std::string& text : texts) {
    pool_.Give(text);
    --in_use;
    int64_t counted = 0;
    for (size_t tier = 0; tier <= kLarger; ++tier) {
      EXPECT_GE(pool_.counts(tier).in_use(), 0);
      counted += pool_.counts(tier).in_use();
    }
    EXPECT_EQ(counted, in_use);
  }
  std::string never_taken(1000, 'x');
  pool_.Give(never_taken);
  EXPECT_EQ(pool_.counts(0).in_use(), 0);
}

TEST_F(BufferPoolTest, ATierIsBounded) {
  std::vector<std::string> texts;
  for (int i = 0; i < 100; ++i) texts.push_back(pool_.Take(64 << 10));
  for (std::string& text : texts) pool_.Give(text);
  EXPECT_EQ(pool_.counts(2).kept(), int64_t{BufferPool::kKeptBytes} / (64 << 10));
  EXPECT_LE(pool_.counts(2).kept_bytes(), int64_t{BufferPool::kKeptBytes} + 4096);
  EXPECT_EQ(gauge_.Read().allocated, pool_.counts(2).kept_bytes());
}

TEST_F(BufferPoolTest, TrimGivesBackWhatNobodyTook) {
  std::vector<std::string> texts;
  for (int i = 0; i < 10; ++i) texts.push_back(pool_.Take(512));
  for (std::string& text : texts) pool_.Give(text);
  EXPECT_EQ(pool_.Trim(), 0u);  // all of them were taken since the pool began
  texts[0] = pool_.Take(512);
  pool_.Give(texts[0]);
  const auto kept = static_cast<size_t>(pool_.counts(0).kept_bytes());
  EXPECT_EQ(pool_.Trim(), kept / 10 * 9);
  EXPECT_EQ(pool_.Trim(), kept / 10);  // nor did anybody take the last one
  EXPECT_EQ(pool_.counts(0).kept_bytes(), 0);
  EXPECT_EQ(pool_.counts(0).kept(), 0);
  EXPECT_EQ(gauge_.Read().allocated, 0);
}

}  // namespace
}  // namespace voxeld
