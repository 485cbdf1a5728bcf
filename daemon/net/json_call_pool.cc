#include "daemon/net/json_call_pool.h"

#include <utility>

#include "voxel/base/plain_memory.h"

namespace voxeld {

std::unique_ptr<JsonCall> JsonCallPool::Take(std::string_view id, const Method* method) {
  if (free_.empty()) {
    free_.push_back(std::make_unique<JsonCall>());
    ++calls_;
  }
  std::unique_ptr<JsonCall> call = std::move(free_.back());
  free_.pop_back();
  Count();
  call->Begin(id, method);
  return call;
}

void JsonCallPool::Give(std::unique_ptr<JsonCall> call) {
  if (free_.size() == kMost || voxel::PlainMemory()) {
    --calls_;
  } else {
    call->Recycle();
    free_.push_back(std::move(call));
  }
  Count();
}

void JsonCallPool::Forget(size_t calls) {
  calls_ -= calls;
  Count();
}

void JsonCallPool::Count() {
  gauge_->Set(static_cast<int64_t>(calls_ * sizeof(JsonCall)),
              static_cast<int64_t>((calls_ - free_.size()) * sizeof(JsonCall)));
}

size_t JsonCallPool::Trim() {
  const size_t count = free_.size();
  free_.clear();
  calls_ -= count;
  Count();
  return count;
}

}  // namespace voxeld
