// The text form of patterns: what is read, and where an error stands.
#include "voxel/ops/pattern_text.h"

#include <string>

#include "gtest/gtest.h"

namespace voxel {
namespace {

absl::StatusOr<Color> ColorOf(std::string_view text) {
  if (text == "air") return kAir;
  if (text == "stone" || text == "old, stone") return 1;
  if (text == "2nd") return 2;
  if (text == "#888") return 0x888888FF;
  return Error(Reason::INVALID_COLOR, "the colour is not one");
}

struct Shower {
  std::string operator()(const MixPattern& mix) const {
    std::string text;
    for (const auto& part : mix.parts) {
      text += std::to_string(part.share) + "*" + std::to_string(part.color) + " ";
    }
    return text + "seed " + std::to_string(mix.seed);
  }
  std::string operator()(const CheckerPattern& p) const {
    return "checker " + std::to_string(p.even) + " " + std::to_string(p.odd) + " " +
           std::to_string(p.size);
  }
  std::string operator()(const GradientPattern& p) const {
    return "gradient " + std::to_string(static_cast<int>(p.axis)) + " " + std::to_string(p.from) +
           " " + std::to_string(p.to) + " " + std::to_string(p.start) + " " + std::to_string(p.end);
  }
};

std::string Read(std::string_view text) {
  const auto pattern = ParsePattern(text, ColorOf);
  return pattern.ok() ? std::visit(Shower(), *pattern) : std::string(pattern.status().message());
}

TEST(PatternTextTest, MixesAreRead) {
  EXPECT_EQ(Read("50%stone,50%#888"), "500000*1 500000*2290649343 seed 0");
  EXPECT_EQ(Read(" 12.5 % air , 1% 2nd ;seed=7"), "125000*0 10000*2 seed 7");
  EXPECT_EQ(Read("stone,#888,2nd"), "1000000*1 1000000*2290649343 1000000*2 seed 0");
  EXPECT_EQ(Read("2nd,stone"), "1000000*2 1000000*1 seed 0");
  EXPECT_EQ(Read("\"old, stone\",air"), "1000000*1 1000000*0 seed 0");
}

TEST(PatternTextTest, CheckersAndGradientsAreRead) {
  EXPECT_EQ(Read("checker(stone,air)"), "checker 1 0 1");
  EXPECT_EQ(Read("checker(stone, 2nd, 4)"), "checker 1 2 4");
  EXPECT_EQ(Read("gradient(z,0,-10,stone,2nd)"), "gradient 2 0 -10 1 2");
}

TEST(PatternTextTest, ErrorsNameTheColumnAndWhatWasExpected) {
  EXPECT_EQ(Read("50%stone,#888"),
            "column 10: expected a share above 0 and up to 10000, with at most 4 decimals and "
            "\"%\" behind it, found \"#\"");
  EXPECT_EQ(Read("stone,50%#888"),
            "column 7: expected a colour without a share, as the first has none, found \"50\"");
  EXPECT_EQ(Read("stone,#888;sead=1"), "column 12: expected \"seed=\", found \"sead\"");
  EXPECT_EQ(Read("stone,brick"), "column 7: the colour is not one");
  EXPECT_EQ(Read("gradient(z,4,4,stone,air)"),
            "column 14: expected another number than the start, found \"4\"");
  for (const char* text :
       {"", ",", "stone,", "0%stone", "-5%stone", "nan%stone", "1e9%stone", "10001%stone", "50%",
        "checker(", "checker(stone)", "checker(stone,air,0)", "checker(stone,air)x",
        "gradient(w,0,1,air,air)", "gradient(z,0,1,air)", "stone;seed=-1", "stone air",
        "gradient(z,0,99999999999,air,air)", "\"stone"}) {
    const auto pattern = ParsePattern(text, ColorOf);
    EXPECT_EQ(ReasonOf(pattern.status()), "INVALID_COLOR") << text;
    EXPECT_EQ(std::string(pattern.status().message()).rfind("column ", 0), 0u) << text;
  }
}

TEST(PatternTextTest, LimitsAreKept) {
  EXPECT_EQ(Read(std::string(4097, ' ')), "the text has 4097 bytes; accepted is at most 4096");
  std::string many = "air";
  for (int i = 0; i < 256; ++i) many += ",air";
  EXPECT_EQ(Read(many), "column 1025: a pattern has at most 256 colours");
}

TEST(PatternTextTest, APatternDoesNotLookLikeAColour) {
  EXPECT_TRUE(LooksLikePattern("50%stone"));
  EXPECT_TRUE(LooksLikePattern("stone,air"));
  EXPECT_TRUE(LooksLikePattern("checker(a"));
  EXPECT_FALSE(LooksLikePattern("#c33"));
  EXPECT_FALSE(LooksLikePattern("light grass"));
}

}  // namespace
}  // namespace voxel
