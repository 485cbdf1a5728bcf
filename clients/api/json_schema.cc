#include "clients/api/json_schema.h"

#include "clients/api/api.h"

namespace voxapi {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Json = nlohmann::json;

// Makes one schema. Messages may hold themselves; the ones that are being described are known, and
// one inside itself is named and not described again.
class SchemaMaker {
 public:
  explicit SchemaMaker(const std::set<std::string>& leave_out) : leave_out_(leave_out) {}

  Json OfMessage(const Descriptor* type);
  Json OfField(const FieldDescriptor* field);

 private:
  Json OfValue(const FieldDescriptor* field);

  const std::set<std::string>& leave_out_;
  std::set<const Descriptor*> around_;
};

Json SchemaMaker::OfValue(const FieldDescriptor* field) {
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
      return OfMessage(field->message_type());
    default:
      return {{"type", "integer"}};
  }
}

Json SchemaMaker::OfField(const FieldDescriptor* field) {
  Json schema;
  if (field->is_map()) {
    schema = {{"type", "object"},
              {"additionalProperties", OfValue(field->message_type()->field(1))}};
  } else if (field->is_repeated()) {
    schema = {{"type", "array"}, {"items", OfValue(field)}};
  } else {
    schema = OfValue(field);
  }
  if (const std::string comment = CommentOf(field); !comment.empty())
    schema["description"] = comment;
  return schema;
}

Json SchemaMaker::OfMessage(const Descriptor* type) {
  if (!around_.insert(type).second) return {{"type", "object"}, {"title", type->name()}};
  Json properties = Json::object();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->type() == FieldDescriptor::TYPE_BYTES || leave_out_.count(field->name()) != 0)
      continue;
    properties[field->name()] = OfField(field);
  }
  around_.erase(type);
  return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

}  // namespace

Json SchemaOf(const FieldDescriptor* field, const std::set<std::string>& leave_out) {
  return SchemaMaker(leave_out).OfField(field);
}

Json SchemaOf(const Descriptor* type, const std::set<std::string>& leave_out) {
  return SchemaMaker(leave_out).OfMessage(type);
}

}  // namespace voxapi
