#include "clients/cli/json_schema.h"

#include "clients/cli/api.h"

namespace voxctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Json = nlohmann::json;

Json ValueSchema(const FieldDescriptor* field, const std::set<std::string>& leave_out) {
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return {{"type", "string"}};
    case FieldDescriptor::CPPTYPE_BOOL:
      return {{"type", "boolean"}};
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return {{"type", "number"}};
    case FieldDescriptor::CPPTYPE_ENUM: {
      Json names = Json::array();
      for (int i = 0; i < field->enum_type()->value_count(); ++i)
        names.push_back(field->enum_type()->value(i)->name());
      return {{"type", "string"}, {"enum", names}};
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      // A time is a string in JSON.
      if (field->message_type()->file()->package() == "google.protobuf")
        return {{"type", "string"}};
      return SchemaOf(field->message_type(), leave_out);
    default:
      return {{"type", "integer"}};
  }
}

}  // namespace

Json SchemaOf(const FieldDescriptor* field, const std::set<std::string>& leave_out) {
  Json schema;
  if (field->is_map()) {
    schema = {{"type", "object"},
              {"additionalProperties", ValueSchema(field->message_type()->field(1), leave_out)}};
  } else if (field->is_repeated()) {
    schema = {{"type", "array"}, {"items", ValueSchema(field, leave_out)}};
  } else {
    schema = ValueSchema(field, leave_out);
  }
  if (const std::string comment = CommentOf(field); !comment.empty())
    schema["description"] = comment;
  return schema;
}

Json SchemaOf(const Descriptor* type, const std::set<std::string>& leave_out) {
  Json properties = Json::object();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->type() == FieldDescriptor::TYPE_BYTES || leave_out.count(field->name()) != 0)
      continue;
    properties[field->name()] = SchemaOf(field, leave_out);
  }
  return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

}  // namespace voxctl
