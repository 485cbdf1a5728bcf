#include "daemon/wire/json_string.h"

#include <gtest/gtest.h>

namespace voxeld {
namespace {

std::string Quote(std::string_view text) {
  std::string out;
  AppendJsonString(text, &out);
  return out;
}

TEST(JsonStringTest, EscapesWhatMustBeEscaped) {
  EXPECT_EQ(Quote(""), R"("")");
  EXPECT_EQ(Quote("castle"), R"("castle")");
  EXPECT_EQ(Quote("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(Quote("\n\r\t"), R"("\n\r\t")");
  EXPECT_EQ(Quote(std::string_view("\0\x01\x1f\x7f", 4)), "\"\\u0000\\u0001\\u001f\x7f\"");
}

TEST(JsonStringTest, KeepsValidUtf8) {
  for (const char* text :
       {"\u00e9", "\u20ac", "\U0001F3F0", "\uFFFD", "\uD7FF", "\uE000", "\U0010FFFF"}) {
    EXPECT_EQ(Quote(text), "\"" + std::string(text) + "\"");
  }
}

TEST(JsonStringTest, ReplacesEachByteThatIsNotUtf8) {
  const std::string kReplaced = "\uFFFD";
  EXPECT_EQ(Quote("a\xFFz"), "\"a" + kReplaced + "z\"");
  EXPECT_EQ(Quote("\xC0\xAF"), "\"" + kReplaced + kReplaced + "\"");  // overlong '/'
  EXPECT_EQ(Quote("\xED\xA0\x80"), "\"" + kReplaced + kReplaced + kReplaced + "\"");  // a surrogate
  EXPECT_EQ(Quote("\xE2\x82"), "\"" + kReplaced + kReplaced + "\"");                  // cut off
  EXPECT_EQ(Quote("\xF4\x90\x80\x80").size(), 2 + 4 * kReplaced.size());              // U+110000
  EXPECT_EQ(Quote("\xE2\x28\xA1"), "\"" + kReplaced + "(" + kReplaced + "\"");
}

TEST(JsonStringTest, UnescapesAllForms) {
  EXPECT_EQ(UnescapeJsonString(R"("")"), "");
  EXPECT_EQ(UnescapeJsonString(R"("plain")"), "plain");
  EXPECT_EQ(UnescapeJsonString(R"("a\"\\\/\b\f\n\r\tz")"), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(UnescapeJsonString(R"("\u0041\u00e9\u20AC\ud83c\udff0!")"), "A\u00e9\u20ac\U0001F3F0!");
  EXPECT_EQ(UnescapeJsonString(R"("\u0000")"), std::string(1, '\0'));
  EXPECT_EQ(UnescapeJsonString(R"("\udbff\udfff")"), "\U0010FFFF");
}

TEST(JsonStringTest, WhatIsQuotedUnescapesToItself) {
  std::string every;
  for (int c = 0; c < 128; ++c) every.push_back(static_cast<char>(c));
  every += "\u00e9\u20ac\U0001F3F0";
  EXPECT_EQ(UnescapeJsonString(Quote(every)), every);
}

TEST(JsonStringTest, CutsBetweenCharacters) {
  EXPECT_EQ(Utf8Prefix("castle", 10), "castle");
  EXPECT_EQ(Utf8Prefix("castle", 3), "cas");
  EXPECT_EQ(Utf8Prefix("a\u20ac\u20ac", 4), "a\u20ac");
  EXPECT_EQ(Utf8Prefix("a\u20ac\u20ac", 6), "a\u20ac");
  EXPECT_EQ(Utf8Prefix("\u20ac", 2), "");
}

}  // namespace
}  // namespace voxeld
