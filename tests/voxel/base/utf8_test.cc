#include "voxel/base/utf8.h"

#include <string>

#include "gtest/gtest.h"

namespace voxel {
namespace {

TEST(Utf8Test, LengthsOfCharactersAtTheEdgesOfEachForm) {
  for (const std::string_view one : {"a", "\x7F"}) EXPECT_EQ(Utf8Length(one), 1) << one;
  EXPECT_EQ(Utf8Length(std::string_view("\0", 1)), 1);
  for (const std::string_view two : {"\u0080", "\u07FF"}) EXPECT_EQ(Utf8Length(two), 2) << two;
  for (const std::string_view three : {"\u0800", "\uD7FF", "\uE000", "\uFFFF"}) {
    EXPECT_EQ(Utf8Length(three), 3) << three;
  }
  for (const std::string_view four : {"\U00010000", "\U0010FFFF"}) {
    EXPECT_EQ(Utf8Length(four), 4) << four;
  }
  EXPECT_EQ(Utf8Length("\u00E9t\u00E9"), 2) << "only the first";
}

TEST(Utf8Test, WhatIsNoCharacterHasNoLength) {
  for (const std::string_view bad : {
           "\x80",              // a continuation
           "\xC1\xBF",          // overlong
           "\xE0\x9F\xBF",      // overlong
           "\xF0\x8F\xBF\xBF",  // overlong
           "\xED\xA0\x80",      // a surrogate
           "\xF4\x90\x80\x80",  // beyond U+10FFFF
           "\xF5\x80\x80\x80",  // no such form
           "\xC3(",             // not continued
       }) {
    EXPECT_EQ(Utf8Length(bad), 0) << testing::PrintToString(bad);
  }
  for (const std::string_view whole : {"\u00E9", "\u20AC", "\U0001F600"}) {
    for (size_t cut = 1; cut < whole.size(); ++cut) EXPECT_EQ(Utf8Length(whole.substr(0, cut)), 0);
  }
}

}  // namespace
}  // namespace voxel
