#include "daemon/wire/json_pieces.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace voxeld {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(JsonPiecesTest, SplitsAnArrayAtItsOwnCommas) {
  std::vector<std::string_view> pieces;
  ASSERT_TRUE(SplitJsonArray(R"( [1, {"a": [2, 3]} ,"x,\"]", [] ] )", &pieces).ok());
  EXPECT_THAT(pieces, ElementsAre("1", R"({"a": [2, 3]})", R"("x,\"]")", "[]"));
}

TEST(JsonPiecesTest, AnEmptyArrayHasNoPieces) {
  std::vector<std::string_view> pieces = {"old"};
  ASSERT_TRUE(SplitJsonArray(" [ ] ", &pieces).ok());
  EXPECT_TRUE(pieces.empty());
}

TEST(JsonPiecesTest, MissingPiecesStayVisibleToTheReader) {
  std::vector<std::string_view> pieces;
  ASSERT_TRUE(SplitJsonArray("[1,,2,]", &pieces).ok());
  EXPECT_THAT(pieces, ElementsAre("1", "", "2", ""));
}

TEST(JsonPiecesTest, SplitsAnObjectIntoItsMembers) {
  std::vector<JsonMember> members;
  ASSERT_TRUE(SplitJsonObject(R"({"id" : "a:b", "n":{"x":1}})", &members).ok());
  EXPECT_THAT(members, ElementsAre(Pair("id", R"("a:b")"), Pair("n", R"({"x":1})")));
}

TEST(JsonPiecesTest, RefusesWhatIsOfAnotherKind) {
  std::vector<std::string_view> pieces;
  std::vector<JsonMember> members;
  for (const char* text : {"", "[", "{}", "1", "[}", "]["}) {
    EXPECT_FALSE(SplitJsonArray(text, &pieces).ok()) << text;
  }
  for (const char* text : {"", "{", "[]", "{1:2}", "{\"a\"}", "{\"a\" 1 : 2}", "{\"a}", "{,}"}) {
    EXPECT_FALSE(SplitJsonObject(text, &members).ok()) << text;
  }
}

}  // namespace
}  // namespace voxeld
