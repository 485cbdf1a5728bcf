#include "daemon/memory/ring.h"

#include <algorithm>
#include <deque>
#include <random>
#include <string>

#include "gtest/gtest.h"

namespace voxeld {
namespace {

TEST(RingTest, IsADequeToItsUsers) {
  std::mt19937 random(3);
  Ring<int> ring;
  std::deque<int> model;
  for (int step = 0; step < 10'000; ++step) {
    const unsigned what = random() % 8;
    if (what < 4 || model.empty()) {
      ring.push_back(step);
      model.push_back(step);
    } else if (what < 7) {
      ring.pop_front();
      model.pop_front();
    } else {
      ring.pop_back();
      model.pop_back();
    }
    ASSERT_EQ(ring.size(), model.size());
    ASSERT_TRUE(std::equal(ring.begin(), ring.end(), model.begin(), model.end()));
    if (model.empty()) continue;
    ASSERT_EQ(ring.front(), model.front());
    ASSERT_EQ(ring.back(), model.back());
    const int wanted = model[random() % model.size()];
    const auto found = std::lower_bound(ring.begin(), ring.end(), wanted);
    ASSERT_EQ(found - ring.begin(),
              std::lower_bound(model.begin(), model.end(), wanted) - model.begin());
  }
}

TEST(RingTest, PlacesKeepTheMemoryOfTheirStrings) {
  Ring<std::string> ring;
  const std::string text(100, 'x');
  for (int i = 0; i < 8; ++i) ring.Grow() = text;
  const char* const memory = ring.front().data();
  ring.pop_front();
  ring.Grow() = text;
  EXPECT_EQ(ring.back().data(), memory);
  EXPECT_EQ(ring.size(), 8u);
}

}  // namespace
}  // namespace voxeld
