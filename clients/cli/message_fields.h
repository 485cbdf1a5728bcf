// Fields of a message by their names. REQUIRES: the message has a field of that name and kind.
#pragma once

#include <cstdint>
#include <string>

#include "google/protobuf/message.h"

namespace voxctl {

inline const google::protobuf::FieldDescriptor* FieldOf(const google::protobuf::Message& message,
                                                        const char* name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

inline std::string StringField(const google::protobuf::Message& message, const char* name) {
  return message.GetReflection()->GetString(message, FieldOf(message, name));
}

inline bool BoolField(const google::protobuf::Message& message, const char* name) {
  return message.GetReflection()->GetBool(message, FieldOf(message, name));
}

inline int64_t Int64Field(const google::protobuf::Message& message, const char* name) {
  return message.GetReflection()->GetInt64(message, FieldOf(message, name));
}

}  // namespace voxctl
