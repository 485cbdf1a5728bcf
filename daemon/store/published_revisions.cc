#include "daemon/store/published_revisions.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "voxel/base/error.h"
#include "voxel/base/short_text.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;

// What a revision costs beside its bricks: its record, and the lists of layers and selections that
// its document holds.
int64_t FixedBytes(const Revision& revision) {
  size_t bytes = sizeof(Revision) + sizeof(voxel::Document) + revision.info.comment.size();
  for (const std::string& layer : revision.info.layers) bytes += sizeof(std::string) + layer.size();
  const voxel::Document& document = *revision.document;
  bytes += (document.layers.size() + document.selections.size()) * sizeof(void*);
  return static_cast<int64_t>(bytes);
}

}  // namespace

PublishedRevisions::PublishedRevisions(RevisionPtr first, const Limits& limits)
    : limits_(limits), head_(first.get()), checkpoints_(std::make_shared<const Checkpoints>()) {
  kept_.push_back({std::move(first), 0});
}

PublishedRevisions::KeptList::const_iterator PublishedRevisions::FirstAbove(
    int64_t revision) const {
  return std::upper_bound(
      kept_.begin(), kept_.end(), revision,
      [](int64_t number, const Kept& kept) { return number < kept.revision->info.revision; });
}

absl::Status PublishedRevisions::Dropped(int64_t revision) const {
  const int64_t oldest = kept_.front().revision->info.revision;
  absl::Status status = Error(
      Reason::REVISION_DROPPED,
      voxel::ShortText("revision ", revision, " is no longer kept; the oldest kept is ", oldest));
  voxel::SetFact(status, "oldest_revision", std::to_string(oldest));
  return status;
}

absl::Status PublishedRevisions::Unknown(int64_t revision) const {
  const auto above = FirstAbove(revision);
  if (above == kept_.end() || revision < 0) {
    const std::string head = std::to_string(kept_.back().revision->info.revision);
    absl::Status status =
        Error(Reason::REVISION_UNKNOWN,
              voxel::ShortText("revision ", revision, " does not exist; the latest is ", head));
    voxel::SetFact(status, "current_revision", head);
    return status;
  }
  const std::string before = std::to_string(above->revision->info.previous_revision);
  absl::Status status =
      Error(Reason::REVISION_UNKNOWN,
            voxel::ShortText(
                "revision ", revision, " is not part of the history: its commit failed, ",
                "or a crash came before it was durable; the last one before it is ", before));
  voxel::SetFact(status, "previous_revision", before);
  return status;
}

absl::StatusOr<RevisionPtr> PublishedRevisions::At(int64_t revision) const {
  if (revision == 0) return Head();
  absl::MutexLock lock(&mu_);
  const auto above = FirstAbove(revision);
  if (above == kept_.begin() && revision > 0) {
    if (RevisionPtr named = checkpoints_->FindRevision(revision)) return named;
    return Dropped(revision);
  }
  if (revision > 0 && std::prev(above)->revision->info.revision == revision) {
    return std::prev(above)->revision;
  }
  return Unknown(revision);
}

absl::StatusOr<RevisionPtr> PublishedRevisions::Position(int64_t position) const {
  absl::MutexLock lock(&mu_);
  const int64_t dropped = kept_.front().revision->info.previous_revision;
  if (position < dropped) return Dropped(position);
  if (position == dropped) return RevisionPtr();
  const auto above = FirstAbove(position);
  if (above == kept_.begin() || std::prev(above)->revision->info.revision != position) {
    return Unknown(position);
  }
  return std::prev(above)->revision;
}

std::vector<RevisionPtr> PublishedRevisions::Below(int64_t from, int32_t limit) const {
  std::vector<RevisionPtr> revisions;
  absl::MutexLock lock(&mu_);
  auto next = from == 0 ? kept_.end() : FirstAbove(from);
  while (next != kept_.begin() && std::ssize(revisions) < limit) {
    --next;
    revisions.push_back(next->revision);
  }
  std::vector<RevisionPtr> named = checkpoints_->Below(kept_.front().revision->info.revision);
  for (; !named.empty() && std::ssize(revisions) < limit; named.pop_back()) {
    if (from == 0 || named.back()->info.revision <= from) revisions.push_back(named.back());
  }
  return revisions;
}

absl::StatusOr<std::vector<RevisionPtr>> PublishedRevisions::Between(int64_t position, int64_t last,
                                                                     int32_t limit) const {
  std::vector<RevisionPtr> revisions;
  absl::MutexLock lock(&mu_);
  if (kept_.front().revision->info.previous_revision > position) return Dropped(position);
  for (auto next = FirstAbove(position); next != kept_.end() && std::ssize(revisions) < limit;
       ++next) {
    if (next->revision->info.revision > last) break;
    revisions.push_back(next->revision);
  }
  return revisions;
}

RevisionPtr PublishedRevisions::Oldest() const {
  absl::MutexLock lock(&mu_);
  return kept_.front().revision;
}

int64_t PublishedRevisions::oldest() const {
  absl::MutexLock lock(&mu_);
  return kept_.front().revision->info.revision;
}

int64_t PublishedRevisions::retained_bytes() const {
  absl::MutexLock lock(&mu_);
  return bytes_;
}

CheckpointsPtr PublishedRevisions::checkpoints() const {
  absl::MutexLock lock(&mu_);
  return checkpoints_;
}

void PublishedRevisions::SetCheckpoints(CheckpointsPtr checkpoints) {
  absl::MutexLock lock(&mu_);
  checkpoints_.swap(checkpoints);
}

PublishedRevisions::Items PublishedRevisions::Publish(absl::Span<const Item> items) {
  if (items.empty()) return {};
  absl::MutexLock lock(&mu_);
  for (const Item& item : items) {
    Kept& previous = kept_.back();
    previous.bytes = item.freed_bytes + FixedBytes(*previous.revision);
    bytes_ += previous.bytes;
    kept_.push_back({item.revision, 0});
  }
  head_.store(items.back().revision.get(), std::memory_order_release);
  return DropOldest();
}

PublishedRevisions::Items PublishedRevisions::DropOldest() {
  Items dropped;
  while (kept_.size() > 1 &&
         (bytes_ > limits_.retained_bytes || std::ssize(kept_) > limits_.retained_revisions)) {
    bytes_ -= kept_.front().bytes;
    dropped.push_back({std::move(kept_.front().revision), kept_.front().bytes});
    kept_.pop_front();
  }
  return dropped;
}

}  // namespace voxeld
