#include "daemon/wire/status_map.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "daemon/wire/json_writer.h"
#include "voxel/base/error.h"

namespace voxeld {
namespace {

using voxel::Reason;

TEST(StatusMapTest, CarriesReasonFieldFactsAndCode) {
  absl::Status status = voxel::Error(Reason::REVISION_DROPPED, "revision: 3 is gone", "revision");
  voxel::SetFact(status, "oldest_revision", "17");
  const v1::ErrorInfo info = ToErrorInfo(status);
  EXPECT_EQ(info.reason(), "REVISION_DROPPED");
  EXPECT_EQ(info.domain(), "voxeld");
  EXPECT_EQ(info.field(), "revision");
  EXPECT_EQ(info.grpc_code(), "OUT_OF_RANGE");
  ASSERT_EQ(info.metadata_size(), 1);
  EXPECT_EQ(info.metadata().at("oldest_revision"), "17");
}

// What is written at once is what the message would be written as.
TEST(StatusMapTest, WritesTheSameWithoutAMessage) {
  absl::Status facts = voxel::Error(Reason::REVISION_DROPPED, "m \"q\"", "edits[0].\"x\"");
  voxel::SetFact(facts, "oldest_revision", "17");
  voxel::SetFact(facts, "a\n", std::string(300, 'v'));
  const absl::Status statuses[] = {facts, voxel::Error(Reason::LAYER_NOT_FOUND, "m", "layer"),
                                   voxel::Error(Reason::OVERLOADED, "m"),
                                   absl::NotFoundError("foreign")};
  for (const absl::Status& status : statuses) {
    const v1::ErrorInfo info = ToErrorInfo(status);
    std::string wanted;
    JsonWriter(&wanted).WriteMessage(info);
    std::string json;
    AppendErrorInfoJson(status, &json);
    EXPECT_EQ(json, wanted);
    voxel::ShortText bytes;
    AppendErrorInfoBytes(status, &bytes);
    v1::ErrorInfo read;
    ASSERT_TRUE(read.ParseFromString(std::string(bytes.view())));
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(read, info));
  }
}

TEST(StatusMapTest, AStatusWithoutAReasonIsInternal) {
  const absl::Status foreign = absl::NotFoundError("who knows");
  EXPECT_EQ(ToErrorInfo(foreign).reason(), "INTERNAL");
  EXPECT_EQ(ToErrorInfo(foreign).grpc_code(), "INTERNAL");
  EXPECT_EQ(JsonRpcCode(foreign), -32603);
}

TEST(StatusMapTest, UsesJsonRpcsOwnCodesWhereThereAreAny) {
  EXPECT_EQ(JsonRpcCode(voxel::Error(Reason::MALFORMED_MESSAGE, "m")), -32700);
  EXPECT_EQ(JsonRpcCode(voxel::Error(Reason::METHOD_NOT_FOUND, "m")), -32601);
  EXPECT_EQ(JsonRpcCode(voxel::Error(Reason::INVALID_FIELD, "m")), -32602);
  EXPECT_EQ(JsonRpcCode(voxel::Error(Reason::INTERNAL, "m")), -32603);
}

TEST(StatusMapTest, NumbersTheOthersAfterGrpc) {
  EXPECT_EQ(JsonRpcCode(voxel::Error(Reason::CALL_CANCELLED, "m")), -32001);
  EXPECT_EQ(JsonRpcCode(voxel::Error(Reason::DEADLINE_PASSED, "m")), -32004);
  EXPECT_EQ(JsonRpcCode(voxel::Error(Reason::PROJECT_NOT_FOUND, "m")), -32005);
  EXPECT_EQ(JsonRpcCode(voxel::Error(Reason::PROJECT_EXISTS, "m")), -32006);
  EXPECT_EQ(JsonRpcCode(voxel::Error(Reason::PATH_REFUSED, "m")), -32007);
  EXPECT_EQ(JsonRpcCode(voxel::Error(Reason::OVERLOADED, "m")), -32008);
  EXPECT_EQ(JsonRpcCode(voxel::Error(Reason::LAYER_LOCKED, "m")), -32009);
  EXPECT_EQ(JsonRpcCode(voxel::Error(Reason::REVISION_MISMATCH, "m")), -32010);
  EXPECT_EQ(JsonRpcCode(voxel::Error(Reason::REVISION_DROPPED, "m")), -32011);
  EXPECT_EQ(JsonRpcCode(voxel::Error(Reason::SHUTTING_DOWN, "m")), -32014);
  EXPECT_EQ(JsonRpcCode(voxel::Error(Reason::STORE_DAMAGED, "m")), -32015);
}

TEST(StatusMapTest, NamesEveryGrpcCode) {
  const std::string_view kNames[] = {"OK",
                                     "CANCELLED",
                                     "UNKNOWN",
                                     "INVALID_ARGUMENT",
                                     "DEADLINE_EXCEEDED",
                                     "NOT_FOUND",
                                     "ALREADY_EXISTS",
                                     "PERMISSION_DENIED",
                                     "RESOURCE_EXHAUSTED",
                                     "FAILED_PRECONDITION",
                                     "ABORTED",
                                     "OUT_OF_RANGE",
                                     "UNIMPLEMENTED",
                                     "INTERNAL",
                                     "UNAVAILABLE",
                                     "DATA_LOSS",
                                     "UNAUTHENTICATED"};
  for (int code = 0; code <= 16; ++code) {
    EXPECT_EQ(GrpcCodeName(static_cast<absl::StatusCode>(code)), kNames[code]) << code;
  }
}

}  // namespace
}  // namespace voxeld
