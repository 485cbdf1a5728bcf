#include "voxel/base/error.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace voxel {
namespace {

using Facts = std::vector<std::pair<std::string, std::string>>;

Facts FactsOf(const absl::Status& status) {
  Facts facts;
  ForEachFact(
      status,
      [](void* arg, std::string_view key, std::string_view value) {
        static_cast<Facts*>(arg)->emplace_back(key, value);
      },
      &facts);
  return facts;
}

TEST(ErrorTest, CarriesCodeReasonFieldAndPlace) {
  const absl::Status status = Error(Reason::LAYER_NOT_FOUND, "layer 'x' does not exist", "layer");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(std::string(status.message()), "layer 'x' does not exist");
  EXPECT_EQ(ReasonOf(status), "LAYER_NOT_FOUND");
  EXPECT_EQ(FieldOf(status), "layer");
  EXPECT_EQ(PlaceOf(status).rfind("tests/voxel/base/error_test.cc:", 0), 0u) << PlaceOf(status);
}

TEST(ErrorTest, EveryReasonHasItsOwnNameAndAFailingCode) {
  std::set<std::string> names;
#define VOXEL_REASON(name, expected, text)                                 \
  EXPECT_TRUE(names.insert(std::string(ReasonName(Reason::name))).second); \
  EXPECT_EQ(ReasonName(Reason::name), #name);                              \
  EXPECT_EQ(Error(Reason::name, "m").code(), absl::StatusCode::expected);  \
  EXPECT_FALSE(Error(Reason::name, "m").ok());
#include "voxel/base/reason_table.inc"
#undef VOXEL_REASON
}

TEST(ErrorTest, FieldPathsGrowFromTheInside) {
  const absl::Status inner = Error(Reason::INVALID_FIELD, "m", "min");
  EXPECT_EQ(FieldOf(InField("edits[3]", InField("box", inner))), "edits[3].box.min");
  EXPECT_EQ(FieldOf(InField("edits", Error(Reason::INVALID_FIELD, "m", "[2].x"))), "edits[2].x");
  EXPECT_EQ(FieldOf(InField("box", Error(Reason::INVALID_FIELD, "m"))), "box");
}

TEST(ErrorTest, ForeignStatusesPassThroughInField) {
  EXPECT_TRUE(InField("a", absl::OkStatus()).ok());
  const absl::Status foreign = absl::NotFoundError("gone");
  EXPECT_EQ(InField("a", foreign), foreign);
  EXPECT_EQ(FieldOf(foreign), "");
  EXPECT_EQ(ReasonOf(foreign), "");
}

TEST(ErrorTest, FactsComeSortedAndTheLastOfAKeyWins) {
  absl::Status status = Error(Reason::REVISION_DROPPED, "m", "revision");
  SetFact(status, "oldest_revision", "3");
  SetFact(status, "current", "20");
  SetFact(status, "oldest_revision", "17");
  EXPECT_EQ(FactsOf(status), (Facts{{"current", "20"}, {"oldest_revision", "17"}}));
  EXPECT_EQ(FactsOf(InField("edit", status)).size(), 2u);
}

TEST(ErrorTest, PartsHoldWhateverBytesTheyWereGiven) {
  const std::string odd = std::string("3:a\0:12:", 9) + std::string(1000, ':');
  absl::Status status = Error(Reason::INVALID_FIELD, odd, odd);
  SetFact(status, odd, odd);
  SetFact(status, "", "");
  EXPECT_EQ(std::string(status.message()), odd);
  EXPECT_EQ(FieldOf(status), odd);
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELD");
  EXPECT_EQ(FactsOf(status), (Facts{{"", ""}, {odd, odd}}));
}

TEST(ErrorTest, AFactOfAForeignStatusGivesItNoReason) {
  absl::Status foreign = absl::NotFoundError("gone");
  SetFact(foreign, "a", "b");
  EXPECT_EQ(ReasonOf(foreign), "");
  EXPECT_EQ(FactsOf(foreign), (Facts{{"a", "b"}}));
  absl::Status none = absl::OkStatus();
  SetFact(none, "a", "b");
  EXPECT_TRUE(none.ok());
}

}  // namespace
}  // namespace voxel
