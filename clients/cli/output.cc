#include "clients/cli/output.h"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <vector>

#include "absl/strings/numbers.h"
#include "clients/cli/fields.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"
#include "nlohmann/json.hpp"

namespace voxctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kLongestCell = 60;

// "2026-11-20T16:05:09.250Z" -> "2026-11-20 16:05:09Z"
std::string Time(std::string text) {
  if (const size_t dot = text.find('.'); dot != std::string::npos)
    text.erase(dot, text.size() - 1 - dot);
  if (const size_t t = text.find('T'); t != std::string::npos) text[t] = ' ';
  return text;
}

std::string Numbers(const Json& list) {
  std::string text = "[";
  for (const Json& number : list) {
    if (text.size() > 1) text += ", ";
    text += number.dump();
  }
  return text + "]";
}

bool IsTime(const FieldDescriptor* field) {
  return field->message_type() != nullptr &&
         field->message_type()->full_name() == "google.protobuf.Timestamp";
}

std::string Cell(const FieldDescriptor* field, const Json& value);

// "offset [0, 0, 4], rotation 4"
std::string Members(const Descriptor* type, const Json& value) {
  std::string text;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (!value.contains(field->name())) continue;
    if (!text.empty()) text += ", ";
    text += field->name() + " " + Cell(field, value[field->name()]);
  }
  return text;
}

// One value, for people: boxes as [min]..[max], enums by their short names, times to the second.
std::string OneCell(const FieldDescriptor* field, const Json& value) {
  if (IsTime(field)) return Time(value.get<std::string>());
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    const auto* name = field->enum_type()->FindValueByName(value.get<std::string>());
    return ShortName(field->enum_type(), name->index());
  }
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object() && value.contains("min") && value.contains("max"))
    return Numbers(value["min"]) + ".." + Numbers(value["max"]);
  if (value.is_object() && !field->is_map()) return Members(field->message_type(), value);
  return value.dump();
}

std::string Cell(const FieldDescriptor* field, const Json& value) {
  std::string text;
  if (value.is_array() && field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    for (const std::string one : value)
      text += (text.empty() ? "" : ", ") + (one.empty() ? "-" : one);
  } else if (value.is_array()) {
    text = field->message_type() == nullptr ? Numbers(value) : value.dump();
  } else {
    text = OneCell(field, value);
  }
  return text;
}

// The same in a table, where one long value would push the others off the screen.
std::string ShortCell(const FieldDescriptor* field, const Json& value) {
  const std::string text = Cell(field, value);
  return text.size() <= kLongestCell ? text : text.substr(0, kLongestCell - 3) + "...";
}

// The columns of a list: every name that some entry has, in the order of the message's fields.
std::vector<std::string> Columns(const Descriptor* type, const Json& rows) {
  std::vector<std::string> columns;
  for (int i = 0; i < type->field_count(); ++i) {
    const std::string& name = type->field(i)->name();
    if (std::any_of(rows.begin(), rows.end(),
                    [&](const Json& row) { return row.contains(name); })) {
      columns.push_back(name);
    }
  }
  return columns;
}

std::string Rows(const Descriptor* type, const Json& rows, const std::string& indent) {
  const std::vector<std::string> columns = Columns(type, rows);
  std::vector<std::vector<std::string>> cells = {columns};
  for (const Json& row : rows) {
    std::vector<std::string>& line = cells.emplace_back();
    for (const std::string& column : columns) {
      const FieldDescriptor* field = type->FindFieldByName(column);
      line.push_back(row.contains(column) ? ShortCell(field, row[column]) : "");
    }
  }
  std::string text;
  for (const auto& line : cells) {
    text += indent;
    for (size_t c = 0; c < columns.size(); ++c) {
      size_t width = 0;
      for (const auto& other : cells) width = std::max(width, other[c].size());
      text += line[c];
      if (c + 1 < columns.size()) text.append(width - line[c].size() + 2, ' ');
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

std::string Block(const Descriptor* type, const Json& value, const std::string& indent);

// One field of a block: a line, or a heading and what belongs below it.
std::string Part(const FieldDescriptor* field, const Json& value, const std::string& indent) {
  const std::string deeper = indent + "  ";
  const std::string heading = indent + field->name() + ":";
  if (field->is_map()) {
    std::string text = heading + "\n";
    for (const auto& [key, one] : value.items())
      text += deeper + key + ": " + OneCell(field->message_type()->field(1), one) + "\n";
    return text;
  }
  const Descriptor* message = field->message_type();
  if (message != nullptr && value.is_array()) {
    const bool is_line = value.size() == 1 && Columns(message, value).size() == 1;
    return is_line ? heading + " " + Members(message, value[0]) + "\n"
                   : heading + "\n" + Rows(message, value, deeper);
  }
  if (message != nullptr && value.is_object() && !value.contains("min"))
    return heading + "\n" + Block(message, value, deeper);
  return heading + " " + Cell(field, value) + "\n";
}

std::string Block(const Descriptor* type, const Json& value, const std::string& indent) {
  std::string text;
  for (int i = 0; i < type->field_count(); ++i) {
    if (value.contains(type->field(i)->name()))
      text += Part(type->field(i), value[type->field(i)->name()], indent);
  }
  return text;
}

using OrderedJson = nlohmann::ordered_json;

constexpr int64_t kExactInDouble = int64_t{1} << 53;

// The string of a 64-bit integer becomes a number if every reader of JSON can hold it.
void UnquoteNumber(OrderedJson* value) {
  int64_t number = 0;
  if (value->is_string() && absl::SimpleAtoi(value->get<std::string>(), &number) &&
      number >= -kExactInDouble && number <= kExactInDouble) {
    *value = number;
  }
}

// REQUIRES: `value` is the JSON of a message of that type.
void UnquoteNumbers(const Descriptor* type, OrderedJson* value) {
  if (!value->is_object()) return;  // a time
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const auto found = value->find(field->name());
    if (found == value->end()) continue;
    const FieldDescriptor* one = field->is_map() ? field->message_type()->field(1) : field;
    const bool is_wide = one->cpp_type() == FieldDescriptor::CPPTYPE_INT64 ||
                         one->cpp_type() == FieldDescriptor::CPPTYPE_UINT64;
    const auto unquote = [&](OrderedJson* inner) {
      if (is_wide) UnquoteNumber(inner);
      if (one->message_type() != nullptr) UnquoteNumbers(one->message_type(), inner);
    };
    if (!field->is_repeated()) {
      unquote(&*found);
    } else {
      for (OrderedJson& inner : *found) unquote(&inner);
    }
  }
}

// Whether an answer begins with what it is about, whose name would only be a heading over all.
bool LeadsWithSubject(const Descriptor* type, const Json& value) {
  const FieldDescriptor* first = type->field_count() > 0 ? type->field(0) : nullptr;
  return first != nullptr && first->message_type() != nullptr && !first->is_repeated() &&
         first->message_type()->name() != "Box" && value.contains(first->name());
}

}  // namespace

std::string ToJson(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
  if (!status.ok()) return "{}";
  OrderedJson json = OrderedJson::parse(text);
  UnquoteNumbers(message.GetDescriptor(), &json);
  return json.dump();
}

std::string ToTable(const Message& message) {
  const Json value = Json::parse(ToJson(message));
  const Descriptor* type = message.GetDescriptor();
  // A message that is little more than a list is shown as that list.
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const bool is_list =
        field->is_repeated() && !field->is_map() && field->message_type() != nullptr;
    if (is_list && type->field_count() <= 3) {
      return value.contains(field->name()) ? Rows(field->message_type(), value[field->name()], "")
                                           : "(none)\n";
    }
  }
  std::string text;
  Json rest = value;
  if (LeadsWithSubject(type, value)) {
    const FieldDescriptor* subject = type->field(0);
    text = Block(subject->message_type(), value[subject->name()], "");
    rest.erase(subject->name());
  }
  text += Block(type, rest, "");
  return text.empty() ? "ok\n" : text;
}

void Print(Format format, const Message& message) {
  const std::string text = format == Format::kJson ? ToJson(message) + "\n" : ToTable(message);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void PrintFile(Format format, const std::string& file, int64_t bytes,
               std::optional<int64_t> revision) {
  std::string text = file + ": " + std::to_string(bytes) + " bytes";
  if (revision) text += ", up to revision " + std::to_string(*revision);
  if (format == Format::kJson) {
    Json object = {{"file", file}, {"bytes", bytes}};
    if (revision) object["revision"] = *revision;
    text = object.dump();
  }
  std::puts(text.c_str());
}

bool PrintedWell() {
  std::cout.flush();
  std::fflush(stdout);
  return std::ferror(stdout) == 0 && std::cout.good();
}

void PrintFailure(Format format, const Failure& failure) {
  if (format == Format::kJson) {
    const Json error = {{"error",
                         {{"code", failure.code},
                          {"reason", failure.reason},
                          {"field", failure.field},
                          {"message", failure.message}}}};
    std::fprintf(stderr, "%s\n", error.dump().c_str());
    return;
  }
  const std::string& name = failure.reason.empty() ? failure.code : failure.reason;
  std::fprintf(stderr, "voxctl: %s: %s\n", name.c_str(), failure.message.c_str());
}

}  // namespace voxctl
