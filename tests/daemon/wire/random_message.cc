#include "tests/daemon/wire/random_message.h"

#include <limits>
#include <string>

#include "google/protobuf/timestamp.pb.h"
#include "voxeld/v1/admin.pb.h"
#include "voxeld/v1/common.pb.h"
#include "voxeld/v1/edit.pb.h"
#include "voxeld/v1/error.pb.h"
#include "voxeld/v1/history.pb.h"
#include "voxeld/v1/inspect.pb.h"
#include "voxeld/v1/layer.pb.h"
#include "voxeld/v1/mask.pb.h"
#include "voxeld/v1/project.pb.h"
#include "voxeld/v1/render.pb.h"
#include "voxeld/v1/transfer.pb.h"
#include "voxeld/v1/voxel.pb.h"

namespace voxeld {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;

class Filler {
 public:
  explicit Filler(std::mt19937_64& random) : random_(random) {}

  void Fill(Message* message) {
    if (message->GetDescriptor() == Timestamp::descriptor()) return FillTime(message);
    const Descriptor* type = message->GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      if (Below(2) == 0 || (field->message_type() != nullptr && depth_ == kMaxDepth)) continue;
      const uint64_t count = field->is_repeated() ? Below(4) : 1;
      ++depth_;
      for (uint64_t n = 0; n < count; ++n) FillField(message, field, n);
      --depth_;
    }
  }

 private:
  static constexpr int kMaxDepth = 5;  // messages may hold themselves

  uint64_t Below(uint64_t limit) { return random_() % limit; }

  template <typename T>
  T Integer() {
    switch (Below(4)) {
      case 0:
        return std::numeric_limits<T>::max();
      case 1:
        return std::numeric_limits<T>::min();
      case 2:
        return static_cast<T>(Below(100));
      default:
        return static_cast<T>(random_());
    }
  }

  double Real() {
    static constexpr double kValues[] = {0.1, 2.0, 1e300, 5e-324, 123456789.25, -1.0 / 3, 1e15};
    return kValues[Below(std::size(kValues))];
  }

  float Single() {
    static constexpr float kValues[] = {0.1f, 16777217.0f, 3.4028235e38f, 1e-45f, -2.5f};
    return kValues[Below(std::size(kValues))];
  }

  std::string Text() {
    static const char* const kPieces[] = {"",   "a",      "castle", "\"",   "\\", "/",         "\n",
                                          "\t", "\u20ac", "\x01",   "\x7f", "]}", "\U0001F3F0"};
    std::string out;
    for (uint64_t i = Below(6); i > 0; --i) out += kPieces[Below(std::size(kPieces))];
    if (Below(8) == 0) out.push_back('\0');
    return out;
  }

  std::string Bytes() {
    std::string out;
    for (uint64_t i = Below(20); i > 0; --i) out.push_back(static_cast<char>(random_()));
    return out;
  }

  void FillTime(Message* message) {
    auto* time = static_cast<Timestamp*>(message);
    time->set_seconds(static_cast<int64_t>(Below(315'537'897'600)) - 62'135'596'800);
    static constexpr int32_t kNanos[] = {0, 1, 1'000, 250'000'000, 999'999'999};
    time->set_nanos(kNanos[Below(std::size(kNanos))]);
  }

  void FillField(Message* message, const FieldDescriptor* field, uint64_t index);
  template <typename T>
  void Put(Message* message, const FieldDescriptor* field, T value,
           void (Reflection::*set)(Message*, const FieldDescriptor*, T) const,
           void (Reflection::*add)(Message*, const FieldDescriptor*, T) const) {
    (message->GetReflection()->*(field->is_repeated() ? add : set))(message, field,
                                                                    std::move(value));
  }

  std::mt19937_64& random_;
  int depth_ = 0;
};

void Filler::FillField(Message* message, const FieldDescriptor* field, uint64_t index) {
  const Reflection* reflection = message->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return Put(message, field, Integer<int32_t>(), &Reflection::SetInt32, &Reflection::AddInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return Put(message, field, Integer<int64_t>(), &Reflection::SetInt64, &Reflection::AddInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return Put(message, field, Integer<uint32_t>(), &Reflection::SetUInt32,
                 &Reflection::AddUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return Put(message, field, Integer<uint64_t>(), &Reflection::SetUInt64,
                 &Reflection::AddUInt64);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Put(message, field, Single(), &Reflection::SetFloat, &Reflection::AddFloat);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Put(message, field, Real(), &Reflection::SetDouble, &Reflection::AddDouble);
    case FieldDescriptor::CPPTYPE_BOOL:
      return Put(message, field, Below(2) == 0, &Reflection::SetBool, &Reflection::AddBool);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* type = field->enum_type();
      const auto* value = type->value(static_cast<int>(Below(type->value_count())));
      return Put(message, field, value->number(), &Reflection::SetEnumValue,
                 &Reflection::AddEnumValue);
    }
    case FieldDescriptor::CPPTYPE_STRING:
      return Put(message, field, field->type() == FieldDescriptor::TYPE_BYTES ? Bytes() : Text(),
                 &Reflection::SetString, &Reflection::AddString);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  Message* nested = field->is_repeated() ? reflection->AddMessage(message, field)
                                         : reflection->MutableMessage(message, field);
  Fill(nested);
  if (!field->is_map()) return;
  const FieldDescriptor* key = field->message_type()->map_key();
  const std::string unique = std::to_string(index) + Text();
  nested->GetReflection()->SetString(nested, key, unique);
}

}  // namespace

void FillRandomly(std::mt19937_64& random, Message* message) { Filler(random).Fill(message); }

std::vector<std::unique_ptr<Message>> EveryApiMessage() {
  const FileDescriptor* const kFiles[] = {
      v1::PingRequest::descriptor()->file(),   v1::Box::descriptor()->file(),
      v1::Edit::descriptor()->file(),          v1::ErrorInfo::descriptor()->file(),
      v1::UndoRequest::descriptor()->file(),   v1::SummarizeRequest::descriptor()->file(),
      v1::Layer::descriptor()->file(),         v1::Mask::descriptor()->file(),
      v1::Project::descriptor()->file(),       v1::ViewSpec::descriptor()->file(),
      v1::ImportRequest::descriptor()->file(), v1::ApplyEditsRequest::descriptor()->file()};
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  std::vector<std::unique_ptr<Message>> out;
  for (const FileDescriptor* file : kFiles) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      out.emplace_back(factory->GetPrototype(file->message_type(i))->New());
    }
  }
  return out;
}

}  // namespace voxeld
