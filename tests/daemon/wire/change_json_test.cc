// A change by its own accessors against the same one by reflection.
#include "daemon/wire/change_json.h"

#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include <memory>

#include "daemon/wire/json_writer.h"
#include "tests/daemon/wire/random_message.h"

namespace voxeld {
namespace {

TEST(ChangeJsonTest, IsWhatReflectionWrites) {
  google::protobuf::DynamicMessageFactory factory;
  const std::unique_ptr<google::protobuf::Message> by_reflection(
      factory.GetPrototype(v1::Change::descriptor())->New());
  std::mt19937_64 random{20261128};
  for (int round = 0; round < 2000; ++round) {
    v1::Change change;
    FillRandomly(random, &change);
    ASSERT_TRUE(by_reflection->ParseFromString(change.SerializeAsString()));
    std::string wanted;
    JsonWriter(&wanted).WriteMessage(*by_reflection);
    std::string text = "before ";
    AppendChange(change, &text);
    ASSERT_EQ(text, "before " + wanted) << change.ShortDebugString();
  }
}

TEST(ChangeJsonTest, IsWhatTheWriterWrites) {
  v1::Change change;
  change.set_revision(7);
  change.mutable_bounds();
  change.add_edits();
  change.add_edits()->set_warning("a \"quoted\" one");
  std::string text;
  JsonWriter(&text).WriteMessage(change);
  EXPECT_EQ(text, R"({"revision":7,"bounds":{},"edits":[{},{"warning":"a \"quoted\" one"}]})");
}

}  // namespace
}  // namespace voxeld
