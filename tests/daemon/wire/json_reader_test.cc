// What JsonReader accepts, what it refuses, and in which words.
#include <gtest/gtest.h>

#include "daemon/wire/json_codec.h"
#include "voxel/base/error.h"
#include "voxeld/v1/edit.pb.h"
#include "voxeld/v1/project.pb.h"
#include "voxeld/v1/voxel.pb.h"

namespace voxeld {
namespace {

template <typename T>
T Accept(std::string_view json) {
  T message;
  const absl::Status status = JsonReader().Read(json, &message);
  EXPECT_TRUE(status.ok()) << json << "\n" << status;
  return message;
}

TEST(JsonReaderTest, ReadsARealRequest) {
  const auto request = Accept<v1::ApplyEditsRequest>(
      R"({"project":"castle","edits":[{"layer":"walls","mode":"over","box":{"box":{"min":[-1,0,2],"max":[3,4,5]},)"
      R"("color":"#c33","wall":1}},{"set":{"xyz":[1,2,3],"rgba":[4278190335]}}],"write":{"requestId":"a1"}})");
  ASSERT_EQ(request.edits_size(), 2);
  EXPECT_EQ(request.edits(0).mode(), v1::MODE_OVER);
  EXPECT_EQ(request.edits(0).box().box().min(0), -1);
  EXPECT_EQ(request.edits(1).set().rgba(0), 0xFF0000FFu);
  EXPECT_EQ(request.write().request_id(), "a1");
}

}  // namespace
}  // namespace voxeld
