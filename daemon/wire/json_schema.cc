#include "daemon/wire/json_schema.h"

#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"
#include "voxel/base/check.h"
#include "voxel/base/string_view.h"

namespace voxeld {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using voxel::ToAbsl;

// The reader marks the fields it has seen in one word.
constexpr int kMaxFields = 64;

JsonKind KindOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return JsonKind::kInt32;
    case FieldDescriptor::CPPTYPE_INT64:
      return JsonKind::kInt64;
    case FieldDescriptor::CPPTYPE_UINT32:
      return JsonKind::kUint32;
    case FieldDescriptor::CPPTYPE_UINT64:
      return JsonKind::kUint64;
    case FieldDescriptor::CPPTYPE_FLOAT:
      return JsonKind::kFloat;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return JsonKind::kDouble;
    case FieldDescriptor::CPPTYPE_BOOL:
      return JsonKind::kBool;
    case FieldDescriptor::CPPTYPE_ENUM:
      return JsonKind::kEnum;
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES ? JsonKind::kBytes : JsonKind::kString;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return field.message_type() == google::protobuf::Timestamp::descriptor() ? JsonKind::kTimestamp
                                                                           : JsonKind::kMessage;
}

// Edits (insert, remove, replace one letter) from a to b.
size_t EditDistance(std::string_view a, std::string_view b) {
  absl::InlinedVector<size_t, 64> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

// Of "UNDO_SCOPE_" for UndoScope: up to the last underscore that all values share.
size_t CommonPrefix(const EnumDescriptor& type) {
  std::string_view prefix = type.value(0)->name();
  for (int i = 1; i < type.value_count(); ++i) {
    const std::string_view name = type.value(i)->name();
    const auto differ = std::mismatch(prefix.begin(), prefix.end(), name.begin(), name.end());
    prefix = prefix.substr(0, static_cast<size_t>(differ.first - prefix.begin()));
  }
  return prefix.rfind('_') + 1;
}

}  // namespace

const FieldSchema* MessageSchema::Find(std::string_view name) const {
  for (const auto& [candidate, index] : names) {
    if (candidate == name) return &fields[static_cast<size_t>(index)];
  }
  return nullptr;
}

voxel::ShortText MessageSchema::AcceptedNames() const {
  voxel::ShortText out;
  AppendNames(&out);
  return out;
}

void MessageSchema::AppendNames(voxel::ShortText* out) const {
  for (const FieldSchema& field : fields) {
    if (&field != &fields.front()) out->Append(", ");
    out->Append(field.descriptor->name());
  }
}

std::string_view MessageSchema::Similar(std::string_view name) const {
  constexpr size_t kLongestName = 64;  // bounds the work for hostile names
  if (name.size() > kLongestName) return {};
  char lower[kLongestName];
  for (size_t i = 0; i < name.size(); ++i) {
    lower[i] = absl::ascii_tolower(static_cast<unsigned char>(name[i]));
  }
  const std::string_view wanted(lower, name.size());
  std::string_view best;
  size_t least = std::max<size_t>(1, name.size() / 3) + 1;  // that many typing errors are too many
  for (const FieldSchema& field : fields) {
    const std::string& candidate = field.descriptor->name();
    const size_t distance = EditDistance(wanted, candidate);
    if (distance >= least) continue;
    least = distance;
    best = candidate;
  }
  return best;
}

const MessageSchema& JsonSchemas::Of(const Descriptor* descriptor) {
  if (const auto found = schemas_.find(descriptor); found != schemas_.end()) return *found->second;
  // In place before its fields are made: types may hold themselves.
  MessageSchema* schema = (schemas_[descriptor] = std::make_unique<MessageSchema>()).get();
  schema->descriptor = descriptor;
  VOXEL_CHECK(descriptor->field_count() <= kMaxFields);
  schema->fields.reserve(static_cast<size_t>(descriptor->field_count()));
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    schema->fields.push_back(MakeField(field));
    schema->fields.back().index = i;
    schema->names.emplace_back(field->name(), i);
    if (field->json_name() != field->name()) schema->names.emplace_back(field->json_name(), i);
  }
  return *schema;
}

FieldSchema JsonSchemas::MakeField(const FieldDescriptor* descriptor) {
  FieldSchema field;
  field.descriptor = descriptor;
  const Message* prototype =
      MessageFactory::generated_factory()->GetPrototype(descriptor->containing_type());
  field.reflection = prototype->GetReflection();
  field.oneof = descriptor->real_containing_oneof();
  field.kind = KindOf(*descriptor);
  field.map = descriptor->is_map();
  field.repeated = descriptor->is_repeated() && !field.map;
  if (descriptor->cpp_type() == FieldDescriptor::CPPTYPE_STRING && !descriptor->is_repeated() &&
      !descriptor->has_presence()) {
    std::string unused;
    field.default_text = &field.reflection->GetStringReference(*prototype, descriptor, &unused);
    field.keeps_text = field.default_text != &unused;
  }
  if (field.kind == JsonKind::kEnum) field.enum_prefix = CommonPrefix(*descriptor->enum_type());
  if (field.kind == JsonKind::kMessage) field.message = &Of(descriptor->message_type());
  // The API keys all its maps by strings; other keys would need their text parsed.
  VOXEL_CHECK(!field.map || field.message->fields[0].kind == JsonKind::kString);
  return field;
}

std::optional<int> FindEnumNumber(const FieldSchema& field, std::string_view name) {
  const EnumDescriptor& type = *field.descriptor->enum_type();
  for (int i = 0; i < type.value_count(); ++i) {
    std::string_view full = type.value(i)->name();
    if (absl::EqualsIgnoreCase(ToAbsl(full), ToAbsl(name)) ||
        absl::EqualsIgnoreCase(ToAbsl(full.substr(field.enum_prefix)), ToAbsl(name))) {
      return type.value(i)->number();
    }
  }
  return std::nullopt;
}

std::string AcceptedEnumNames(const EnumDescriptor& type) {
  std::string out;
  for (int i = 0; i < type.value_count(); ++i) {
    if (i > 0) out += ", ";
    out += type.value(i)->name();
  }
  return out;
}

}  // namespace voxeld
