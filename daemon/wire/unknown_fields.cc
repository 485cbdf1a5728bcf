#include "daemon/wire/unknown_fields.h"

#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/unknown_field_set.h"
#include "voxel/base/error.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string AcceptedNumbers(const Descriptor& type) {
  std::string text;
  for (int i = 0; i < type.field_count(); ++i) {
    voxel::StrAppend(&text, i == 0 ? "" : ", ", type.field(i)->name(), " = ",
                     type.field(i)->number());
  }
  return text.empty() ? "no fields" : text;
}

}  // namespace

absl::Status RefuseUnknownFields(const Message& message) {
  const Descriptor& type = *message.GetDescriptor();
  const Reflection& reflection = *message.GetReflection();
  const auto& unknown = reflection.GetUnknownFields(message);
  if (!unknown.empty()) {
    return voxel::Error(voxel::Reason::UNKNOWN_FIELD,
                        voxel::StrCat("unknown field number ", unknown.field(0).number(), "; ",
                                      type.name(), " has ", AcceptedNumbers(type)));
  }
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (field->message_type() == nullptr || field->is_map()) continue;
    if (!field->is_repeated()) {
      if (!reflection.HasField(message, field)) continue;
      const absl::Status status = RefuseUnknownFields(reflection.GetMessage(message, field));
      if (!status.ok()) return voxel::InField(field->name(), status);
      continue;
    }
    const int n = reflection.FieldSize(message, field);
    for (int k = 0; k < n; ++k) {
      const absl::Status status =
          RefuseUnknownFields(reflection.GetRepeatedMessage(message, field, k));
      if (!status.ok()) return voxel::InField(voxel::StrCat(field->name(), "[", k, "]"), status);
    }
  }
  return absl::OkStatus();
}

}  // namespace voxeld
