#include "daemon/wire/json_number.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

namespace voxeld {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr uint64_t kMaxUnsigned = std::numeric_limits<uint64_t>::max();

TEST(JsonNumberTest, KnowsTheGrammar) {
  for (const char* text : {"0", "-0", "7", "120", "-1.5", "0.25", "1e5", "1E+5", "1.0e-05"}) {
    EXPECT_TRUE(IsJsonNumber(text)) << text;
  }
  for (const char* text : {"", "-", "+1", "01", "-01", ".5", "5.", "1e", "1e+", "0x10", " 1", "1 ",
                           "1,", "1_000", "Infinity", "NaN", "--1", "1.2.3", "1e5.0"}) {
    EXPECT_FALSE(IsJsonNumber(text)) << text;
  }
}

TEST(JsonNumberTest, ReadsIntegersHoweverTheyAreWritten) {
  for (const char* text :
       {"1200", "1200.0", "1200.000", "1.2e3", "12e2", "120000e-2", "0.12E4", "0.000012e8"}) {
    EXPECT_EQ(ParseInteger(text, kMin, kMax), 1200) << text;
    EXPECT_EQ(ParseUnsigned(text, kMaxUnsigned), 1200u) << text;
  }
  EXPECT_EQ(ParseInteger("-0", kMin, kMax), 0);
  EXPECT_EQ(ParseUnsigned("-0.0", kMaxUnsigned), 0u);
  EXPECT_EQ(ParseInteger("0e999999999999999999999", kMin, kMax), 0);
}

TEST(JsonNumberTest, RefusesFractionsInsteadOfRounding) {
  for (const char* text : {"1.5", "0.1", "1e-1", "1200e-3", "9007199254740993.5", "1e-400"}) {
    EXPECT_FALSE(ParseInteger(text, kMin, kMax).has_value()) << text;
    EXPECT_FALSE(ParseUnsigned(text, kMaxUnsigned).has_value()) << text;
  }
}

TEST(JsonNumberTest, IsExactWhereDoublesAreNot) {
  EXPECT_EQ(ParseInteger("9007199254740993", kMin, kMax), 9007199254740993);
  EXPECT_EQ(ParseInteger("9007199254740993.0", kMin, kMax), 9007199254740993);
  EXPECT_EQ(ParseInteger("9.223372036854775807e18", kMin, kMax), kMax);
  EXPECT_EQ(ParseInteger("-9223372036854775808", kMin, kMax), kMin);
  EXPECT_EQ(ParseUnsigned("18446744073709551615", kMaxUnsigned), kMaxUnsigned);
}

TEST(JsonNumberTest, RefusesWhatLiesOutside) {
  EXPECT_FALSE(ParseInteger("9223372036854775808", kMin, kMax).has_value());
  EXPECT_FALSE(ParseInteger("-9223372036854775809", kMin, kMax).has_value());
  EXPECT_FALSE(ParseInteger("1e30", kMin, kMax).has_value());
  EXPECT_FALSE(ParseInteger("1e99999999999999999999", kMin, kMax).has_value());
  EXPECT_FALSE(ParseInteger("11", -10, 10).has_value());
  EXPECT_FALSE(ParseInteger("-11", -10, 10).has_value());
  EXPECT_EQ(ParseInteger("-10", -10, 10), -10);
  EXPECT_FALSE(ParseUnsigned("-1", kMaxUnsigned).has_value());
  EXPECT_FALSE(ParseUnsigned("18446744073709551616", kMaxUnsigned).has_value());
  EXPECT_FALSE(ParseUnsigned("256", 255).has_value());
}

TEST(JsonNumberTest, TakesTheNearestDouble) {
  EXPECT_EQ(ParseDouble("0.1"), 0.1);
  EXPECT_EQ(ParseDouble("1e308"), 1e308);
  EXPECT_EQ(ParseDouble("5e-324"), 5e-324);
  EXPECT_EQ(ParseFloat("0.1"), 0.1f);
  EXPECT_EQ(ParseFloat("3.4028235e38"), std::numeric_limits<float>::max());
}

TEST(JsonNumberTest, TellsTooLargeFromTooSmall) {
  EXPECT_FALSE(ParseDouble("1e309").has_value());
  EXPECT_FALSE(ParseDouble("-1e309").has_value());
  EXPECT_FALSE(ParseFloat("1e39").has_value());
  EXPECT_EQ(ParseDouble("1e-400"), 0.0);
  EXPECT_EQ(ParseFloat("1e-60"), 0.0f);
  ASSERT_TRUE(ParseDouble("-1e-400").has_value());
  EXPECT_TRUE(std::signbit(*ParseDouble("-1e-400")));
  EXPECT_FALSE(ParseDouble("nan").has_value());
}

TEST(JsonNumberTest, PrintsTheShortestThatReadsBack) {
  const auto print = [](double value) {
    std::string out;
    AppendDouble(value, &out);
    return out;
  };
  EXPECT_EQ(print(0.1), "0.1");
  EXPECT_EQ(print(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(print(0.0), "0");
  EXPECT_EQ(print(-0.0), "-0.0");
  std::string single;
  AppendFloat(0.1f, &single);
  EXPECT_EQ(single, "0.1");
}

TEST(JsonNumberTest, EveryFiniteBitPatternReadsBack) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const auto value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    std::string text;
    AppendDouble(value, &text);
    ASSERT_TRUE(IsJsonNumber(text)) << text;
    ASSERT_EQ(ParseDouble(text), value) << text;
    const auto single = std::bit_cast<float>(static_cast<uint32_t>(random()));
    if (!std::isfinite(single)) continue;
    text.clear();
    AppendFloat(single, &text);
    ASSERT_TRUE(IsJsonNumber(text)) << text;
    ASSERT_EQ(ParseFloat(text), single) << text;
  }
}

}  // namespace
}  // namespace voxeld
