#include "daemon/wire/json_message_reader.h"

#include <limits>
#include <optional>
#include <type_traits>
#include <unordered_set>
#include <utility>

#include "daemon/wire/base64.h"
#include "daemon/wire/json_number.h"
#include "daemon/wire/json_shown.h"
#include "daemon/wire/json_string.h"
#include "daemon/wire/json_timestamp.h"
#include "google/protobuf/reflection.h"
#include "google/protobuf/timestamp.pb.h"
#include "voxel/base/check.h"
#include "voxel/base/error.h"
#include "voxel/base/short_text.h"
#include "voxel/base/status_macros.h"

namespace voxeld {
namespace {

namespace od = simdjson::ondemand;
using google::protobuf::Message;
using google::protobuf::Reflection;
using voxel::Error;
using voxel::Reason;
using voxel::ShortText;

constexpr size_t kMaxDepth = 64;

template <typename T>
ShortText AcceptedNumber() {
  if constexpr (std::is_floating_point_v<T>) {
    return ShortText(std::is_same_v<T, float> ? "a number that fits in a float"
                                              : "a finite number");
  } else {
    return ShortText("an integer in [", std::numeric_limits<T>::min(), ", ",
                     std::numeric_limits<T>::max(), "]");
  }
}

template <typename T>
std::optional<T> ParseNumber(std::string_view text) {
  using Limits = std::numeric_limits<T>;
  if constexpr (std::is_same_v<T, double>) {
    return ParseDouble(text);
  } else if constexpr (std::is_same_v<T, float>) {
    return ParseFloat(text);
  } else if constexpr (std::is_signed_v<T>) {
    const auto value = ParseInteger(text, Limits::min(), Limits::max());
    return value ? std::optional<T>(static_cast<T>(*value)) : std::nullopt;
  } else {
    const auto value = ParseUnsigned(text, Limits::max());
    return value ? std::optional<T>(static_cast<T>(*value)) : std::nullopt;
  }
}

// The values JSON numbers cannot express; proto3 JSON has them as strings.
template <typename T>
std::optional<T> ParseSpecial(std::string_view text) {
  if constexpr (std::is_floating_point_v<T>) {
    if (text == "NaN") return std::numeric_limits<T>::quiet_NaN();
    if (text == "Infinity") return std::numeric_limits<T>::infinity();
    if (text == "-Infinity") return -std::numeric_limits<T>::infinity();
  }
  return std::nullopt;
}

void SetField(Message* message, const FieldSchema& field, int32_t value) {
  if (field.kind == JsonKind::kEnum) {
    field.reflection->SetEnumValue(message, field.descriptor, value);
  } else {
    field.reflection->SetInt32(message, field.descriptor, value);
  }
}
void SetField(Message* message, const FieldSchema& field, int64_t value) {
  field.reflection->SetInt64(message, field.descriptor, value);
}
void SetField(Message* message, const FieldSchema& field, uint32_t value) {
  field.reflection->SetUInt32(message, field.descriptor, value);
}
void SetField(Message* message, const FieldSchema& field, uint64_t value) {
  field.reflection->SetUInt64(message, field.descriptor, value);
}
void SetField(Message* message, const FieldSchema& field, float value) {
  field.reflection->SetFloat(message, field.descriptor, value);
}
void SetField(Message* message, const FieldSchema& field, double value) {
  field.reflection->SetDouble(message, field.descriptor, value);
}
void SetField(Message* message, const FieldSchema& field, bool value) {
  field.reflection->SetBool(message, field.descriptor, value);
}

// Sets a string field, in the memory of the string it had before where that is still there: cleared
// messages keep theirs.
void SetText(Message* message, const FieldSchema& field, std::string_view text) {
  const Reflection* reflection = field.reflection;
  if (!field.keeps_text) {
    return reflection->SetString(message, field.descriptor, std::string(text));
  }
  std::string unused;
  const std::string& held = reflection->GetStringReference(*message, field.descriptor, &unused);
  if (&held == field.default_text) {
    return reflection->SetString(message, field.descriptor, std::string(text));
  }
  // Reflection has no other way to assign to a string; the message itself is not const.
  const_cast<std::string&>(held).assign(text);
}

// Of a repeated field, which reflection's own interface reaches by a virtual call for each element.
template <typename T>
google::protobuf::RepeatedField<T>& MutableNumbers(Message* message, const FieldSchema& field) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  return *field.reflection->MutableRepeatedField<T>(message, field.descriptor);
#pragma GCC diagnostic pop
}

const char* SkipBlanks(const char* at) {
  while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r') ++at;
  return at;
}

}  // namespace

// Puts a field on the path for as long as it lives.
class JsonMessageReader::StepScope {
 public:
  StepScope(std::vector<Step>* path, const FieldSchema* field) : path_(path) {
    path_->emplace_back().field = field;
  }
  ~StepScope() { path_->pop_back(); }
  StepScope(const StepScope&) = delete;

 private:
  std::vector<Step>* const path_;
};

absl::Status JsonMessageReader::ReadDocument(const MessageSchema& schema, Message* message) {
  path_.clear();  // the last text may have ended with an error
  std::string_view first;
  if (const auto error = parser_->document().raw_json_token().get(first)) return Malformed(error);
  if (!first.starts_with('{')) {
    if (first.starts_with('[') || IsJsonToken(TrimSpace(first))) {
      return Error(Reason::INVALID_FIELD,
                   ShortText(ShownJson(TrimSpace(first)), " is not an object with the fields of ",
                             schema.descriptor->name(), ": ", schema.AcceptedNames()));
    }
    return Malformed(simdjson::TAPE_ERROR);
  }
  od::object object;
  if (const auto error = parser_->document().get_object().get(object)) return Malformed(error);
  VOXEL_RETURN_IF_ERROR(ReadObject(object, schema, message));
  return parser_->AtEnd() ? absl::OkStatus() : Malformed(simdjson::TAPE_ERROR);
}

absl::Status JsonMessageReader::ReadObject(od::object object, const MessageSchema& schema,
                                           Message* message) {
  if (path_.size() >= kMaxDepth) {
    return Error(Reason::INVALID_FIELD, ShortText("objects are nested deeper than ", kMaxDepth),
                 Path());
  }
  uint64_t seen = 0;
  for (auto member : object) {
    od::field json;
    if (const auto error = std::move(member).get(json)) return Malformed(error);
    std::string_view name;
    if (const auto error = json.unescaped_key().get(name)) return Malformed(error);
    const FieldSchema* field = schema.Find(name);
    if (field == nullptr) return UnknownField(name, schema);
    const StepScope step(&path_, field);
    const uint64_t bit = uint64_t{1} << field->index;
    if (seen & bit) {
      return Error(Reason::INVALID_FIELD, ShortText("\"", Path(), "\" is given twice"), Path());
    }
    seen |= bit;
    VOXEL_RETURN_IF_ERROR(ReadField(json.value(), *field, message));
  }
  return absl::OkStatus();
}

absl::Status JsonMessageReader::ReadField(Value value, const FieldSchema& field, Message* message) {
  bool null = false;
  if (const auto error = value.is_null().get(null); error != simdjson::SUCCESS) {
    return BadValue(TokenOf(value), "a value");
  }
  if (null) return absl::OkStatus();
  if (field.oneof != nullptr && field.reflection->HasOneof(*message, field.oneof)) {
    const auto* other = field.reflection->GetOneofFieldDescriptor(*message, field.oneof);
    return Error(Reason::INVALID_FIELD,
                 ShortText("\"", Path(), "\" cannot stand beside \"", other->name(),
                           "\": only one of them may be given"),
                 Path());
  }
  if (field.map) return ReadMap(value, field, message);
  if (field.repeated) return ReadRepeated(value, field, message);
  return ReadSingular(value, field, message);
}

absl::Status JsonMessageReader::ReadSingular(Value value, const FieldSchema& field,
                                             Message* message) {
  switch (field.kind) {
    case JsonKind::kInt32:
    case JsonKind::kEnum:
      return ReadAndSet<int32_t>(value, field, message);
    case JsonKind::kInt64:
      return ReadAndSet<int64_t>(value, field, message);
    case JsonKind::kUint32:
      return ReadAndSet<uint32_t>(value, field, message);
    case JsonKind::kUint64:
      return ReadAndSet<uint64_t>(value, field, message);
    case JsonKind::kFloat:
      return ReadAndSet<float>(value, field, message);
    case JsonKind::kDouble:
      return ReadAndSet<double>(value, field, message);
    case JsonKind::kBool:
      return ReadAndSet<bool>(value, field, message);
    case JsonKind::kString:
    case JsonKind::kBytes:
      return ReadText(value, field, message);
    case JsonKind::kMessage:
    case JsonKind::kTimestamp:
      break;
  }
  // There is none yet: nothing is read twice.
  Message* nested =
      pool_ != nullptr ? pool_->TakeNested(*field.descriptor->message_type()) : nullptr;
  if (nested != nullptr) {
    field.reflection->SetAllocatedMessage(message, nested, field.descriptor);
  } else {
    nested = field.reflection->MutableMessage(message, field.descriptor);
  }
  return ReadNested(value, field, nested);
}

absl::Status JsonMessageReader::ReadText(Value value, const FieldSchema& field, Message* message) {
  if (field.kind == JsonKind::kBytes) {
    VOXEL_RETURN_IF_ERROR(ReadBytes(value, &scratch_));
    SetText(message, field, scratch_);
    return absl::OkStatus();
  }
  std::string_view text;
  VOXEL_RETURN_IF_ERROR(ReadString(value, "a string", &text));
  SetText(message, field, text);
  return absl::OkStatus();
}

absl::Status JsonMessageReader::ReadNested(Value value, const FieldSchema& field, Message* nested) {
  if (field.kind == JsonKind::kTimestamp) return ReadTimestamp(value, nested);
  const std::string_view token = TokenOf(value);
  if (!token.starts_with('{')) {
    return BadValue(
        token, ShortText("an object with the fields of ", field.message->descriptor->name(), ": ",
                         field.message->AcceptedNames()));
  }
  od::object object;
  if (const auto error = value.get_object().get(object)) return Malformed(error);
  return ReadObject(object, *field.message, nested);
}

absl::Status JsonMessageReader::ReadRepeated(Value value, const FieldSchema& field,
                                             Message* message) {
  const std::string_view token = TokenOf(value);
  if (!token.starts_with('[')) return BadValue(token, "an array");
  const std::string_view text = parser_->From(token.data());
  bool plain = false;
  if (field.kind == JsonKind::kInt32) plain = ReadPlainIntegers<int32_t>(text, field, message);
  if (field.kind == JsonKind::kUint32) plain = ReadPlainIntegers<uint32_t>(text, field, message);
  od::array array;
  if (const auto error = value.get_array().get(array)) return Malformed(error);
  if (plain) {
    std::string_view skipped;
    if (const auto error = array.raw_json().get(skipped)) return Malformed(error);
    return absl::OkStatus();
  }
  switch (field.kind) {
    case JsonKind::kInt32:
    case JsonKind::kEnum:
      return ReadElements<int32_t>(array, field, message);
    case JsonKind::kInt64:
      return ReadElements<int64_t>(array, field, message);
    case JsonKind::kUint32:
      return ReadElements<uint32_t>(array, field, message);
    case JsonKind::kUint64:
      return ReadElements<uint64_t>(array, field, message);
    case JsonKind::kFloat:
      return ReadElements<float>(array, field, message);
    case JsonKind::kDouble:
      return ReadElements<double>(array, field, message);
    case JsonKind::kBool:
      return ReadElements<bool>(array, field, message);
    case JsonKind::kString:
    case JsonKind::kBytes:
      return ReadElements<std::string>(array, field, message);
    case JsonKind::kMessage:
    case JsonKind::kTimestamp:
      break;
  }
  return ReadMessages(array, field, message);
}

absl::Status JsonMessageReader::ReadMessages(od::array array, const FieldSchema& field,
                                             Message* message) {
  const size_t at = path_.size() - 1;  // not a reference: nested steps may move the path
  for (auto element : array) {
    ++path_[at].index;
    Value value;
    if (const auto error = std::move(element).get(value)) return Malformed(error);
    Message* added = field.reflection->AddMessage(message, field.descriptor);
    VOXEL_RETURN_IF_ERROR(ReadNested(value, field, added));
  }
  path_[at].index = -1;
  return absl::OkStatus();
}

absl::Status JsonMessageReader::ReadMap(Value value, const FieldSchema& field, Message* message) {
  const std::string_view token = TokenOf(value);
  if (!token.starts_with('{')) return BadValue(token, "an object of keys and values");
  od::object object;
  if (const auto error = value.get_object().get(object)) return Malformed(error);
  const Reflection* reflection = field.reflection;
  const size_t at = path_.size() - 1;
  std::unordered_set<std::string_view> keys;
  for (auto member : object) {
    od::field json;
    if (const auto error = std::move(member).get(json)) return Malformed(error);
    std::string_view key;
    if (const auto error = json.unescaped_key().get(key)) return Malformed(error);
    path_[at].map_key = key;
    if (!simdjson::validate_utf8(key)) return Malformed(simdjson::UTF8_ERROR);
    if (!keys.insert(key).second) {
      return Error(Reason::INVALID_FIELD, ShortText(Path(), ": the key is given twice"), Path());
    }
    Message* entry = reflection->AddMessage(message, field.descriptor);
    SetText(entry, field.message->fields[0], key);
    VOXEL_RETURN_IF_ERROR(ReadSingular(json.value(), field.message->fields[1], entry));
  }
  path_[at].map_key.reset();
  return absl::OkStatus();
}

template <typename T>
absl::Status JsonMessageReader::ReadAndSet(Value value, const FieldSchema& field,
                                           Message* message) {
  T read{};
  VOXEL_RETURN_IF_ERROR(ReadScalar(value, field, &read));
  SetField(message, field, std::move(read));
  return absl::OkStatus();
}

// The text is followed by simdjson's padding, so that looking one character on is always allowed.
template <typename T>
bool JsonMessageReader::ReadPlainIntegers(std::string_view text, const FieldSchema& field,
                                          Message* message) {
  constexpr int kMostDigits = 10;  // of 32 bits
  auto& numbers = MutableNumbers<T>(message, field);
  const int before = numbers.size();
  const char* at = SkipBlanks(text.data() + 1);
  for (bool more = *at != ']'; more;) {
    const bool negative = *at == '-';
    at += negative ? 1 : 0;
    const char* const digits = at;
    int64_t value = 0;
    while (static_cast<unsigned char>(*at - '0') < 10 && at - digits <= kMostDigits) {
      value = value * 10 + (*at++ - '0');
    }
    const auto length = at - digits;
    if (negative) value = -value;
    const bool good = length > 0 && length <= kMostDigits && (length == 1 || *digits != '0') &&
                      std::in_range<T>(value);
    at = SkipBlanks(at);
    more = *at == ',';
    if (!good || (!more && *at != ']')) {
      numbers.Truncate(before);
      return false;
    }
    numbers.Add(static_cast<T>(value));
    if (more) at = SkipBlanks(at + 1);
  }
  return at < text.data() + text.size();
}

template <typename T>
absl::Status JsonMessageReader::ReadElements(od::array array, const FieldSchema& field,
                                             Message* message) {
  Step& step = path_.back();  // scalars add no steps
  auto elements = field.reflection->GetMutableRepeatedFieldRef<T>(message, field.descriptor);
  T read{};
  for (auto element : array) {
    ++step.index;
    Value value;
    if (const auto error = std::move(element).get(value)) return Malformed(error);
    VOXEL_RETURN_IF_ERROR(ReadScalar(value, field, &read));
    elements.Add(read);
  }
  step.index = -1;
  return absl::OkStatus();
}

template <typename T>
absl::Status JsonMessageReader::ReadScalar(Value& value, const FieldSchema& field, T* out) {
  if constexpr (std::is_same_v<T, bool>) {
    return ReadBool(value, out);
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (field.kind == JsonKind::kBytes) return ReadBytes(value, out);
    std::string_view text;
    VOXEL_RETURN_IF_ERROR(ReadString(value, "a string", &text));
    *out = text;
    return absl::OkStatus();
  } else {
    if constexpr (std::is_same_v<T, int32_t>) {
      if (field.kind == JsonKind::kEnum) {
        return ReadEnum(value, field, out);
      }
    }
    return ReadNumber(value, out);
  }
}

template <typename T>
absl::Status JsonMessageReader::ReadNumber(Value& value, T* out) {
  if constexpr (std::is_integral_v<T>) {
    // Nearly all numbers; the rest is read again, from their text.
    const std::string_view token = value.raw_json_token();
    int64_t wide = 0;
    if (value.get_int64().get(wide) == simdjson::SUCCESS) {
      if (!std::in_range<T>(wide)) return BadValue(TrimSpace(token), AcceptedNumber<T>());
      *out = static_cast<T>(wide);
      return absl::OkStatus();
    }
  }
  const std::string_view token = TokenOf(value);
  std::string_view text = token;
  if (token.starts_with('"')) {
    VOXEL_RETURN_IF_ERROR(ReadString(value, AcceptedNumber<T>(), &text));
    if (const std::optional<T> special = ParseSpecial<T>(text)) {
      *out = *special;
      return absl::OkStatus();
    }
  }
  const std::optional<T> number = ParseNumber<T>(text);
  if (!number) return BadValue(token, AcceptedNumber<T>());
  *out = *number;
  return absl::OkStatus();
}

absl::Status JsonMessageReader::ReadBool(Value& value, bool* out) {
  if (value.get_bool().get(*out) == simdjson::SUCCESS) return absl::OkStatus();
  return BadValue(TokenOf(value), "true or false");
}

absl::Status JsonMessageReader::ReadEnum(Value& value, const FieldSchema& field, int32_t* out) {
  const google::protobuf::EnumDescriptor& type = *field.descriptor->enum_type();
  const std::string_view token = TokenOf(value);
  std::optional<int> number;
  if (token.starts_with('"')) {
    std::string_view name;
    VOXEL_RETURN_IF_ERROR(ReadString(value, "a name", &name));
    number = FindEnumNumber(field, name);
  } else if (const auto given = ParseNumber<int32_t>(token)) {
    if (type.FindValueByNumber(*given) != nullptr) number = *given;
  }
  if (!number) return BadValue(token, ShortText("one of ", AcceptedEnumNames(type)));
  *out = *number;
  return absl::OkStatus();
}

absl::Status JsonMessageReader::ReadBytes(Value& value, std::string* out) {
  constexpr std::string_view kAccepted = "base64, in a string";
  const std::string_view token = TokenOf(value);
  std::string_view text;
  VOXEL_RETURN_IF_ERROR(ReadString(value, kAccepted, &text));
  return ParseBase64(text, out) ? absl::OkStatus() : BadValue(token, kAccepted);
}

absl::Status JsonMessageReader::ReadTimestamp(Value& value, Message* out) {
  constexpr std::string_view kAccepted = "a time such as \"2026-01-31T12:00:00Z\"";
  const std::string_view token = TokenOf(value);
  std::string_view text;
  VOXEL_RETURN_IF_ERROR(ReadString(value, kAccepted, &text));
  auto* timestamp = google::protobuf::DynamicCastToGenerated<google::protobuf::Timestamp>(out);
  VOXEL_CHECK(timestamp != nullptr);
  return ParseTimestamp(text, timestamp) ? absl::OkStatus() : BadValue(token, kAccepted);
}

absl::Status JsonMessageReader::ReadString(Value& value, std::string_view accepted,
                                           std::string_view* out) {
  const std::string_view token = TokenOf(value);
  if (!token.starts_with('"')) return BadValue(token, accepted);
  if (const auto error = value.get_string().get(*out)) return Malformed(error);
  // simdjson checks the text's UTF-8, but lets some escaped surrogates through.
  if (!simdjson::validate_utf8(*out)) return Malformed(simdjson::UTF8_ERROR);
  return absl::OkStatus();
}

absl::Status JsonMessageReader::Malformed(simdjson::error_code error) {
  return Error(Reason::MALFORMED_MESSAGE, ShortText("not valid JSON: ", parser_->Describe(error)),
               Path());
}

absl::Status JsonMessageReader::BadValue(std::string_view token, std::string_view accepted) {
  if (!IsJsonToken(token)) {
    return Error(Reason::MALFORMED_MESSAGE,
                 ShortText("not valid JSON: at byte ", parser_->OffsetOf(token), ", \"",
                           Utf8Prefix(token, kShownBytes), "\" is no value"),
                 Path());
  }
  return Error(Reason::INVALID_FIELD,
               ShortText(Path(), ": ", ShownJson(token), " is not ", accepted), Path());
}

absl::Status JsonMessageReader::UnknownField(std::string_view name, const MessageSchema& schema) {
  ShortText path(Path());
  if (!path.view().empty()) path.Append('.');
  path.Append(Utf8Prefix(name, kShownBytes));
  ShortText message("unknown field \"", path, "\"; ");
  if (const std::string_view similar = schema.Similar(name); !similar.empty()) {
    message.Append(ShortText("did you mean \"", similar, "\"? "));
  }
  message.Append(schema.descriptor->name());
  message.Append(schema.fields.empty() ? " has no fields" : " has: ");
  schema.AppendNames(&message);
  return Error(Reason::UNKNOWN_FIELD, message, path);
}

ShortText JsonMessageReader::Path() const {
  ShortText out;
  for (const Step& step : path_) {
    if (&step != &path_.front()) out.Append('.');
    out.Append(step.field->descriptor->name());
    if (step.index >= 0) out.Append(ShortText("[", step.index, "]"));
    if (step.map_key) out.Append(ShortText("[\"", Utf8Prefix(*step.map_key, kShownBytes), "\"]"));
  }
  return out;
}

}  // namespace voxeld
