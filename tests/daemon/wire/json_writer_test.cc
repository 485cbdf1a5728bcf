// What WriteJson writes, to the byte.
#include <gtest/gtest.h>

#include <limits>

#include "daemon/wire/json_codec.h"
#include "voxeld/v1/admin.pb.h"
#include "voxeld/v1/edit.pb.h"
#include "voxeld/v1/layer.pb.h"
#include "voxeld/v1/project.pb.h"
#include "voxeld/v1/voxel.pb.h"

namespace voxeld {
namespace {

std::string Write(const google::protobuf::Message& message) {
  std::string out;
  WriteJson(message, &out);
  return out;
}

TEST(JsonWriterTest, LeavesOutDefaults) {
  EXPECT_EQ(Write(v1::Write()), "{}");
  v1::Write write;
  write.set_comment("");
  write.set_validate_only(false);
  EXPECT_EQ(Write(write), "{}");
}

TEST(JsonWriterTest, KeepsAnOptionalFieldThatWasGivenItsDefault) {
  v1::UpdateProjectRequest request;
  request.set_title("");
  EXPECT_EQ(Write(request), R"({"title":""})");
}

TEST(JsonWriterTest, WritesSnakeCaseInTheOrderOfTheProto) {
  v1::Write write;
  write.set_actor("a");
  write.set_expected_revision(7);
  write.set_request_id("r");
  EXPECT_EQ(Write(write), R"({"request_id":"r","expected_revision":7,"actor":"a"})");
}

TEST(JsonWriterTest, KeepsZerosInArrays) {
  v1::SetVoxels set;
  for (const int n : {0, -1, 0}) set.add_xyz(n);
  set.add_rgba(0xFFFFFFFFu);
  EXPECT_EQ(Write(set), R"({"xyz":[0,-1,0],"rgba":[4294967295]})");
}

TEST(JsonWriterTest, QuotesIntegersThatDoublesCannotHold) {
  const auto revision = [](int64_t value) {
    v1::Write write;
    write.set_expected_revision(value);
    return Write(write);
  };
  EXPECT_EQ(revision(9007199254740992), R"({"expected_revision":9007199254740992})");
  EXPECT_EQ(revision(9007199254740993), R"({"expected_revision":"9007199254740993"})");
  EXPECT_EQ(revision(-9007199254740992), R"({"expected_revision":-9007199254740992})");
  EXPECT_EQ(revision(-9007199254740993), R"({"expected_revision":"-9007199254740993"})");
}

TEST(JsonWriterTest, WritesRealNumbersShort) {
  v1::RaycastRequest ray;
  ray.add_origin(0.1);
  ray.add_origin(0);
  ray.add_origin(-2);
  ray.add_direction(std::numeric_limits<double>::infinity());
  ray.add_direction(-std::numeric_limits<double>::infinity());
  ray.add_direction(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(Write(ray), R"({"origin":[0.1,0,-2],"direction":["Infinity","-Infinity","NaN"]})");
  v1::Layer layer;
  layer.set_opacity(0.1f);
  EXPECT_EQ(Write(layer), R"({"opacity":0.1})");
}

TEST(JsonWriterTest, WritesEnumsByNameAndUnknownOnesByNumber) {
  v1::Edit edit;
  edit.set_mode(v1::MODE_OVER);
  EXPECT_EQ(Write(edit), R"({"mode":"MODE_OVER"})");
  edit.set_mode(static_cast<v1::Mode>(99));
  EXPECT_EQ(Write(edit), R"({"mode":99})");
}

TEST(JsonWriterTest, WritesNestedMessagesEvenWhenEmpty) {
  v1::Edit edit;
  edit.mutable_clear();
  EXPECT_EQ(Write(edit), R"({"clear":{}})");
  edit.mutable_clear()->mutable_box()->add_min(1);
  EXPECT_EQ(Write(edit), R"({"clear":{"box":{"min":[1]}}})");
}

TEST(JsonWriterTest, WritesBytesAsBase64) {
  v1::PingResponse ping;
  ping.set_payload("\xFB\xFF\xBF\x01");
  EXPECT_EQ(Write(ping), R"({"payload":"+/+/AQ=="})");
}

TEST(JsonWriterTest, SortsMapsByKey) {
  v1::InfoResponse info;
  for (const char* key : {"b", "a", "\n", "aa"}) (*info.mutable_limits())[key] = 1;
  (*info.mutable_limits())["a"] = 0;
  EXPECT_EQ(Write(info), R"({"limits":{"\n":1,"a":0,"aa":1,"b":1}})");
}

TEST(JsonWriterTest, WritesTimes) {
  v1::Project project;
  project.mutable_created()->set_seconds(1795190709);
  project.mutable_created()->set_nanos(250'000'000);
  EXPECT_EQ(Write(project), R"({"created":"2026-11-20T16:05:09.250Z"})");
}

TEST(JsonWriterTest, AppendsBehindWhatIsThere) {
  std::string out = "x";
  WriteJson(v1::Write(), &out);
  WriteJsonString("y", &out);
  EXPECT_EQ(out, "x{}\"y\"");
}

}  // namespace
}  // namespace voxeld
