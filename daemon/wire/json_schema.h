// What the JSON reader knows about a message type: its fields by both spellings, what each one
// holds, and the words for error messages. Built once per type, from the descriptors.
//
// Threading: a JsonSchemas belongs to one thread at a time; what it returns never changes.
// Ownership: schemas live as long as their JsonSchemas; descriptors live for ever.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "voxel/base/short_text.h"

namespace voxeld {

struct MessageSchema;

// How a value is written in JSON.
enum class JsonKind : uint8_t {
  kInt32,
  kInt64,
  kUint32,
  kUint64,
  kFloat,
  kDouble,
  kBool,
  kString,
  kBytes,
  kEnum,
  kMessage,
  kTimestamp,
};

struct FieldSchema {
  const google::protobuf::FieldDescriptor* descriptor = nullptr;
  // Of the message that has the field, which costs a call to find.
  const google::protobuf::Reflection* reflection = nullptr;
  const google::protobuf::OneofDescriptor* oneof = nullptr;  // not the one behind `optional`
  const MessageSchema* message = nullptr;                    // of kMessage; of a map: the entry's
  JsonKind kind = JsonKind::kMessage;
  bool repeated = false;  // false for maps
  bool map = false;
  int index = 0;           // in MessageSchema::fields
  size_t enum_prefix = 0;  // of kEnum: so long is what all names begin with, as "MODE_"
  // Of strings that say nothing beside their text: one that was set before is kept by clearing its
  // message, and is this one if there was none.
  bool keeps_text = false;
  const std::string* default_text = nullptr;
};

struct MessageSchema {
  const google::protobuf::Descriptor* descriptor = nullptr;
  std::vector<FieldSchema> fields;

  // By the name in the proto or its camelCase form; null if there is no such field.
  const FieldSchema* Find(std::string_view name) const;
  // "box, color, wall": for messages.
  voxel::ShortText AcceptedNames() const;
  void AppendNames(voxel::ShortText* out) const;
  // The field whose name is most like `name`; empty if none is.
  std::string_view Similar(std::string_view name) const;

  std::vector<std::pair<std::string, int>> names;  // both spellings, and the index of the field
};

class JsonSchemas {
 public:
  const MessageSchema& Of(const google::protobuf::Descriptor* descriptor);

 private:
  FieldSchema MakeField(const google::protobuf::FieldDescriptor* descriptor);

  absl::flat_hash_map<const google::protobuf::Descriptor*, std::unique_ptr<MessageSchema>> schemas_;
};

// The number of an enum value from its name, in any case, with or without the enum's prefix:
// "MODE_OVER", "over". REQUIRES: a field of kEnum.
std::optional<int> FindEnumNumber(const FieldSchema& field, std::string_view name);
// "MODE_OVER, MODE_SUB": for messages.
std::string AcceptedEnumNames(const google::protobuf::EnumDescriptor& type);

}  // namespace voxeld
