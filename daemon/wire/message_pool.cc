#include "daemon/wire/message_pool.h"

#include <utility>

#include "voxel/base/plain_memory.h"

namespace voxeld {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::Reflection;

constexpr size_t kMaxPerType = 64;
constexpr size_t kMaxBytes = 64 << 10;

int64_t BytesOfNew(const Message& prototype) {
  const std::unique_ptr<Message> fresh(prototype.New());
  return static_cast<int64_t>(fresh->SpaceUsedLong());
}

}  // namespace

MessagePool::Type& MessagePool::TypeOf(const google::protobuf::Descriptor& descriptor) {
  std::unique_ptr<Type>& type = types_[&descriptor];
  if (type != nullptr) return *type;
  // In place before those of its fields: types may hold themselves.
  Type& made = *(type = std::make_unique<Type>());
  made.free.reserve(kMaxPerType);
  made.reflection = MessageFactory::generated_factory()->GetPrototype(&descriptor)->GetReflection();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor* field = descriptor.field(i);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    (field->is_repeated() ? made.lists : made.messages)
        .push_back({field, &TypeOf(*field->message_type())});
  }
  return made;
}

std::unique_ptr<Message> MessagePool::Take(const Message& prototype) {
  Message* kept = TakeNested(*prototype.GetDescriptor());
  return std::unique_ptr<Message>(kept != nullptr ? kept : prototype.New());
}

Message* MessagePool::TakeNested(const google::protobuf::Descriptor& descriptor) {
  Type& type = TypeOf(descriptor);
  counts_.Take(!type.free.empty());
  if (type.free.empty()) return nullptr;
  Message* message = type.free.back().release();
  type.free.pop_back();
  counts_.Keep(-1, -type.bytes);
  return message;
}

void MessagePool::Empty(Message& message, const Type& type) {
  const Reflection& reflection = *type.reflection;
  for (const auto& [field, inner] : type.messages) {
    std::unique_ptr<Message> held(reflection.ReleaseMessage(&message, field));
    if (held != nullptr) Keep(std::move(held), *inner);
  }
  for (const auto& [field, inner] : type.lists) {
    if (inner->messages.empty() && inner->lists.empty()) continue;
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      Empty(*reflection.MutableRepeatedMessage(&message, field, i), *inner);
    }
  }
}

void MessagePool::Keep(std::unique_ptr<Message> message, Type& type) {
  Empty(*message, type);
  if (type.free.size() >= kMaxPerType) return;
  if (type.bytes == 0) type.bytes = BytesOfNew(*message);
  message->Clear();
  type.free.push_back(std::move(message));
  counts_.Keep(1, type.bytes);
}

void MessagePool::Give(std::unique_ptr<Message> message, size_t bytes) {
  if (message == nullptr || bytes > kMaxBytes || voxel::PlainMemory()) return;
  Type& type = TypeOf(*message->GetDescriptor());
  Keep(std::move(message), type);
}

size_t MessagePool::Trim() {
  size_t count = 0;
  for (auto& [descriptor, type] : types_) {
    const size_t kept = type->free.size();
    count += kept;
    counts_.Keep(-static_cast<int64_t>(kept), -static_cast<int64_t>(kept) * type->bytes);
    type->free.clear();
  }
  return count;
}

}  // namespace voxeld
