#include "daemon/wire/json_writer.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>
#include <vector>

#include "daemon/wire/base64.h"
#include "daemon/wire/change_json.h"
#include "daemon/wire/json_number.h"
#include "daemon/wire/json_string.h"
#include "daemon/wire/json_timestamp.h"
#include "google/protobuf/reflection.h"
#include "google/protobuf/timestamp.pb.h"

namespace voxeld {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;

bool Holds(const google::protobuf::Message& message, const Reflection& get,
           const FieldDescriptor& field) {
  return field.is_repeated() ? get.FieldSize(message, &field) > 0 : get.HasField(message, &field);
}

// Of a repeated field, which reflection's own interface reaches by a virtual call for each element.
template <typename T>
const google::protobuf::RepeatedField<T>& Numbers(const google::protobuf::Message& message,
                                                  const Reflection& get,
                                                  const FieldDescriptor& field) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  return get.GetRepeatedField<T>(message, &field);
#pragma GCC diagnostic pop
}

}  // namespace

void JsonWriter::WriteMessage(const Message& message) {
  static const Reflection* const change = v1::Change::GetReflection();
  static const Descriptor* const timestamp = Timestamp::descriptor();
  const Reflection& get = *message.GetReflection();
  if (&get == change) return AppendChange(static_cast<const v1::Change&>(message), out_);
  const Descriptor& type = *message.GetDescriptor();
  if (&type == timestamp) {
    out_->push_back('"');
    AppendTimestamp(*google::protobuf::DynamicCastToGenerated<Timestamp>(&message), out_);
    out_->push_back('"');
    return;
  }
  char before = '{';
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (!Holds(message, get, *field)) continue;
    out_->push_back(std::exchange(before, ','));
    out_->push_back('"');
    *out_ += field->name();
    *out_ += "\":";
    WriteField(message, get, *field);
  }
  *out_ += before == '{' ? "{}" : "}";
}

void JsonWriter::WriteField(const Message& message, const Reflection& get, const Field& field) {
  if (!field.is_repeated()) return WriteSingular(message, get, field);
  if (field.is_map()) return WriteMap(message, get, field);
  out_->push_back('[');
  WriteRepeated(message, get, field);
  out_->push_back(']');
}

void JsonWriter::WriteSingular(const Message& message, const Reflection& get, const Field& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return AppendInteger(int64_t{get.GetInt32(message, &field)}, out_);
    case FieldDescriptor::CPPTYPE_INT64:
      return AppendInteger(int64_t{get.GetInt64(message, &field)}, out_);
    case FieldDescriptor::CPPTYPE_UINT32:
      return AppendInteger(uint64_t{get.GetUInt32(message, &field)}, out_);
    case FieldDescriptor::CPPTYPE_UINT64:
      return AppendInteger(uint64_t{get.GetUInt64(message, &field)}, out_);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return WriteReal(get.GetFloat(message, &field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return WriteReal(get.GetDouble(message, &field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return WriteBool(get.GetBool(message, &field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return WriteEnum(*field.enum_type(), get.GetEnumValue(message, &field));
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      return WriteText(field, get.GetStringReference(message, &field, &scratch));
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return WriteMessage(get.GetMessage(message, &field));
  }
}

void JsonWriter::WriteRepeated(const Message& message, const Reflection& get, const Field& field) {
  const auto each = [&]<typename T>(const auto& write) {
    bool first = true;
    for (const T value : Numbers<T>(message, get, field)) {
      if (!first) out_->push_back(',');
      first = false;
      write(value);
    }
  };
  const auto integer = [&](auto value) {
    if constexpr (std::is_signed_v<decltype(value)>) {
      AppendInteger(int64_t{value}, out_);
    } else {
      AppendInteger(uint64_t{value}, out_);
    }
  };
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return each.operator()<int32_t>(integer);
    case FieldDescriptor::CPPTYPE_INT64:
      return each.operator()<int64_t>(integer);
    case FieldDescriptor::CPPTYPE_UINT32:
      return each.operator()<uint32_t>(integer);
    case FieldDescriptor::CPPTYPE_UINT64:
      return each.operator()<uint64_t>(integer);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return each.operator()<float>([&](float value) { WriteReal(value); });
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return each.operator()<double>([&](double value) { WriteReal(value); });
    case FieldDescriptor::CPPTYPE_BOOL:
      return each.operator()<bool>([&](bool value) { WriteBool(value); });
    case FieldDescriptor::CPPTYPE_ENUM:
      return each.operator()<int32_t>([&](int32_t value) { WriteEnum(*field.enum_type(), value); });
    case FieldDescriptor::CPPTYPE_STRING:
      for (int i = 0; i < get.FieldSize(message, &field); ++i) {
        if (i > 0) out_->push_back(',');
        std::string scratch;
        WriteText(field, get.GetRepeatedStringReference(message, &field, i, &scratch));
      }
      return;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      for (int i = 0; i < get.FieldSize(message, &field); ++i) {
        if (i > 0) out_->push_back(',');
        WriteMessage(get.GetRepeatedMessage(message, &field, i));
      }
      return;
  }
}

void JsonWriter::WriteMap(const Message& message, const Reflection& get, const Field& field) {
  const FieldDescriptor* key = field.message_type()->map_key();
  const FieldDescriptor* value = field.message_type()->map_value();
  std::vector<std::pair<std::string, const Message*>> entries;
  for (int i = 0; i < get.FieldSize(message, &field); ++i) {
    const Message& entry = get.GetRepeatedMessage(message, &field, i);
    entries.emplace_back(entry.GetReflection()->GetString(entry, key), &entry);
  }
  std::sort(entries.begin(), entries.end());
  out_->push_back('{');
  for (const auto& entry : entries) {
    if (&entry != &entries.front()) out_->push_back(',');
    AppendJsonString(entry.first, out_);
    out_->push_back(':');
    WriteSingular(*entry.second, *entry.second->GetReflection(), *value);
  }
  out_->push_back('}');
}

void JsonWriter::WriteReal(double value) {
  if (std::isfinite(value)) return AppendDouble(value, out_);
  *out_ += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
}

void JsonWriter::WriteReal(float value) {
  if (std::isfinite(value)) return AppendFloat(value, out_);
  WriteReal(double{value});
}

void JsonWriter::WriteBool(bool value) { *out_ += value ? "true" : "false"; }

void JsonWriter::WriteEnum(const google::protobuf::EnumDescriptor& type, int number) {
  const auto* value = type.FindValueByNumber(number);
  if (value == nullptr) return AppendInteger(int64_t{number}, out_);
  out_->push_back('"');
  *out_ += value->name();
  out_->push_back('"');
}

void JsonWriter::WriteText(const Field& field, const std::string& value) {
  if (field.type() != FieldDescriptor::TYPE_BYTES) return AppendJsonString(value, out_);
  out_->push_back('"');
  AppendBase64(value, out_);
  out_->push_back('"');
}

}  // namespace voxeld
