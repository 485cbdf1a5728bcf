#include "daemon/wire/message_pool.h"

#include <utility>

#include "voxel/base/plain_memory.h"

namespace voxeld {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kMaxPerType = 32;
constexpr size_t kMaxBytes = 64 << 10;

}  // namespace

MessagePool::Type& MessagePool::TypeOf(const google::protobuf::Descriptor& descriptor) {
  std::unique_ptr<Type>& type = types_[&descriptor];
  if (type != nullptr) return *type;
  type = std::make_unique<Type>();
  type->free.reserve(kMaxPerType);
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor* field = descriptor.field(i);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    (field->is_repeated() ? type->lists : type->messages).push_back(field);
  }
  return *type;
}

std::unique_ptr<Message> MessagePool::Take(const Message& prototype) {
  Message* kept = TakeNested(*prototype.GetDescriptor());
  return std::unique_ptr<Message>(kept != nullptr ? kept : prototype.New());
}

Message* MessagePool::TakeNested(const google::protobuf::Descriptor& descriptor) {
  Type& type = TypeOf(descriptor);
  if (type.free.empty()) return nullptr;
  Message* message = type.free.back().release();
  type.free.pop_back();
  return message;
}

void MessagePool::Empty(Message& message, const Type& type) {
  const auto* reflection = message.GetReflection();
  for (const Field* field : type.messages) {
    if (!reflection->HasField(message, field)) continue;
    Type& inner = TypeOf(*field->message_type());
    Keep(std::unique_ptr<Message>(reflection->ReleaseMessage(&message, field)), inner);
  }
  for (const Field* field : type.lists) {
    const Type& inner = TypeOf(*field->message_type());
    if (inner.messages.empty() && inner.lists.empty()) continue;
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      Empty(*reflection->MutableRepeatedMessage(&message, field, i), inner);
    }
  }
}

void MessagePool::Keep(std::unique_ptr<Message> message, Type& type) {
  Empty(*message, type);
  if (type.free.size() >= kMaxPerType) return;
  message->Clear();
  type.free.push_back(std::move(message));
}

void MessagePool::Give(std::unique_ptr<Message> message, size_t bytes) {
  if (message == nullptr || bytes > kMaxBytes || voxel::PlainMemory()) return;
  Type& type = TypeOf(*message->GetDescriptor());
  Keep(std::move(message), type);
}

size_t MessagePool::Trim() {
  size_t count = 0;
  for (auto& [descriptor, type] : types_) {
    count += type->free.size();
    type->free.clear();
  }
  return count;
}

}  // namespace voxeld
