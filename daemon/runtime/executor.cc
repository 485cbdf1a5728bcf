#include "daemon/runtime/executor.h"

#include <utility>

namespace voxeld {

bool Executor::TryRunNow(const Place& place, absl::FunctionRef<void()> task) const {
  switch (place.where) {
    case Place::kHere:
      task();
      return true;
    case Place::kWorker:
      return false;
    case Place::kStrand:
      return place.strand->TryRunInline(task);
  }
  return false;
}

std::optional<size_t> Executor::Full(const Place& place) const {
  if (place.where == Place::kHere) return std::nullopt;
  const bool strand = place.where == Place::kStrand;
  const size_t waiting = strand ? place.strand->queued() : pool_->queued();
  const size_t most = strand ? max_strand_queue_ : pool_->max_queued();
  if (waiting < most) return std::nullopt;
  return waiting;
}

void Executor::Run(const Place& place, Task task) const {
  switch (place.where) {
    case Place::kHere:
      return std::move(task)();
    case Place::kWorker:
      return pool_->Post(std::move(task));
    case Place::kStrand:
      return place.strand->Post(std::move(task));
  }
}

}  // namespace voxeld
