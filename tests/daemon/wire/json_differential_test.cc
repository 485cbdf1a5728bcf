// Our reader of JSON against protobuf's, and on scalar against SIMD code, for texts that went wrong
// in some places. The fuzz target json_message does the same with other texts.
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_split.h"
#include "daemon/wire/json_codec.h"
#include "daemon/wire/json_scanner.h"
#include "tests/daemon/wire/json_oracle.h"
#include "tests/daemon/wire/random_message.h"
#include "voxeld/v1/edit.pb.h"
#include "voxeld/v1/project.pb.h"

namespace voxeld {
namespace {

using google::protobuf::Message;

// What takes the place of a value: these, between spaces, and the ones that have spaces in them.
constexpr absl::string_view kValues = R"(
    null true false 0 -0 -1 1.0 1.5 12e-1 120e-1 1e5 1E+2 1e400 1e-400 2147483647 2147483648
    -2147483649 4294967295 4294967296 9007199254740993 9007199254740993.0 9223372036854775807
    9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551615
    18446744073709551616 1e39 3.4028236e38 99 3 3.0 "" "0" "-0" "-1" "1.0" "1e2" "0x1" "01" "+1"
    "1." ".5" "true" "NaN" "nan" "9223372036854775808" "-9223372036854775809" "Infinity"
    "-Infinity" "inf" "AA==" "AB==" "AA=" "AAA" "A" "-_-_" "+/+/" "/_-_" "AA==AA==" "over"
    "MODE_OVER" "mode_over" "axis_x" "x" "MODE_" "2026-11-20T16:05:09Z"
    "2026-11-20T16:05:09.25+01:00" "2026-11-20T16:05:09.1234567891Z" "2026-11-20t16:05:09z"
    "2026-02-30T00:00:00Z" "2026-11-20T24:00:00Z" "2026-11-20T23:59:60Z" "0000-01-01T00:00:00Z"
    "2026-11-20T16:05:09.Z" "2026-11-20T16:05:9Z" "2026-11-20T16:05:09-00:00"
    "0001-01-01T00:00:00+01:00" "9999-12-31T23:59:59-01:00" "\u00e9\ud83c\udff0" "\ud800" "\udc00"
    "\udc00\ud800" "\ud800\ud800" "\ud800\u0041" "\udbff\uffff" "a\u0000b" "\x41" "\101" 'a' {} []
    [[]] [null] {"a":null} {"a":{}} NaN Infinity
    +1 .5 1. 01 0x1 tru nulls undefined)";
constexpr std::string_view kSpacedValues[] = {
    "\" 1\"",       "\"1 \"",   "\"A A=\"",         "\"2026-11-20 16:05:09Z\"", "\"\t\"",
    "\"\xC3\xA9\"", "\"\xC3\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"",     "\"\x7F\""};
// What gets in between two characters.
constexpr std::string_view kScraps[] = {",",    ":",  "{",  "}",    "[",
                                        "]",    "\"", "\\", " ",    "\n",
                                        "\t",   "\0", "//", "/**/", "\xEF\xBB\xBF",
                                        "\xFF", ",,", "0",  "-",    "a"};

class JsonDifferentialTest : public testing::Test {
 protected:
  size_t Below(size_t limit) { return random_() % limit; }
  template <typename List>
  std::string_view OneOf(const List& list) {
    return list[Below(std::size(list))];
  }

  // Some message as JSON, in one of the ways to write it.
  std::string TextOf(const Message& message) {
    std::string out;
    if (Below(2) == 0) {
      WriteJson(message, &out);
      return out;
    }
    google::protobuf::util::JsonPrintOptions options;
    options.add_whitespace = Below(2) == 0;
    options.always_print_primitive_fields = Below(2) == 0;
    options.always_print_enums_as_ints = Below(2) == 0;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &out, options).ok());
    return out;
  }

  // The place and length of each value but the first, and of each member's name.
  struct Piece {
    size_t at;
    size_t size;
  };
  static std::vector<Piece> PiecesOf(const std::string& text) {
    std::vector<Piece> out;
    for (size_t at = 1; at < text.size(); ++at) {
      if (std::string_view(":,[{").find(text[at - 1]) == std::string_view::npos) continue;
      JsonScanner scanner(std::string_view(text).substr(at));
      std::string_view raw;
      if (scanner.ReadValue(&raw)) {
        out.emplace_back(static_cast<size_t>(raw.data() - text.data()), raw.size());
      }
    }
    return out;
  }

  // Mostly the text stays JSON, or nothing but its syntax would be seen.
  void Spoil(std::string* text) {
    const std::vector<Piece> pieces = PiecesOf(*text);
    const size_t kind = Below(8);
    if (kind < 6 && !pieces.empty()) {
      const Piece& piece = pieces[Below(pieces.size())];
      const Piece& other = pieces[Below(pieces.size())];
      const std::string copy = text->substr(other.at, other.size);
      if (kind < 4) {
        text->replace(piece.at, piece.size, OneOf(values_));
      } else if (kind == 4) {
        text->replace(piece.at, piece.size, copy);
      } else {
        // A member or an element twice.
        const size_t end = piece.at + piece.size;
        const size_t comma = std::min(text->find(',', end), text->size());
        text->insert(comma, "," + text->substr(piece.at, comma - piece.at));
      }
    } else if (kind == 6) {
      text->insert(Below(text->size() + 1), OneOf(kScraps));
    } else if (!text->empty()) {
      text->erase(Below(text->size()), 1 + Below(3));
    }
  }

  std::mt19937_64 random_{20261130};
  const std::vector<std::string> values_ = [] {
    std::vector<std::string> all =
        absl::StrSplit(kValues, absl::ByAnyChar(" \n"), absl::SkipEmpty());
    all.insert(all.end(), std::begin(kSpacedValues), std::end(kSpacedValues));
    return all;
  }();
};

TEST_F(JsonDifferentialTest, SpoiledTextsOfEveryMessage) {
  constexpr int kRounds = 120;
  int accepted = 0;
  int refused = 0;
  for (const auto& message : EveryApiMessage()) {
    for (int round = 0; round < kRounds; ++round) {
      message->Clear();
      FillRandomly(random_, message.get());
      std::string text = TextOf(*message);
      for (size_t faults = Below(3); faults > 0; --faults) Spoil(&text);
      ASSERT_EQ(JsonDisagreement(text, *message), "") << message->GetTypeName() << "\n" << text;
      const std::unique_ptr<Message> read(message->New());
      ++(JsonReader().Read(text, read.get()).ok() ? accepted : refused);
    }
  }
  // Texts of one kind only would prove little.
  EXPECT_GT(accepted, 1000);
  EXPECT_GT(refused, 1000);
}

// SIMD code works on blocks of 16 to 64 bytes: what matters may stand at each place in one.
TEST_F(JsonDifferentialTest, WhatMattersAtEachPlaceOfABlock) {
  const v1::CreateProjectRequest type;
  for (const std::string_view inside : {"\\\"",
                                        "\\\\",
                                        "\\u00e9",
                                        "\\ud83c\\udff0",
                                        "\\ud83c",
                                        "\xC3\xA9",
                                        "\xE2\x82\xAC",
                                        "\xE2\x82",
                                        "\xF0\x9F\x8F\xB0",
                                        "\xC0\x80",
                                        "\xED\xA0\x80",
                                        "\xF4\x90\x80\x80",
                                        "\x80",
                                        "\xFF",
                                        "\n",
                                        "\x1F",
                                        "\x7F",
                                        "\\\\\\\\\\\\\\\\\\\"",
                                        "\",\"labels\":{\"a\":\"",
                                        "\"}",
                                        "\\"}) {
    for (size_t before = 0; before < 130; ++before) {
      std::string text = "{\"title\":\"" + std::string(before, 'x');
      text.append(inside).append("y\"}");
      ASSERT_EQ(JsonDisagreement(text, type), "") << text;
      ASSERT_EQ(JsonDisagreement(std::string(before, ' ') + text, type), "") << text;
    }
  }
}

TEST_F(JsonDifferentialTest, ThereIsCodeToCompareWithTheScalarOne) {
  std::vector<std::string> names;
  const int count = WithEachSimdjson([&](const std::string& name) { names.push_back(name); });
  EXPECT_EQ(names.front(), "fallback");
#if defined(__x86_64__) || defined(__aarch64__)
  EXPECT_GT(count, 1);  // each such processor of today has one
#else
  EXPECT_GT(count, 0);
#endif
}

}  // namespace
}  // namespace voxeld
