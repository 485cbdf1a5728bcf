#include "daemon/wire/message_pool.h"

#include <gtest/gtest.h>

#include <string>

#include "daemon/wire/json_codec.h"
#include "google/protobuf/util/message_differencer.h"
#include "voxel/base/plain_memory.h"
#include "voxeld/v1/voxel.pb.h"

namespace voxeld {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr std::string_view kLong = R"({"project":"a name that no string holds in itself","voxels":
    {"xyz":[1,2,3],"color":"#112233"},
    "write":{"request_id":"6f1c2a9e-77b0-4d53-9f0e-000000000000"}})";
constexpr std::string_view kShort = R"({"layer":"x","voxels":{"rgba":[7]}})";

// Whatever a message was before, it reads like a new one.
TEST(MessagePoolTest, AnOldMessageReadsLikeANewOne) {
  MessagePool pool;
  JsonReader reader(&pool);
  JsonReader plain;
  const v1::SetVoxelsRequest prototype;
  for (int round = 0; round < 4; ++round) {
    for (const std::string_view text : {kLong, kShort, std::string_view("{}")}) {
      auto message = pool.Take(prototype);
      EXPECT_EQ(message->ByteSizeLong(), 0u);
      ASSERT_TRUE(reader.Read(text, message.get()).ok());
      v1::SetVoxelsRequest expected;
      ASSERT_TRUE(plain.Read(text, &expected).ok());
      EXPECT_TRUE(MessageDifferencer::Equals(*message, expected)) << message->DebugString();
      pool.Give(std::move(message), text.size());
    }
  }
}

TEST(MessagePoolTest, MessagesWithinKeepTheirMemory) {
  if (voxel::PlainMemory()) GTEST_SKIP() << "pools keep nothing with plain memory";
  MessagePool pool;
  JsonReader reader(&pool);
  const v1::SetVoxelsRequest prototype;
  const auto read = [&] {
    auto message = pool.Take(prototype);
    EXPECT_TRUE(reader.Read(kLong, message.get()).ok());
    const auto& request = static_cast<const v1::SetVoxelsRequest&>(*message);
    const void* const places[] = {&request, &request.voxels(), &request.write(),
                                  request.write().request_id().data(),
                                  request.voxels().xyz().data()};
    pool.Give(std::move(message), kLong.size());
    return std::vector<const void*>(std::begin(places), std::end(places));
  };
  const auto first = read();
  EXPECT_EQ(read(), first);
  EXPECT_EQ(pool.Trim(), 3u);
}

TEST(MessagePoolTest, LargeMessagesAreNotKept) {
  MessagePool pool;
  const v1::SetVoxelsRequest prototype;
  pool.Give(pool.Take(prototype), 1 << 20);
  EXPECT_EQ(pool.Trim(), 0u);
}

TEST(MessagePoolTest, SoManyOfATypeAreKept) {
  if (voxel::PlainMemory()) GTEST_SKIP() << "pools keep nothing with plain memory";
  MessagePool pool;
  for (int i = 0; i < 1000; ++i) pool.Give(std::make_unique<v1::SetVoxelsRequest>(), 100);
  EXPECT_EQ(pool.Trim(), 64u);
}

TEST(MessagePoolTest, ListsOfMessagesKeepWhatIsWithinThem) {
  MessagePool pool;
  JsonReader reader(&pool);
  JsonReader plain;
  const v1::ApplyEditsRequest prototype;
  const std::string_view texts[] = {
      R"({"edits":[{"box":{"box":{"min":[0,0,0],"max":[1,1,1]},"color":"#fff"}},
                   {"set":{"xyz":[1,2,3]}}]})",
      R"({"edits":[{"clear":{}},{"line":{"points":[1,2,3]}},{"layer":"a"}]})"};
  for (int round = 0; round < 4; ++round) {
    auto message = pool.Take(prototype);
    ASSERT_TRUE(reader.Read(texts[round % 2], message.get()).ok());
    v1::ApplyEditsRequest expected;
    ASSERT_TRUE(plain.Read(texts[round % 2], &expected).ok());
    EXPECT_TRUE(MessageDifferencer::Equals(*message, expected)) << message->DebugString();
    pool.Give(std::move(message), 100);
  }
}

}  // namespace
}  // namespace voxeld
