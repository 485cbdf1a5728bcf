#include "daemon/store/reclaimer.h"

#include <chrono>
#include <utility>

namespace voxeld {
namespace {

constexpr std::chrono::milliseconds kSlice{2};  // then other tasks get their turn

}  // namespace

void Reclaimer::Drop(voxel::RefPtr<const voxel::Document> document) {
  absl::MutexLock lock(&mu_);
  if (pool_ == nullptr) return;  // freed by the caller, as the argument ends
  garbage_.push_back(std::move(document));
  if (task_posted_) return;
  task_posted_ = true;
  pool_->Post([self = shared_from_this()] { self->FreeSome(); });
}

void Reclaimer::Detach() {
  Documents garbage;  // outlives the lock
  absl::MutexLock lock(&mu_);
  pool_ = nullptr;
  garbage.swap(garbage_);
}

size_t Reclaimer::waiting() const {
  absl::MutexLock lock(&mu_);
  return garbage_.size();
}

voxel::RefPtr<const voxel::Document> Reclaimer::TakeOne() {
  absl::MutexLock lock(&mu_);
  if (garbage_.empty()) {
    task_posted_ = false;
    return nullptr;
  }
  voxel::RefPtr<const voxel::Document> document = std::move(garbage_.back());
  garbage_.pop_back();
  return document;
}

void Reclaimer::FreeSome() {
  const auto end = std::chrono::steady_clock::now() + kSlice;
  do {
    if (!TakeOne()) return;  // what it took ends here
  } while (std::chrono::steady_clock::now() < end);
  absl::MutexLock lock(&mu_);
  if (pool_ != nullptr) pool_->Post([self = shared_from_this()] { self->FreeSome(); });
}

}  // namespace voxeld
