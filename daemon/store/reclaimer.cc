#include "daemon/store/reclaimer.h"

#include <chrono>
#include <utility>

namespace voxeld {
namespace {

constexpr int64_t kBatchBytes = int64_t{1} << 20;
constexpr std::chrono::milliseconds kSlice{2};  // then other tasks get their turn

// This thread is in FreeSome: documents of revisions that end here need no way back.
thread_local bool freeing = false;

}  // namespace

Reclaimer::Reclaimer(WorkerPool* pool) : pool_(pool), filling_(std::make_unique<Batch>()) {
  absl::MutexLock lock(&mu_);
  spare_.reserve(kMostSpare);
  small_.reserve(kMostSmall + kBatch);
}
Reclaimer::~Reclaimer() = default;

void Reclaimer::Drop(voxel::RefPtr<const voxel::Document> document) {
  if (freeing) return;  // here is where it would be freed anyway
  absl::MutexLock lock(&mu_);
  if (pool_ == nullptr) return;  // freed by the caller, as the argument ends
  garbage_.push_back({nullptr, std::move(document)});
  PostTask();
}

void Reclaimer::DropLater(RevisionPtr revision, int64_t bytes) {
  std::unique_ptr<Batch> full;
  {
    absl::MutexLock lock(&mu_);
    if (pool_ == nullptr) return;
    filling_->revisions[filling_->count++] = std::move(revision);
    filling_->bytes += bytes;
    if (filling_->count < kBatch && filling_->bytes < kBatchBytes) return;
    full = TakeBatch();
  }
  Retire(std::move(full));
  FreeExcess();
}

void Reclaimer::Flush() {
  std::unique_ptr<Batch> part;
  {
    absl::MutexLock lock(&mu_);
    if (pool_ == nullptr || filling_->count == 0) return;
    part = TakeBatch();
  }
  Retire(std::move(part));
}

std::unique_ptr<Reclaimer::Batch> Reclaimer::TakeBatch() {
  std::unique_ptr<Batch> taken = std::move(filling_);
  if (spare_.empty()) spare_.push_back(std::make_unique<Batch>());
  filling_ = std::move(spare_.back());
  spare_.pop_back();
  return taken;
}

void Reclaimer::Retire(std::unique_ptr<Batch> batch) {
  batch->owner = shared_from_this();
  Batch* retired = batch.release();
  RcuRetire(retired->node, retired, [](void* over) {
    std::unique_ptr<Batch> done(static_cast<Batch*>(over));
    const std::shared_ptr<Reclaimer> owner = std::move(done->owner);
    owner->GracePeriodOver(std::move(done));
  });
}

void Reclaimer::GracePeriodOver(std::unique_ptr<Batch> batch) {
  absl::MutexLock lock(&mu_);
  if (pool_ == nullptr) return;  // freed as the argument ends
  const bool small = batch->count == kBatch;
  for (size_t i = 0; i < batch->count; ++i) {
    RevisionPtr& revision = batch->revisions[i];
    if (small) {
      small_.push_back(std::move(revision));
    } else {
      garbage_.push_back({std::move(revision), nullptr});
    }
  }
  batch->count = 0;
  batch->bytes = 0;
  if (spare_.size() < kMostSpare) spare_.push_back(std::move(batch));
  PostTask();
}

void Reclaimer::PostTask() {
  if (task_posted_) return;
  task_posted_ = true;
  pool_->Post([self = shared_from_this()] { self->FreeSome(); });
}

void Reclaimer::Detach() {
  std::vector<Garbage> garbage;  // outlive the lock, as what they free comes back to Drop
  std::vector<RevisionPtr> small;
  std::unique_ptr<Batch> batch;
  absl::MutexLock lock(&mu_);
  pool_ = nullptr;
  garbage.swap(garbage_);
  small.swap(small_);
  batch = std::move(filling_);
}

size_t Reclaimer::waiting() const {
  absl::MutexLock lock(&mu_);
  return garbage_.size() + small_.size() + (filling_ != nullptr ? filling_->count : 0);
}

bool Reclaimer::TakeOne(Garbage& garbage) {
  absl::MutexLock lock(&mu_);
  if (!small_.empty()) {
    garbage = {std::move(small_.back()), nullptr};
    small_.pop_back();
  } else if (!garbage_.empty()) {
    garbage = std::move(garbage_.back());
    garbage_.pop_back();
  } else {
    task_posted_ = false;
    return false;
  }
  return true;
}

RevisionPtr Reclaimer::TakeExcess() {
  absl::MutexLock lock(&mu_);
  if (small_.size() <= kMostSmall) return nullptr;
  RevisionPtr revision = std::move(small_.back());
  small_.pop_back();
  return revision;
}

void Reclaimer::FreeExcess() {
  for (size_t i = 0; i < 2 * kBatch; ++i) {
    RevisionPtr revision = TakeExcess();
    if (revision == nullptr) return;
    freeing = true;
    revision = nullptr;
    freeing = false;
  }
}

void Reclaimer::FreeSome() {
  const auto end = std::chrono::steady_clock::now() + kSlice;
  do {
    Garbage garbage;
    if (!TakeOne(garbage)) return;
    freeing = true;
    garbage = {};
    freeing = false;
  } while (std::chrono::steady_clock::now() < end);
  absl::MutexLock lock(&mu_);
  if (pool_ != nullptr) pool_->Post([self = shared_from_this()] { self->FreeSome(); });
}

}  // namespace voxeld
