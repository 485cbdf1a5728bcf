#include "clients/cli/output.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"
#include "nlohmann/json.hpp"

namespace voxctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Json = nlohmann::json;

constexpr size_t kLongestCell = 60;

std::string Numbers(const Json& list) {
  std::string text = "[";
  for (const Json& number : list) text += (text.size() > 1 ? ", " : "") + number.dump();
  return text + "]";
}

// A value in a cell. Boxes as [min]..[max]; 64-bit numbers come as strings already.
std::string Cell(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object() && value.contains("min") && value.contains("max")) {
    return Numbers(value["min"]) + ".." + Numbers(value["max"]);
  }
  const std::string text = value.dump();
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

std::string Rows(const Descriptor* type, const Json& rows) {
  const std::vector<std::string> columns = Columns(type, rows);
  std::vector<std::vector<std::string>> cells = {columns};
  for (const Json& row : rows) {
    std::vector<std::string>& line = cells.emplace_back();
    for (const std::string& column : columns)
      line.push_back(row.contains(column) ? Cell(row[column]) : "");
  }
  std::string text;
  for (const auto& line : cells) {
    for (size_t c = 0; c < columns.size(); ++c) {
      size_t width = 0;
      for (const auto& other : cells) width = std::max(width, other[c].size());
      text += line[c];
      if (c + 1 < columns.size()) text.append(width - line[c].size() + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

std::string Block(const Descriptor* type, const Json& value, const std::string& indent) {
  std::string text;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (!value.contains(field->name())) continue;
    const Json& one = value[field->name()];
    const bool is_message =
        field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_map();
    if (is_message && field->is_repeated()) {
      text += indent + field->name() + ":\n" + Rows(field->message_type(), one);
    } else if (is_message && one.is_object() && !one.contains("min")) {
      text += indent + field->name() + ":\n" + Block(field->message_type(), one, indent + "  ");
    } else {
      text += indent + field->name() + ": " + Cell(one) + "\n";
    }
  }
  return text;
}

}  // namespace

std::string ToJson(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
  return status.ok() ? text : "{}";
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
      return value.contains(field->name()) ? Rows(field->message_type(), value[field->name()])
                                           : "(none)\n";
    }
  }
  return Block(type, value, "");
}

void Print(Format format, const Message& message) {
  const std::string text = format == Format::kJson ? ToJson(message) + "\n" : ToTable(message);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
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
