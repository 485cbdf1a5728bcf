#include "daemon/net/json_call_pool.h"

#include <optional>
#include <utility>

#include "voxel/base/plain_memory.h"

namespace voxeld {

namespace {

constexpr auto kJsonCallBytes = static_cast<int64_t>(sizeof(JsonCall));

}  // namespace

std::unique_ptr<JsonCall> JsonCallPool::Take(std::string_view id, const Method* method) {
  std::unique_ptr<JsonCall> call;
  counts_.Take(!free_.empty());
  if (free_.empty()) {
    call = std::make_unique<JsonCall>();
    Count(1, 1);
  } else {
    call = std::move(free_.back());
    free_.pop_back();
    Keep(-1);
    Count(0, 1);
  }
  call->Begin(id, method);
  return call;
}

void JsonCallPool::Give(std::unique_ptr<JsonCall> call) {
  counts_.Give();
  if (const std::optional<AreaCounts::Use> use = call->AnswerUse()) answers_.Ended(*use);
  if (free_.size() == kMost || voxel::PlainMemory()) return Count(-1, -1);
  call->Recycle();
  free_.push_back(std::move(call));
  Keep(1);
  Count(0, -1);
}

void JsonCallPool::Forget(size_t calls) {
  const auto count = static_cast<int64_t>(calls);
  counts_.Give(count);
  Count(-count, -count);
}

size_t JsonCallPool::Trim() {
  const size_t count = free_.size();
  free_.clear();
  Keep(-static_cast<int64_t>(count));
  Count(-static_cast<int64_t>(count), 0);
  return count;
}

void JsonCallPool::Count(int64_t calls, int64_t in_use) {
  gauge_->Add(calls * kJsonCallBytes, in_use * kJsonCallBytes);
}

void JsonCallPool::Keep(int64_t calls) { counts_.Keep(calls, calls * kJsonCallBytes); }

}  // namespace voxeld
