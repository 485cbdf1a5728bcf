#include "tests/daemon/wire/json_oracle.h"

#define SIMDJSON_EXCEPTIONS 0
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <regex>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "daemon/wire/json_codec.h"
#include "daemon/wire/json_scanner.h"
#include "daemon/wire/json_string.h"
#include "voxel/base/error.h"
#include "voxel/base/str_cat.h"
#include "voxel/base/string_view.h"
#include "voxel/base/utf8.h"

namespace voxeld {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;
using google::protobuf::util::MessageDifferencer;
using voxel::StrCat;

constexpr int kMaxObjects = 64;  // one in the other
const std::regex kNumber(R"(-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)");

// Goes over a text that is JSON, by the descriptors of its message. Collects what we mean to refuse
// where protobuf does not, and writes the text anew with what we accept beyond protobuf in its
// words.
class IntendedDifferences {
 public:
  void ReadDocument(std::string_view text, const Descriptor& type) {
    std::string_view raw;
    JsonScanner(text).ReadValue(&raw);
    ReadMessage(raw, type);
  }

  // One of those we mean to refuse; empty if there is nothing.
  const std::string& stricter() const { return stricter_; }
  const std::string& for_protobuf() const { return out_; }

 private:
  void Refuse(std::string_view what) { stricter_ = what; }

  // Calls fn(key with its quotes, value) for each member of an object.
  template <typename Fn>
  void ForEachMember(std::string_view raw, const Fn& fn) {
    JsonScanner scan(raw);
    scan.Take('{');
    out_.push_back('{');
    if (!scan.Take('}')) {
      do {
        std::string_view key;
        std::string_view value;
        scan.ReadString(&key);
        scan.Take(':');
        scan.ReadValue(&value);
        out_.append(key).push_back(':');
        fn(key, value);
        out_.push_back(',');
      } while (scan.Take(','));
      out_.pop_back();
    }
    out_.push_back('}');
  }

  void ReadMessage(std::string_view raw, const Descriptor& type) {
    if (type.full_name() == "google.protobuf.Timestamp") return ReadTime(raw);
    if (raw.front() != '{') {
      if (raw.front() == '[') Refuse("an array for an object");
      out_.append(raw);
      return;
    }
    if (++depth_ > kMaxObjects) Refuse("objects nested too deep");
    std::set<const FieldDescriptor*> fields;
    std::set<const OneofDescriptor*> oneofs;
    ForEachMember(raw, [&](std::string_view key, std::string_view value) {
      const FieldDescriptor* field = FieldOf(type, UnescapeJsonString(key));
      if (field == nullptr) {
        out_.append(value);
        return Refuse("an unknown field");
      }
      if (!fields.insert(field).second) Refuse("a field given twice");
      if (value == "null") {
        out_.append(value);
        return;
      }
      const OneofDescriptor* oneof = field->real_containing_oneof();
      if (oneof != nullptr && !oneofs.insert(oneof).second) Refuse("two members of a oneof");
      ReadField(value, *field);
    });
    --depth_;
  }

  static const FieldDescriptor* FieldOf(const Descriptor& type, std::string_view name) {
    for (int i = 0; i < type.field_count(); ++i) {
      if (type.field(i)->name() == name || type.field(i)->json_name() == name) return type.field(i);
    }
    return nullptr;
  }

  void ReadField(std::string_view raw, const FieldDescriptor& field) {
    if (field.is_map()) return ReadMap(raw, *field.message_type()->map_value());
    if (!field.is_repeated()) return ReadSingle(raw, field);
    JsonScanner scan(raw);
    if (!scan.Take('[')) {
      out_.append(raw);
      return Refuse("no array for a repeated field");
    }
    out_.push_back('[');
    if (!scan.Take(']')) {
      do {
        std::string_view element;
        scan.ReadValue(&element);
        if (element == "null") Refuse("null in an array");
        ReadSingle(element, field);
        out_.push_back(',');
      } while (scan.Take(','));
      out_.pop_back();
    }
    out_.push_back(']');
  }

  void ReadMap(std::string_view raw, const FieldDescriptor& value_field) {
    if (raw.front() != '{') {
      out_.append(raw);
      return Refuse("no object for a map");
    }
    std::set<std::string> keys;
    ForEachMember(raw, [&](std::string_view key, std::string_view value) {
      if (!keys.insert(UnescapeJsonString(key)).second) Refuse("a key given twice");
      if (value == "null") Refuse("null in a map");
      ReadSingle(value, value_field);
    });
  }

  void ReadSingle(std::string_view raw, const FieldDescriptor& field) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return ReadMessage(raw, *field.message_type());
      case FieldDescriptor::CPPTYPE_ENUM:
        return ReadEnum(raw, *field.enum_type());
      case FieldDescriptor::CPPTYPE_BOOL:
        if (raw.front() == '"') Refuse("a bool in quotes");
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        break;
      default:
        return ReadNumber(raw, field);
    }
    if (raw.front() == '[') Refuse("an array for a single value");
    out_.append(raw);
  }

  void ReadTime(std::string_view raw) {
    out_.append(raw);
    if (raw.front() != '"') return Refuse("a time that is not text");
    static const std::regex kTime(
        R"((\d{4}-\d\d-\d\d)T(\d\d):(\d\d):\d\d(\.\d{1,9})?(Z|([+-]\d\d):(\d\d)))");
    const std::string text = UnescapeJsonString(raw);
    std::smatch parts;
    if (!std::regex_match(text, parts, kTime)) return Refuse("a time in another form");
    const auto number = [&](size_t i) { return parts[i].matched ? std::stoi(parts[i]) : 0; };
    const int behind = parts[6].matched && parts[6].str().front() == '-' ? -1 : 1;
    const int minutes = number(2) * 60 + number(3) - number(6) * 60 - behind * number(7);
    if ((parts[1] == "0001-01-01" && minutes < 0) ||
        (parts[1] == "9999-12-31" && minutes >= 1440)) {
      Refuse("a time outside of the years 1 to 9999");
    }
  }

  void ReadEnum(std::string_view raw, const EnumDescriptor& type) {
    if (raw.front() != '"') {
      if (raw.front() == '[') Refuse("an array for a single value");
      if (!std::regex_match(std::string(raw), kNumber)) {
        out_.append(raw);
        return;
      }
      const std::optional<std::string> plain = PlainInteger(std::string(raw));
      if (!plain) return Refuse("a fraction for an enum");
      const long number = std::strtol(plain->c_str(), nullptr, 10);
      if (number >= INT32_MIN && number <= INT32_MAX &&
          type.FindValueByNumber(static_cast<int>(number)) == nullptr) {
        Refuse("an enum's number without a name");
      }
      out_.append(*plain);
      return;
    }
    const std::string name = UnescapeJsonString(raw);
    const std::string prefix = PrefixOf(type);
    for (int i = 0; i < type.value_count(); ++i) {
      const std::string& full = type.value(i)->name();
      if (absl::EqualsIgnoreCase(full, name) || absl::EqualsIgnoreCase(full, prefix + name)) {
        out_.append("\"").append(full).append("\"");
        return;
      }
    }
    out_.append(raw);
    Refuse("an enum's name that is none");
  }

  // "BRUSH_MODE_" of BrushMode: values of an enum begin with its name (the proto lint sees to it).
  static std::string PrefixOf(const EnumDescriptor& type) {
    std::string prefix;
    for (const char c : type.name()) {
      if (c >= 'A' && c <= 'Z' && !prefix.empty()) prefix.push_back('_');
      prefix.push_back(static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c));
    }
    return prefix + "_";
  }

  // Numbers may stand in quotes.
  void ReadNumber(std::string_view raw, const FieldDescriptor& field) {
    const bool quoted = raw.front() == '"';
    const std::string text = quoted ? UnescapeJsonString(raw) : std::string(raw);
    if (!std::regex_match(text, kNumber)) {
      out_.append(raw);
      const bool real = field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE ||
                        field.cpp_type() == FieldDescriptor::CPPTYPE_FLOAT;
      const bool named = text == "NaN" || text == "Infinity" || text == "-Infinity";
      if (quoted && !(real && named)) Refuse("text that is no number of JSON");
      if (raw.front() == '[') Refuse("an array for a single value");
      return;
    }
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE ||
        field.cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) {
      out_.append(text == "-0" ? "-0.0" : raw);  // which protobuf takes for an integer
      return;
    }
    // Protobuf reads what is not plain as a double, which rounds; and what is beyond 64 bits, so
    // that it takes -2^63 - 1 for -2^63.
    const std::optional<std::string> plain = PlainInteger(text);
    if (!plain) return Refuse("a fraction for an integer");
    out_.append(*plain);
    int64_t negative = 0;
    uint64_t positive = 0;
    if (!absl::SimpleAtoi(*plain, &negative) && !absl::SimpleAtoi(*plain, &positive)) {
      Refuse("an integer beyond 64 bits");
    }
  }

  // The digits of a number that is an integer; "1e40" stays as it is, far beyond any.
  static std::optional<std::string> PlainInteger(const std::string& text) {
    constexpr size_t kFar = 40;
    const size_t mark = std::min(text.find_first_of("eE"), text.size());
    std::string digits = text.substr(0, mark);
    const bool negative = digits.front() == '-';
    if (negative) digits.erase(0, 1);
    const size_t point = std::min(digits.find('.'), digits.size());
    const size_t decimals = digits.size() - std::min(digits.size(), point + 1);
    if (point < digits.size()) digits.erase(point, 1);
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
    if (digits.empty()) return negative ? "-0" : "0";
    long shift = mark < text.size() ? std::strtol(text.c_str() + mark + 1, nullptr, 10) : 0;
    shift = std::clamp(shift, -100'000'000L, 100'000'000L) - static_cast<long>(decimals);
    for (; shift < 0 && digits.back() == '0'; ++shift) digits.pop_back();
    if (shift < 0) return std::nullopt;
    if (static_cast<size_t>(shift) > kFar) return "1e40";
    digits.append(static_cast<size_t>(shift), '0');
    return (negative ? "-" : "") + digits;
  }

  std::string stricter_;
  std::string out_;
  int depth_ = 0;
};

// Equal to the byte: NaN is not equal to itself, and -0 is equal to 0.
bool Same(const Message& a, const Message& b) {
  return MessageDifferencer::Equals(a, b) || a.SerializeAsString() == b.SerializeAsString();
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = voxel::Utf8Length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool IsJson(std::string_view text) {
  JsonScanner scanner(text);
  std::string_view raw;
  return IsUtf8(text) && scanner.ReadValue(&raw) && scanner.AtEnd();
}

// Of our reader's answer.
std::string WithProtobuf(std::string_view text, const absl::Status& status, const Message& read) {
  if (!IsJson(text)) return status.ok() ? "what is not JSON is accepted" : "";
  if (voxel::ReasonOf(status) == "MALFORMED_MESSAGE") {
    return StrCat("JSON is called malformed: ", voxel::ToStd(status.message()));
  }
  IntendedDifferences differences;
  differences.ReadDocument(text, *read.GetDescriptor());
  if (!differences.stricter().empty()) {
    return status.ok() ? StrCat("accepted in spite of ", differences.stricter()) : "";
  }
  const std::unique_ptr<Message> theirs(read.New());
  const auto their_status =
      google::protobuf::util::JsonStringToMessage(differences.for_protobuf(), theirs.get());
  if (status.ok() != their_status.ok()) {
    return status.ok() ? StrCat("protobuf alone refuses: ", their_status.ToString())
                       : StrCat("protobuf alone accepts, we say: ", voxel::ToStd(status.message()));
  }
  if (status.ok() && !Same(read, *theirs)) {
    return StrCat("ours: ", read.ShortDebugString(), "; protobuf's: ", theirs->ShortDebugString());
  }
  return "";
}

}  // namespace

std::string JsonDisagreement(std::string_view text, const Message& type) {
  absl::Status first;
  const std::unique_ptr<Message> scalar(type.New());
  std::string out;
  int count = 0;
  const bool is_json = IsJson(text);
  WithEachSimdjson([&](const std::string& name) {
    if (simdjson::validate_utf8(text) != IsUtf8(text)) out = name + " errs about UTF-8";
    const std::unique_ptr<Message> read(type.New());
    const absl::Status status = JsonReader().Read(text, read.get());
    if (count++ == 0) {
      first = status;
      scalar->CopyFrom(*read);
      if (out.empty()) out = WithProtobuf(text, status, *read);
    } else if (status.ok() != first.ok() || (status.ok() && !Same(*read, *scalar)) ||
               (is_json && status != first)) {
      out = StrCat("scalar: ", first.ToString(), " ", scalar->ShortDebugString(), "; ", name, ": ",
                   status.ToString(), " ", read->ShortDebugString());
    }
  });
  return out;
}

int WithEachSimdjson(absl::FunctionRef<void(const std::string& name)> fn) {
  const simdjson::implementation* const before = simdjson::get_active_implementation();
  const auto& all = simdjson::get_available_implementations();
  int count = 0;
  const auto run = [&](const simdjson::implementation* implementation) {
    simdjson::get_active_implementation() = implementation;
    fn(implementation->name());
    ++count;
  };
  run(all["fallback"]);
  for (const simdjson::implementation* other : all) {
    if (other->name() == "fallback" || !other->supported_by_runtime_system()) continue;
    run(other);
  }
  simdjson::get_active_implementation() = before;
  return count;
}

}  // namespace voxeld
