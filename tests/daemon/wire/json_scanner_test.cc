#include "daemon/wire/json_scanner.h"

#define SIMDJSON_EXCEPTIONS 0
#include <gtest/gtest.h>
#include <simdjson.h>

#include <random>
#include <string>

namespace voxeld {
namespace {

bool Scans(std::string_view text) {
  JsonScanner scanner(text);
  std::string_view raw;
  return scanner.ReadValue(&raw) && scanner.AtEnd();
}

// The string that `text` begins with, whose escapes are of one letter; empty if there is none.
std::string_view StringByByte(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return text.substr(0, i + 1);
    if (static_cast<unsigned char>(text[i]) < 0x20) return {};
    const bool escape = text[i] == '\\';
    if (escape && ++i < text.size() &&
        std::string_view("\"\\/bfnrt").find(text[i]) == std::string_view::npos)
      return {};
  }
  return {};
}

TEST(JsonScannerTest, ReadsValuesAsTheyStand) {
  JsonScanner scanner(R"(  {"a" : [1, "}"]} ,"b" x)");
  std::string_view raw;
  ASSERT_TRUE(scanner.ReadValue(&raw));
  EXPECT_EQ(raw, R"({"a" : [1, "}"]})");
  EXPECT_FALSE(scanner.Take(';'));
  EXPECT_TRUE(scanner.Take(','));
  ASSERT_TRUE(scanner.ReadString(&raw));
  EXPECT_EQ(raw, "\"b\"");
  EXPECT_EQ(scanner.Peek(), 'x');
  EXPECT_FALSE(scanner.AtEnd());
  EXPECT_FALSE(scanner.ReadValue(&raw));
}

TEST(JsonScannerTest, StopsWhereTheTextIsWrong) {
  JsonScanner scanner(R"({"a":1,"b":02})");
  std::string_view raw;
  EXPECT_FALSE(scanner.ReadValue(&raw));
  EXPECT_EQ(scanner.offset(), 12u);
}

// Strings are walked eight bytes at a time: each byte at each place of such a step, in texts that
// end behind it, or do not.
TEST(JsonScannerTest, StringsEndWhereTheyDoByteByByte) {
  for (size_t before = 0; before < 20; ++before) {
    for (int byte = 0; byte < 256; ++byte) {
      for (const char* after : {"", "\"", "\x01\"", "\\\"", "nd so on, for a while\" "}) {
        const std::string text =
            '"' + std::string(before, 'a') + static_cast<char>(byte) + std::string(after);
        JsonScanner scanner(text);
        std::string_view raw;
        EXPECT_EQ(scanner.ReadString(&raw), !StringByByte(text).empty()) << text;
        EXPECT_EQ(raw, StringByByte(text)) << text;
        if (byte < 0x20) {
          EXPECT_EQ(scanner.offset(), before + 1) << text;
        }
      }
    }
  }
}

TEST(JsonScannerTest, ListsOfNumbersAreCheckedToTheLast) {
  for (const char* text : {"[1]", "[1,2]", "[1, -2,3]", "[1 ,2]", "[0,-0,10]",
                           "[1,2.5,3e1,\"a\",4]", "[1,[2,3],4]", "[1,\n2]", "[ 1, 2 ]"}) {
    EXPECT_TRUE(Scans(text)) << text;
  }
  for (const char* text : {"[1,]", "[1,2,]", "[,1]", "[1,,2]", "[-]", "[-,1]", "[1,-]", "[01,2]",
                           "[1,02,3]", "[1,-00,3]", "[1,2", "[1,", "[1,2}", "[+1,2]", "[1,.5]"}) {
    EXPECT_FALSE(Scans(text)) << text;
  }
}

TEST(JsonScannerTest, EscapedSurrogatesComeInPairs) {
  for (const char* text : {R"("\u0041\uD7FF\ue000")", R"("\ud800\udc00")", R"("\uDBFF\uDFFFx")"}) {
    EXPECT_TRUE(Scans(text)) << text;
  }
  for (const char* text :
       {R"("\udc00")", R"("\ud800")", R"("\ud800x")", R"("\ud800\n")", R"("\ud800\ud800")",
        R"("\ud800\u0041")", R"("\u12g4")", R"("\u123")", R"("\U0041")", R"("\'")"}) {
    EXPECT_FALSE(Scans(text)) << text;
  }
}

TEST(JsonScannerTest, BoundsDepth) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(Scans(nested(JsonScanner::kMaxDepth)));
  EXPECT_FALSE(Scans(nested(JsonScanner::kMaxDepth + 1)));
  std::string wide = "[[]";
  for (int i = 0; i < 2 * JsonScanner::kMaxDepth; ++i) wide += ",[{}]";
  EXPECT_TRUE(Scans(wide + "]"));  // depth, not number
}

// simdjson's DOM parser, which checks all of a text. It lets a low surrogate stand alone, which we
// do not.
class JsonScannerOracleTest : public testing::Test {
 protected:
  void Compare(const std::string& text) {
    if (text.find("\\u") != std::string::npos || !simdjson::validate_utf8(text)) return;
    simdjson::dom::element element;
    const bool valid = parser_.parse(text).get(element) == simdjson::SUCCESS;
    // DOM numbers must fit; JSON's need not.
    EXPECT_EQ(Scans(text), valid) << testing::PrintToString(text);
    (valid ? valid_ : invalid_) += 1;
  }

  simdjson::dom::parser parser_;
  int valid_ = 0;
  int invalid_ = 0;
};

TEST_F(JsonScannerOracleTest, AgreesOnEveryShortText) {
  const std::string kBytes = "{}[],:\"a10-.e ";
  std::string text;
  for (size_t n = 0; n < 14 * 14 * 14 * 14; ++n) {
    text.clear();
    for (size_t rest = n; rest > 0; rest /= kBytes.size()) text += kBytes[rest % kBytes.size()];
    if (!text.empty()) Compare(text);
  }
  EXPECT_GT(valid_, 100);
}

TEST_F(JsonScannerOracleTest, AgreesOnDamagedRequests) {
  const std::string kSeeds[] = {
      R"({"jsonrpc":"2.0","id":7,"method":"voxel.set","params":{"xyz":[1,-2,3.5e1],"c":null}})",
      R"([{"a":true,"b":false},[],{},"\"\\\/\b\f\n\r\t",0.0,-1e-5,[[[{"x":[1]}]]]])",
      R"( { "a" : [ "b" , { "c" : "d" } ] , "e" : 12 } )"};
  const std::string kBytes = "{}[],:\"\\ \n0123456789.eE+-truefalsn\x01\x7f";
  std::mt19937 random(3);
  for (int round = 0; round < 60'000; ++round) {
    std::string text = kSeeds[random() % std::size(kSeeds)];
    for (size_t edits = 1 + random() % 2; edits > 0 && !text.empty(); --edits) {
      const size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text.erase(at, 1 + random() % 3);
          break;
        case 1:
          text.insert(at, 1, kBytes[random() % kBytes.size()]);
          break;
        default:
          text[at] = kBytes[random() % kBytes.size()];
      }
    }
    if (!text.empty()) Compare(text);
  }
  EXPECT_GT(valid_, 3'000);
  EXPECT_GT(invalid_, 30'000);
}

}  // namespace
}  // namespace voxeld
