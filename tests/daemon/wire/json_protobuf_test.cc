// Our JSON against protobuf's own, in both directions, for random content of every message in the
// API.
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <set>

#include "daemon/wire/json_codec.h"
#include "google/protobuf/timestamp.pb.h"
#include "tests/daemon/wire/random_message.h"
#include "voxeld/v1/edit.pb.h"
#include "voxeld/v1/voxel.pb.h"

namespace voxeld {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::JsonPrintOptions;
using google::protobuf::util::JsonStringToMessage;
using google::protobuf::util::MessageDifferencer;
using google::protobuf::util::MessageToJsonString;

constexpr int kRounds = 60;

class JsonProtobufTest : public testing::Test {
 protected:
  // Calls fn(message) for each type of the API, kRounds times.
  template <typename Fn>
  void ForRandomMessages(const Fn& fn) {
    for (const auto& message : EveryApiMessage()) {
      for (int round = 0; round < kRounds; ++round) {
        message->Clear();
        FillRandomly(random_, message.get());
        SCOPED_TRACE(message->GetTypeName() + ": " + message->ShortDebugString());
        fn(*message);
        if (HasFatalFailure()) return;
      }
    }
  }

  void ExpectReads(const std::string& json, const Message& expected) {
    const std::unique_ptr<Message> read(expected.New());
    const absl::Status status = reader_.Read(json, read.get());
    ASSERT_TRUE(status.ok()) << status << "\n" << json;
    ASSERT_TRUE(MessageDifferencer::Equals(*read, expected)) << json << "\n"
                                                             << read->ShortDebugString();
  }

  std::mt19937_64 random_{20261120};
  JsonReader reader_;
};

std::string Written(const Message& message) {
  std::string out;
  WriteJson(message, &out);
  return out;
}

TEST_F(JsonProtobufTest, WhatWeWriteWeReadBack) {
  ForRandomMessages([&](const Message& message) { ExpectReads(Written(message), message); });
}

TEST_F(JsonProtobufTest, WhatWeWriteProtobufReads) {
  ForRandomMessages([&](const Message& message) {
    const std::unique_ptr<Message> read(message.New());
    const std::string json = Written(message);
    const auto status = JsonStringToMessage(json, read.get());
    ASSERT_TRUE(status.ok()) << status << "\n" << json;
    ASSERT_TRUE(MessageDifferencer::Equals(*read, message)) << json;
  });
}

TEST_F(JsonProtobufTest, WhatProtobufWritesWeRead) {
  JsonPrintOptions snake;
  snake.preserve_proto_field_names = true;
  JsonPrintOptions full;
  full.always_print_primitive_fields = true;
  full.always_print_enums_as_ints = true;
  full.add_whitespace = true;
  for (const JsonPrintOptions& options : {JsonPrintOptions(), snake, full}) {
    ForRandomMessages([&](const Message& message) {
      std::string json;
      ASSERT_TRUE(MessageToJsonString(message, &json, options).ok());
      const std::unique_ptr<Message> expected(message.New());
      ASSERT_TRUE(JsonStringToMessage(json, expected.get()).ok()) << json;
      ExpectReads(json, *expected);
    });
  }
}

// One text of a list that protobuf and we read alike, or refuse alike.
struct Text {
  const char* json;
  bool accepted;
};

TEST_F(JsonProtobufTest, BothReadTheSameTexts) {
  const Text kTexts[] = {
      {R"({"xyz":[1,2,3],"color":"#c33"})", true},
      {R"({"xyzLe":"AAECAw==","rgba_le":"AAECAw"})", true},
      {R"({"xyz_le":"-_-_"})", true},
      {R"({"xyz":["1",2.0,3e0]})", true},
      {R"({"xyz":null})", true},
      {R"({})", true},
      {R"({"rgba":[4294967295]})", true},
      {R"({"rgba":[4294967296]})", false},
      {R"({"rgba":[-1]})", false},
      {R"({"xyz":[2147483648]})", false},
      {R"({"xyz":[1.5]})", false},
      {R"({"xyz":["a"]})", false},
      {R"({"xyz":[true]})", false},
      {R"({"color":1})", false},
      {R"({"colour":"a"})", false},
      {R"({"xyz_le":"*"})", false},
      {R"({"xyz":[1,2)", false},
      {R"([])", false},
  };
  for (const auto& [json, accepted] : kTexts) {
    v1::SetVoxels ours;
    v1::SetVoxels theirs;
    EXPECT_EQ(reader_.Read(json, &ours).ok(), accepted) << json;
    EXPECT_EQ(JsonStringToMessage(json, &theirs).ok(), accepted) << json;
    if (accepted) {
      EXPECT_TRUE(MessageDifferencer::Equals(ours, theirs)) << json;
    }
  }
}

TEST_F(JsonProtobufTest, WeAreStricterWhereDocsProtocolsSaysSo) {
  for (const char* json : {
           R"({"xyz":[1,null]})",              // protobuf drops it
           R"({"color":"a","color":"b"})",     // protobuf takes the last
           R"({"xyzLe":"AA==","xyz_le":""})",  // the same in two spellings
           R"({"xyz_le":"AB=="})",             // protobuf drops the bits
           R"({"color":"a"} x)",
       }) {
    v1::SetVoxels message;
    EXPECT_FALSE(reader_.Read(json, &message).ok()) << json;
  }
  v1::Edit edit;
  EXPECT_TRUE(JsonStringToMessage(R"({"mode":99})", &edit).ok());
  EXPECT_FALSE(reader_.Read(R"({"mode":99})", &edit).ok());
}

TEST_F(JsonProtobufTest, NegativeZeroKeepsItsSign) {
  v1::RaycastRequest ray;
  ray.set_max_distance(-0.0);
  const std::string json = Written(ray);
  EXPECT_EQ(json, R"({"max_distance":-0.0})");
  ExpectReads(json, ray);
  v1::RaycastRequest theirs;
  ASSERT_TRUE(JsonStringToMessage(json, &theirs).ok());
  EXPECT_TRUE(MessageDifferencer::Equals(theirs, ray));
}

TEST_F(JsonProtobufTest, TheApiHoldsNothingTheCodecCannotWrite) {
  std::set<const Descriptor*> seen;
  const auto check = [&](const auto& self, const Descriptor* type) -> void {
    if (!seen.insert(type).second) return;
    // Other well-known types have JSON forms of their own, which the codec does not know.
    const bool well_known = std::string_view(type->full_name()).starts_with("google.protobuf.");
    EXPECT_TRUE(!well_known || type == google::protobuf::Timestamp::descriptor())
        << type->full_name();
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      EXPECT_NE(field->type(), FieldDescriptor::TYPE_GROUP) << field->full_name();
      if (field->is_map()) {
        EXPECT_EQ(field->message_type()->map_key()->type(), FieldDescriptor::TYPE_STRING)
            << field->full_name();
      }
      if (field->message_type() != nullptr) self(self, field->message_type());
    }
  };
  for (const auto& message : EveryApiMessage()) check(check, message->GetDescriptor());
  EXPECT_GT(seen.size(), 60u);
}

}  // namespace
}  // namespace voxeld
