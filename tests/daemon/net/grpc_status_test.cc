#include "daemon/net/grpc_status.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "voxel/base/error.h"
#include "voxeld/v1/error.pb.h"

namespace voxeld {
namespace {

using testing::HasSubstr;
using voxel::Reason;

std::string Trailing(const GrpcError& error, const std::string& key) {
  for (const auto& [name, value] : error.trailing) {
    if (name == key) return value;
  }
  return "(none)";
}

TEST(GrpcStatusTest, CarriesReasonFieldAndInfo) {
  const GrpcError error =
      ToGrpcError(voxel::Error(Reason::LAYER_NOT_FOUND, "no layer \"walls\"", "edits[3].layer"));
  EXPECT_EQ(error.status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(error.status.error_message(), "no layer \"walls\"");
  EXPECT_EQ(Trailing(error, "voxeld-reason"), "LAYER_NOT_FOUND");
  EXPECT_EQ(Trailing(error, "voxeld-field"), "edits[3].layer");
  v1::ErrorInfo info;
  ASSERT_TRUE(info.ParseFromString(Trailing(error, "voxeld-error-bin")));
  EXPECT_EQ(info.grpc_code(), "NOT_FOUND");
  EXPECT_THAT(error.status.error_details(), HasSubstr("type.googleapis.com/voxeld.v1.ErrorInfo"));
}

TEST(GrpcStatusTest, MetadataStaysSmallAndPrintable) {
  absl::Status status = voxel::Error(Reason::INVALID_FIELD, std::string(50000, 'x'),
                                     "labels[\"\xc3\xbc\n" + std::string(5000, 'y'));
  voxel::SetFact(status, "fact", std::string(5000, 'z'));
  const GrpcError error = ToGrpcError(status);
  size_t bytes = error.status.error_message().size() + error.status.error_details().size();
  for (const auto& [key, value] : error.trailing) {
    bytes += value.size();
    if (key.ends_with("-bin")) continue;
    for (const char c : value) EXPECT_TRUE(c >= 0x20 && c <= 0x7e) << key;
  }
  EXPECT_LT(bytes, 6000);
}

TEST(GrpcStatusTest, ACutMessageIsStillUtf8) {
  std::string umlauts;
  for (int i = 0; i < 2000; ++i) umlauts += "\xc3\xbc";
  const std::string message =
      ToGrpcError(voxel::Error(Reason::INTERNAL, "x" + umlauts)).status.error_message();
  const std::string kept = message.substr(1, message.size() - 4);
  EXPECT_EQ(kept, umlauts.substr(0, kept.size()));
  EXPECT_EQ(kept.size() % 2, 0);
}

}  // namespace
}  // namespace voxeld
