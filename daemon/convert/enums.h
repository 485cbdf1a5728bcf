// Enum values that no list has: proto3 lets any number through, so every method that takes an enum
// checks it here.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/generated_enum_reflection.h"

namespace voxeld {

// OK if `value` is one of the type's values; else INVALID_FIELD, which lists them, as the JSON door
// says it.
absl::Status CheckEnum(int value, const google::protobuf::EnumDescriptor* type,
                       std::string_view field);

template <typename Enum>
absl::Status CheckEnum(Enum value, std::string_view field) {
  if (value == Enum{}) return absl::OkStatus();  // every list of proto3 begins with 0
  return CheckEnum(static_cast<int>(value), google::protobuf::GetEnumDescriptor<Enum>(), field);
}

}  // namespace voxeld
