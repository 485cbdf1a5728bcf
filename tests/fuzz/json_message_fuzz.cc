// JSON to messages. The first byte chooses the type; the rest is the text. Protobuf must read the
// same in it as we do, but for the differences that are meant; scalar code must, too. What is read
// must be written, read back and be the same, by us and by protobuf.
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/wire/json_codec.h"
#include "tests/daemon/wire/json_oracle.h"
#include "voxel/base/check.h"
#include "voxel/base/error.h"
#include "voxeld/v1/history.pb.h"
#include "voxeld/v1/layer.pb.h"
#include "voxeld/v1/project.pb.h"
#include "voxeld/v1/transfer.pb.h"
#include "voxeld/v1/voxel.pb.h"

namespace voxeld {
namespace {

using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

std::unique_ptr<Message> MessageOf(uint8_t choice) {
  switch (choice % 8) {
    case 0:
      return std::make_unique<v1::ApplyEditsRequest>();
    case 1:
      return std::make_unique<v1::SetVoxelsRequest>();
    case 2:
      return std::make_unique<v1::RaycastRequest>();
    case 3:
      return std::make_unique<v1::ProjectResponse>();
    case 4:
      return std::make_unique<v1::UpdateProjectRequest>();
    case 5:
      return std::make_unique<v1::LayerResponse>();
    case 6:
      return std::make_unique<v1::ImportRequest>();
    default:
      return std::make_unique<v1::ListRevisionsResponse>();
  }
}

// Equal to the byte: NaN is not equal to itself, and -0 is equal to 0.
bool Same(const Message& a, const Message& b) {
  return MessageDifferencer::Equals(a, b) || a.SerializeAsString() == b.SerializeAsString();
}

void CheckRefusal(const absl::Status& status) {
  const std::string reason = voxel::ReasonOf(status);
  VOXEL_CHECK(reason == "MALFORMED_MESSAGE" || reason == "UNKNOWN_FIELD" ||
              reason == "INVALID_FIELD");
  VOXEL_CHECK(!status.message().empty());
}

void CheckAccepted(JsonReader& reader, const Message& message) {
  std::string written;
  WriteJson(message, &written);
  const std::unique_ptr<Message> again(message.New());
  VOXEL_CHECK(reader.Read(written, again.get()).ok());
  VOXEL_CHECK(Same(*again, message));
  const std::unique_ptr<Message> theirs(message.New());
  VOXEL_CHECK(google::protobuf::util::JsonStringToMessage(written, theirs.get()).ok());
  VOXEL_CHECK(Same(*theirs, message));
}

}  // namespace
}  // namespace voxeld

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::vector<char> text(data + 1, data + size);  // so that ASan sees reads past the end
  const std::unique_ptr<google::protobuf::Message> message = voxeld::MessageOf(data[0]);
  const std::string disagreement = voxeld::JsonDisagreement({text.data(), text.size()}, *message);
  if (!disagreement.empty()) std::fprintf(stderr, "%s\n", disagreement.c_str());
  VOXEL_CHECK(disagreement.empty());
  voxeld::JsonReader reader;
  const absl::Status status = reader.Read({text.data(), text.size()}, message.get());
  if (status.ok()) {
    voxeld::CheckAccepted(reader, *message);
  } else {
    voxeld::CheckRefusal(status);
  }
  return 0;
}
