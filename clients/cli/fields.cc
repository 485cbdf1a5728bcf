#include "clients/cli/fields.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "clients/api/api.h"

namespace voxctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

[[noreturn]] void Refuse(const FieldDescriptor* field, const std::string& text) {
  throw std::invalid_argument(field->name() + " is \"" + text + "\"; it takes " + FieldForm(field));
}

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return text;
}

Json EnumValue(const FieldDescriptor* field, const std::string& text) {
  const EnumDescriptor* type = field->enum_type();
  for (int i = 0; i < type->value_count(); ++i) {
    if (type->value(i)->name() == text || ShortName(type, i) == Lower(text))
      return type->value(i)->name();
  }
  Refuse(field, text);
}

template <typename Number>
std::string IntegersOf() {
  return "integers from " + std::to_string(std::numeric_limits<Number>::min()) + " to " +
         std::to_string(std::numeric_limits<Number>::max());
}

std::string RangeOf(FieldDescriptor::CppType type) {
  switch (type) {
    case FieldDescriptor::CPPTYPE_INT32:
      return IntegersOf<int32_t>();
    case FieldDescriptor::CPPTYPE_UINT32:
      return IntegersOf<uint32_t>();
    case FieldDescriptor::CPPTYPE_INT64:
      return IntegersOf<int64_t>();
    case FieldDescriptor::CPPTYPE_UINT64:
      return IntegersOf<uint64_t>();
    case FieldDescriptor::CPPTYPE_FLOAT:
      return "numbers from -3.4e38 to 3.4e38";
    default:
      return "numbers";
  }
}

template <typename Number>
bool Holds(const Json& value) {
  if (!value.is_number_integer()) return false;
  if (value.is_number_unsigned())
    return value.get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<Number>::max());
  const auto number = value.get<int64_t>();
  return number >= static_cast<int64_t>(std::numeric_limits<Number>::min()) &&
         (number < 0 || static_cast<uint64_t>(number) <=
                            static_cast<uint64_t>(std::numeric_limits<Number>::max()));
}

// Whether a field of that type can have the value.
bool Takes(FieldDescriptor::CppType type, const Json& value) {
  switch (type) {
    case FieldDescriptor::CPPTYPE_INT32:
      return Holds<int32_t>(value);
    case FieldDescriptor::CPPTYPE_UINT32:
      return Holds<uint32_t>(value);
    case FieldDescriptor::CPPTYPE_INT64:
      return Holds<int64_t>(value);
    case FieldDescriptor::CPPTYPE_UINT64:
      return Holds<uint64_t>(value);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return value.is_number() &&
             std::abs(value.get<double>()) <= double{std::numeric_limits<float>::max()};
    default:
      return value.is_number();
  }
}

Json NumberValue(const FieldDescriptor* field, const std::string& text) {
  Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (Takes(field->cpp_type(), value)) return value;
  const char* list = field->is_repeated() ? " in its list" : "";
  throw std::invalid_argument(field->name() + " is \"" + text + "\"" + list + "; it takes " +
                              RangeOf(field->cpp_type()));
}

// Of "front,orbit:30,20" or "front,orbit:30/20" the two views: a number belongs to the view before
// it, and slashes are as good as a view's own commas.
std::vector<std::string> ViewsOf(const std::string& text) {
  std::vector<std::string> views;
  for (std::string& part : Split(text, ',')) {
    std::replace(part.begin(), part.end(), '/', ',');
    const bool number = part.find_first_not_of("+-.0123456789") == std::string::npos;
    if (number && !views.empty()) {
      views.back() += "," + part;
    } else {
      views.push_back(std::move(part));
    }
  }
  return views;
}

Json OneValue(const FieldDescriptor* field, const std::string& text) {
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return text;
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumValue(field, text);
    case FieldDescriptor::CPPTYPE_BOOL:
      if (text == "true" || text == "false") return text == "true";
      Refuse(field, text);
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const std::vector<std::string> corners = Split(text, ':');
      if (field->message_type()->name() == "Box" && corners.size() == 2) {
        Json box;
        SetField(field->message_type(), "min", corners[0], &box);
        SetField(field->message_type(), "max", corners[1], &box);
        return box;
      }
      Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
      if (value.is_object()) return value;
      Refuse(field, text);
    }
    default:
      return NumberValue(field, text);
  }
}

// What a text is, as far as its name tells: the words that completion knows, too.
std::string TextForm(const FieldDescriptor* field) {
  if (field->type() == FieldDescriptor::TYPE_BYTES) return "base64";
  static const std::map<std::string_view, const char*> forms = {
      {"project", "PROJECT"},     {"layer", "LAYER"},
      {"layers", "LAYER"},        {"from_layer", "LAYER"},
      {"to_layer", "LAYER"},      {"with_layer", "LAYER"},
      {"selection", "SELECTION"}, {"color", "COLOR"},
      {"format", "FORMAT"},       {"views", "front|back|left|right|top|bottom|iso"}};
  const auto found = forms.find(field->name());
  return found == forms.end() ? "TEXT" : found->second;
}

// Whether the comment says that the list is one position: "exactly three integers".
bool IsPosition(const FieldDescriptor* field) {
  return voxapi::CommentOf(field).find("three ") != std::string::npos;
}

}  // namespace

std::string ShortName(const EnumDescriptor* type, int index) {
  const std::string& zero = type->value(0)->name();
  const size_t prefix = zero.size() - std::min(zero.size(), std::string_view("UNSPECIFIED").size());
  return Lower(type->value(index)->name().substr(prefix));
}

Json FieldValue(const FieldDescriptor* field, const std::string& text) {
  if (!field->is_repeated()) return OneValue(field, text);
  const bool is_json = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  if (is_json) {
    Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (field->is_map() ? value.is_object() : value.is_array()) return value;
    Refuse(field, text);
  }
  Json list = Json::array();
  const std::vector<std::string> parts =
      field->name() == "views" ? ViewsOf(text) : Split(text, ',');
  for (const std::string& part : parts) list.push_back(OneValue(field, part));
  return list;
}

std::string ExplainNumber(const std::string& complaint) {
  constexpr std::string_view kBefore = "): invalid value ";
  constexpr std::string_view kBehind = " for type TYPE_";
  const size_t before = complaint.find(kBefore);
  const size_t behind = complaint.rfind(kBehind);
  if (complaint.empty() || complaint[0] != '(' || before == std::string::npos ||
      behind == std::string::npos || behind < before) {
    return complaint;
  }
  const std::string type = Lower(complaint.substr(behind + kBehind.size()));
  const size_t begin = before + kBefore.size();
  const std::string what = complaint.substr(1, before - 1) + " is " +
                           complaint.substr(begin, behind - begin) + "; it takes ";
  for (int i = 1; i <= FieldDescriptor::MAX_TYPE; ++i) {
    const auto candidate = static_cast<FieldDescriptor::Type>(i);
    const auto cpp_type = FieldDescriptor::TypeToCppType(candidate);
    const bool is_number = cpp_type <= FieldDescriptor::CPPTYPE_FLOAT;
    if (is_number && type == FieldDescriptor::TypeName(candidate)) return what + RangeOf(cpp_type);
  }
  return complaint;
}

void SetField(const Descriptor* type, std::string_view path, const std::string& text,
              Json* request) {
  const size_t dot = path.find('.');
  const std::string name(path.substr(0, dot));
  const FieldDescriptor* field = type->FindFieldByName(name);
  if (field == nullptr) throw std::invalid_argument(type->name() + " has no field " + name);
  if (dot == std::string_view::npos) {
    (*request)[name] = FieldValue(field, text);
    return;
  }
  std::string_view rest = path.substr(dot + 1);
  Json* inner = &(*request)[name];
  if (field->is_repeated()) {
    const size_t next = rest.find('.');
    inner = &(*inner)[static_cast<size_t>(std::stoul(std::string(rest.substr(0, next))))];
    rest = rest.substr(next + 1);
  }
  SetField(field->message_type(), rest, text, inner);
}

const FieldDescriptor* FindField(const Descriptor* type, std::string_view path) {
  const size_t dot = path.find('.');
  const FieldDescriptor* field = type->FindFieldByName(std::string(path.substr(0, dot)));
  if (dot == std::string_view::npos) return field;
  path.remove_prefix(dot + 1);
  if (field->is_repeated()) path.remove_prefix(path.find('.') + 1);
  return FindField(field->message_type(), path);
}

std::string FieldForm(const FieldDescriptor* field) {
  std::string form;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      form = TextForm(field);
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      form = "true|false";
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      form = "number";
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      for (int i = 1; i < field->enum_type()->value_count(); ++i) {
        form += (i == 1 ? "" : "|") + ShortName(field->enum_type(), i);
      }
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      form = field->message_type()->name() == "Box" ? "x,y,z:x,y,z" : "JSON";
      break;
    default:
      form = "integer";
      break;
  }
  if (!field->is_repeated() || form == "JSON") return form;
  return IsPosition(field) ? "x,y,z" : form + ",...";
}

}  // namespace voxctl
