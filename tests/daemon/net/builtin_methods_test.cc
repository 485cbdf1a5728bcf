#include "daemon/net/builtin_methods.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "voxel/base/error.h"

namespace voxeld {
namespace {

using testing::HasSubstr;

std::string ReasonOf(std::string_view params) {
  return voxel::ReasonOf(ReadCancelTarget(params).status());
}

TEST(BuiltinMethodsTest, CancelTakesASubscriptionOrTheRawId) {
  EXPECT_EQ(ReadCancelTarget(R"({"subscription": 12})")->subscription, 12);
  EXPECT_EQ(ReadCancelTarget(R"({"id": "a,}"})")->id, R"("a,}")");
  EXPECT_EQ(ReadCancelTarget(R"({"id":7})")->id, "7");
}

TEST(BuiltinMethodsTest, CancelSaysWhatIsWrong) {
  EXPECT_EQ(ReasonOf(""), "MISSING_FIELD");
  EXPECT_EQ(ReasonOf(R"({"id":1,"subscription":2})"), "MISSING_FIELD");
  EXPECT_EQ(ReasonOf(R"({"subscription":"2"})"), "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(R"({"subscription":1.5})"), "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(R"({"number":2})"), "UNKNOWN_FIELD");
  EXPECT_EQ(ReasonOf("[1]"), "MALFORMED_MESSAGE");
}

TEST(BuiltinMethodsTest, DiscoveryNamesMethodsAndTypes) {
  const std::string json = DescribeMethods(MethodTable());
  EXPECT_THAT(json, HasSubstr(R"({"name":"history.watch","access":"read","scope":"read",)"
                              R"("stream":"server")"));
  EXPECT_THAT(json, HasSubstr(R"({"name":"admin.backup","access":"read","scope":"admin",)"));
  EXPECT_THAT(json, HasSubstr(R"({"name":"admin.restore","access":"write","scope":"admin",)"));
  EXPECT_THAT(json,
              HasSubstr(R"("voxeld.v1.Box":{"min":"repeated sint32","max":"repeated sint32"})"));
  EXPECT_THAT(json, HasSubstr(R"("labels":"map<string, string>")"));
}

}  // namespace
}  // namespace voxeld
