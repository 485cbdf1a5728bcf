// Reads one JSON object into a message, by descriptors. What JsonReader (json_codec.h) promises is
// done here.
//
// Threading: an object may be used by one thread at a time.
// Source:    protobuf.dev/programming-guides/json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/wire/json_schema.h"
#include "daemon/wire/message_pool.h"
#include "daemon/wire/simdjson_parser.h"
#include "google/protobuf/message.h"
#include "voxel/base/short_text.h"

namespace voxeld {

class JsonMessageReader {
 public:
  // All values come from the text that `parser` has started last. Messages within messages come
  // from `pool`, unless it is null.
  JsonMessageReader(SimdjsonParser* parser, MessagePool* pool) : parser_(parser), pool_(pool) {}

  // Adds the whole document's fields to `message`, which is empty.
  absl::Status ReadDocument(const MessageSchema& schema, google::protobuf::Message* message);

 private:
  using Value = simdjson::ondemand::value;
  using Message = google::protobuf::Message;

  // One step of the path to the value being read; rendered only for errors.
  struct Step {
    const FieldSchema* field = nullptr;
    int64_t index = -1;                       // in a repeated field
    std::optional<std::string_view> map_key;  // in a map
  };
  class StepScope;

  absl::Status ReadObject(simdjson::ondemand::object object, const MessageSchema& schema,
                          Message* message);
  absl::Status ReadField(Value value, const FieldSchema& field, Message* message);
  absl::Status ReadSingular(Value value, const FieldSchema& field, Message* message);
  absl::Status ReadNested(Value value, const FieldSchema& field, Message* nested);
  absl::Status ReadRepeated(Value value, const FieldSchema& field, Message* message);
  absl::Status ReadMessages(simdjson::ondemand::array array, const FieldSchema& field,
                            Message* message);
  absl::Status ReadMap(Value value, const FieldSchema& field, Message* message);
  // T: what protobuf's reflection holds the field as; int32_t for enums, std::string for bytes.
  template <typename T>
  absl::Status ReadAndSet(Value value, const FieldSchema& field, Message* message);
  absl::Status ReadText(Value value, const FieldSchema& field, Message* message);
  // Adds the numbers of the array that begins at `text`; false, with none of them added, unless it
  // holds plain integers in the range of T.
  template <typename T>
  bool ReadPlainIntegers(std::string_view text, const FieldSchema& field, Message* message);
  template <typename T>
  absl::Status ReadElements(simdjson::ondemand::array array, const FieldSchema& field,
                            Message* message);

  // Scalars, by the field's kind. `out` is unspecified on error.
  template <typename T>
  absl::Status ReadScalar(Value& value, const FieldSchema& field, T* out);
  template <typename T>
  absl::Status ReadNumber(Value& value, T* out);
  absl::Status ReadBool(Value& value, bool* out);
  absl::Status ReadEnum(Value& value, const FieldSchema& field, int32_t* out);
  absl::Status ReadBytes(Value& value, std::string* out);
  absl::Status ReadTimestamp(Value& value, Message* out);
  // The view ends with the text.
  absl::Status ReadString(Value& value, std::string_view accepted, std::string_view* out);

  // Errors about the value the path points to.
  absl::Status Malformed(simdjson::error_code error);
  absl::Status BadValue(std::string_view token, std::string_view accepted);
  absl::Status UnknownField(std::string_view name, const MessageSchema& schema);
  voxel::ShortText Path() const;

  SimdjsonParser* const parser_;
  MessagePool* const pool_;
  std::vector<Step> path_;
  std::string scratch_;
};

}  // namespace voxeld
