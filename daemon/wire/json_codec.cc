#include "daemon/wire/json_codec.h"

#include "daemon/wire/json_message_reader.h"
#include "daemon/wire/json_schema.h"
#include "daemon/wire/json_string.h"
#include "daemon/wire/json_writer.h"
#include "daemon/wire/simdjson_parser.h"
#include "voxel/base/error.h"
#include "voxel/base/short_text.h"

namespace voxeld {

struct JsonReader::Impl {
  explicit Impl(MessagePool* pool) : reader(&parser, pool) {}

  absl::Status Read(std::string_view json, google::protobuf::Message* message) {
    if (const auto error = parser.Start(json)) {
      return voxel::Error(voxel::Reason::MALFORMED_MESSAGE,
                          voxel::ShortText("not valid JSON: ", parser.Describe(error)));
    }
    return reader.ReadDocument(schemas.Of(message->GetDescriptor()), message);
  }

  SimdjsonParser parser;
  JsonMessageReader reader;
  JsonSchemas schemas;
};

JsonReader::JsonReader(MessagePool* pool) : impl_(std::make_unique<Impl>(pool)) {}
JsonReader::~JsonReader() = default;

absl::Status JsonReader::Read(std::string_view json, google::protobuf::Message* message) {
  message->Clear();
  absl::Status status = impl_->Read(json, message);
  impl_->parser.Shrink();
  return status;
}

void WriteJson(const google::protobuf::Message& message, std::string* out) {
  JsonWriter(out).WriteMessage(message);
}

void WriteJsonString(std::string_view text, std::string* out) { AppendJsonString(text, out); }

}  // namespace voxeld
