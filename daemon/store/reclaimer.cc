#include "daemon/store/reclaimer.h"

#include <chrono>
#include <utility>

namespace voxeld {
namespace {

constexpr size_t kBatch = 64;
constexpr int64_t kBatchBytes = int64_t{1} << 20;
constexpr std::chrono::milliseconds kSlice{2};  // then other tasks get their turn

}  // namespace

void Reclaimer::Drop(voxel::RefPtr<const voxel::Document> document) {
  absl::MutexLock lock(&mu_);
  if (pool_ == nullptr) return;  // freed by the caller, as the argument ends
  garbage_.push_back({nullptr, std::move(document)});
  PostTask();
}

void Reclaimer::DropLater(RevisionPtr revision, int64_t bytes) {
  absl::MutexLock lock(&mu_);
  if (pool_ == nullptr) return;
  garbage_.push_back({std::move(revision), nullptr});
  small_bytes_ += bytes;
  if (garbage_.size() >= kBatch || small_bytes_ >= kBatchBytes) PostTask();
}

void Reclaimer::PostTask() {
  if (task_posted_) return;
  task_posted_ = true;
  small_bytes_ = 0;
  pool_->Post([self = shared_from_this()] { self->FreeSome(); });
}

void Reclaimer::Detach() {
  std::vector<Garbage> garbage;  // outlives the lock, as what it frees comes back to Drop
  absl::MutexLock lock(&mu_);
  pool_ = nullptr;
  garbage.swap(garbage_);
}

size_t Reclaimer::waiting() const {
  absl::MutexLock lock(&mu_);
  return garbage_.size();
}

bool Reclaimer::TakeOne(Garbage& garbage) {
  absl::MutexLock lock(&mu_);
  if (garbage_.empty()) {
    task_posted_ = false;
    return false;
  }
  garbage = std::move(garbage_.back());
  garbage_.pop_back();
  return true;
}

void Reclaimer::FreeSome() {
  const auto end = std::chrono::steady_clock::now() + kSlice;
  do {
    Garbage garbage;
    if (!TakeOne(garbage)) return;
    // What it took ends here. A revision gives its document back to Drop, and a later round has it.
  } while (std::chrono::steady_clock::now() < end);
  absl::MutexLock lock(&mu_);
  if (pool_ != nullptr) pool_->Post([self = shared_from_this()] { self->FreeSome(); });
}

}  // namespace voxeld
