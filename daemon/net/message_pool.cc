#include "daemon/net/message_pool.h"

namespace voxeld {
namespace {

constexpr size_t kMaxPerType = 32;
constexpr size_t kMaxBytes = 64 << 10;

}  // namespace

std::unique_ptr<google::protobuf::Message> MessagePool::Take(
    const google::protobuf::Message& prototype) {
  auto& free = free_[prototype.GetDescriptor()];
  if (free.empty()) return std::unique_ptr<google::protobuf::Message>(prototype.New());
  auto message = std::move(free.back());
  free.pop_back();
  return message;
}

void MessagePool::Give(std::unique_ptr<google::protobuf::Message> message, size_t bytes) {
  if (message == nullptr || bytes > kMaxBytes) return;
  auto& free = free_[message->GetDescriptor()];
  if (free.size() >= kMaxPerType) return;
  message->Clear();
  free.push_back(std::move(message));
}

}  // namespace voxeld
