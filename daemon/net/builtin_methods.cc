#include "daemon/net/builtin_methods.h"

#include <charconv>
#include <map>
#include <set>
#include <vector>

#include "daemon/wire/json_codec.h"
#include "daemon/wire/json_pieces.h"
#include "voxel/base/error.h"
#include "voxel/base/short_text.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

// Writes members of a JSON object with their commas.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string* out) : out_(out) { out_->push_back('{'); }
  ~ObjectWriter() { out_->push_back('}'); }
  std::string* Raw(std::string_view name) {
    if (!first_) out_->push_back(',');
    first_ = false;
    WriteJsonString(name, out_);
    out_->push_back(':');
    return out_;
  }
  void Text(std::string_view name, std::string_view value) { WriteJsonString(value, Raw(name)); }

 private:
  std::string* const out_;
  bool first_ = true;
};

std::string TypeName(const FieldDescriptor& field) {
  if (field.message_type() != nullptr) return field.message_type()->full_name();
  if (field.enum_type() != nullptr) return field.enum_type()->full_name();
  return field.type_name();
}

// "repeated sint32", "voxeld.v1.Box", "map<string, string>".
std::string FieldType(const FieldDescriptor& field) {
  if (field.is_map()) {
    return voxel::StrCat("map<", TypeName(*field.message_type()->map_key()), ", ",
                         TypeName(*field.message_type()->map_value()), ">");
  }
  return voxel::StrCat(field.is_repeated() ? "repeated " : "", TypeName(field));
}

// The types reachable from the methods, by name.
struct Types {
  std::map<std::string, const Descriptor*> messages;
  std::map<std::string, const EnumDescriptor*> enums;

  void Add(const Descriptor& message) {
    if (!messages.emplace(message.full_name(), &message).second) return;
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      const Descriptor* inner =
          field.is_map() ? field.message_type()->map_value()->message_type() : field.message_type();
      if (inner != nullptr) Add(*inner);
      if (field.enum_type() != nullptr) {
        enums.emplace(field.enum_type()->full_name(), field.enum_type());
      }
    }
  }
};

void WriteMethods(const MethodTable& methods, std::string* out) {
  out->push_back('[');
  for (const Method& method : methods.methods()) {
    if (out->back() != '[') out->push_back(',');
    ObjectWriter object(out);
    object.Text("name", method.name);
    object.Text("access", Writes(method.access) ? "write" : "read");
    object.Text("scope", ScopeName(ScopeOf(method.access)));
    object.Text("stream", method.unary() ? "none" : method.server_stream() ? "server" : "client");
    object.Text("request", method.request->GetDescriptor()->full_name());
    object.Text("response", method.response->GetDescriptor()->full_name());
  }
  out->push_back(']');
}

void WriteTypes(const Types& types, ObjectWriter* object) {
  {
    ObjectWriter messages(object->Raw("messages"));
    for (const auto& [name, message] : types.messages) {
      ObjectWriter fields(messages.Raw(name));
      for (int i = 0; i < message->field_count(); ++i) {
        fields.Text(message->field(i)->name(), FieldType(*message->field(i)));
      }
    }
  }
  ObjectWriter enums(object->Raw("enums"));
  for (const auto& [name, type] : types.enums) {
    std::string* out = enums.Raw(name);
    for (int i = 0; i < type->value_count(); ++i) {
      out->push_back(i == 0 ? '[' : ',');
      WriteJsonString(type->value(i)->name(), out);
    }
    out->push_back(']');
  }
}

absl::Status ReadSubscription(std::string_view value, CancelTarget* target) {
  int64_t number = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != value.data() + value.size()) {
    return voxel::Error(voxel::Reason::INVALID_FIELD,
                        voxel::ShortText("subscription: ", value.substr(0, 40),
                                         " is not the number of a subscription"),
                        "subscription");
  }
  target->subscription = number;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CancelTarget> ReadCancelTarget(std::string_view params) {
  std::vector<JsonMember> members;
  VOXEL_RETURN_IF_ERROR(SplitJsonObject(params.empty() ? "{}" : params, &members));
  if (members.size() != 1) {
    return voxel::Error(voxel::Reason::MISSING_FIELD,
                        "rpc.cancel takes exactly one of subscription and id");
  }
  CancelTarget target;
  const auto [name, value] = members[0];
  if (name == "subscription") {
    VOXEL_RETURN_IF_ERROR(ReadSubscription(value, &target));
  } else if (name == "id") {
    target.id = value;
  } else {
    return voxel::Error(voxel::Reason::UNKNOWN_FIELD,
                        voxel::ShortText("unknown field \"", name.substr(0, 40),
                                         "\"; rpc.cancel takes subscription or id"),
                        name);
  }
  return target;
}

std::string DescribeMethods(const MethodTable& methods) {
  Types types;
  for (const Method& method : methods.methods()) {
    types.Add(*method.request->GetDescriptor());
    types.Add(*method.response->GetDescriptor());
  }
  std::string out;
  {
    ObjectWriter object(&out);
    WriteMethods(methods, object.Raw("methods"));
    WriteTypes(types, &object);
  }
  return out;
}

}  // namespace voxeld
