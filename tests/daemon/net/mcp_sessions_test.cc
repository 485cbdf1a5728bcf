#include "daemon/net/mcp_sessions.h"

#include <set>

#include "gtest/gtest.h"
#include "voxel/base/error.h"

namespace voxeld {
namespace {

McpSession Of(std::string peer) { return {std::move(peer), "mason", "2025-11-25"}; }

TEST(McpSessionsTest, AnOpenOneIsKnownToItsPeerOnly) {
  McpSessions sessions(2, 2);
  const std::string id = sessions.Open(Of("uid:7"));
  ASSERT_TRUE(sessions.Use(id, "uid:7").ok());
  EXPECT_EQ(sessions.Use(id, "uid:7")->client, "mason");
  for (const auto& [other, peer] :
       {std::pair<std::string, std::string>(id, "uid:8"), {"", "uid:7"}, {"x", "uid:7"}}) {
    EXPECT_TRUE(HasReason(sessions.Use(other, peer).status(), voxel::Reason::SESSION_NOT_FOUND));
    EXPECT_TRUE(HasReason(sessions.End(other, peer), voxel::Reason::SESSION_NOT_FOUND));
  }
  EXPECT_TRUE(sessions.End(id, "uid:7").ok());
  EXPECT_FALSE(sessions.Use(id, "uid:7").ok());
  EXPECT_EQ(sessions.size(), 0u);
}

TEST(McpSessionsTest, TheOneUsedLongestAgoMakesRoom) {
  McpSessions sessions(2, 2);
  const std::string first = sessions.Open(Of("a"));
  const std::string second = sessions.Open(Of("a"));
  ASSERT_TRUE(sessions.Use(first, "a").ok());
  const std::string third = sessions.Open(Of("a"));
  EXPECT_EQ(sessions.size(), 2u);
  EXPECT_TRUE(sessions.Use(first, "a").ok());
  EXPECT_FALSE(sessions.Use(second, "a").ok());
  EXPECT_TRUE(sessions.Use(third, "a").ok());
}

TEST(McpSessionsTest, WhoHasAsManyAsAPeerMayLosesItsOwn) {
  McpSessions sessions(10, 2);
  const std::string other = sessions.Open(Of("b"));
  const std::string first = sessions.Open(Of("a"));
  sessions.Open(Of("a"));
  sessions.Open(Of("a"));
  EXPECT_EQ(sessions.size(), 3u);
  EXPECT_TRUE(sessions.Use(other, "b").ok());
  EXPECT_FALSE(sessions.Use(first, "a").ok());
}

TEST(McpSessionsTest, WhenAllPlacesAreTakenWhoHasTheMostLosesOne) {
  McpSessions sessions(6, 5);
  const std::string lone = sessions.Open(Of("m"));
  std::string many[5];
  for (std::string& id : many) id = sessions.Open(Of("z"));
  // A peer that has none gets its first, and then its second, from who has the most.
  const std::string a1 = sessions.Open(Of("a"));
  const std::string a2 = sessions.Open(Of("a"));
  EXPECT_EQ(sessions.size(), 6u);
  EXPECT_TRUE(sessions.Use(lone, "m").ok());
  EXPECT_FALSE(sessions.Use(many[0], "z").ok());
  EXPECT_FALSE(sessions.Use(many[1], "z").ok());
  EXPECT_TRUE(sessions.Use(many[2], "z").ok());
  // Of as many as the one with the most, its own.
  sessions.Open(Of("a"));
  EXPECT_TRUE(sessions.Use(a1, "a").ok());
  sessions.Open(Of("a"));
  EXPECT_FALSE(sessions.Use(a2, "a").ok());
  EXPECT_TRUE(sessions.Use(lone, "m").ok());
}

TEST(McpSessionsTest, APlaceWhoseOnlyHolderIsAnotherIsTakenToo) {
  McpSessions sessions(1, 1);
  const std::string a = sessions.Open(Of("a"));
  const std::string b = sessions.Open(Of("b"));
  EXPECT_FALSE(sessions.Use(a, "a").ok());
  EXPECT_TRUE(sessions.Use(b, "b").ok());
  EXPECT_EQ(sessions.size(), 1u);
}

TEST(McpSessionsTest, IdsAreLongAndDiffer) {
  McpSessions sessions(100, 100);
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) ids.insert(sessions.Open(Of("a")));
  EXPECT_EQ(ids.size(), 100u);
  for (const std::string& id : ids) EXPECT_EQ(id.size(), 32u);
}

}  // namespace
}  // namespace voxeld
