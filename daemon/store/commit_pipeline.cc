#include "daemon/store/commit_pipeline.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "voxel/base/check.h"

namespace voxeld {

CommitPipeline::CommitPipeline(RevisionPtr published)
    : applied_(published), published_head_(std::move(published)) {}

CommitTicket CommitPipeline::TicketForApplied() {
  if (AllPublished()) return {};
  std::optional<CommitTicket>& ticket = entries_.back().ticket;
  if (!ticket.has_value()) ticket = CommitTicket::Make();
  return *ticket;
}

CommitPipeline::Pending* CommitPipeline::FindPending(int64_t revision) {
  const auto found =
      std::lower_bound(entries_.begin(), entries_.end(), revision,
                       [](const Pending& p, int64_t number) { return p.number() < number; });
  return found != entries_.end() && found->number() == revision ? &*found : nullptr;
}

RevisionPtr CommitPipeline::Find(int64_t revision) const {
  const Pending* found = const_cast<CommitPipeline*>(this)->FindPending(revision);
  return found != nullptr ? found->entry.item.revision : nullptr;
}

CommitPipeline::Effects CommitPipeline::Push(Entry entry) {
  applied_ = entry.item.revision;
  applied_history_.Apply(entry.history);
  Pending pending;
  pending.entry = std::move(entry);
  pending.attempt = ++last_attempt_;
  entries_.push_back(std::move(pending));
  Effects effects;
  Advance(effects);
  return effects;
}

CommitPipeline::Attempt CommitPipeline::LastAttempt() const {
  return {entries_.back().number(), entries_.back().attempt};
}

void CommitPipeline::AddHistory(const HistoryChange& change) {
  applied_history_.Apply(change);
  if (AllPublished()) {
    published_history_.Apply(change);
  } else {
    entries_.back().later_history.push_back(change);
  }
}

CommitPipeline::Effects CommitPipeline::Settle(const Attempt& attempt, bool durable) {
  Effects effects;
  Pending* pending = FindPending(attempt.revision);
  if (pending == nullptr || pending->attempt != attempt.serial) return effects;  // failed earlier
  if (durable) {
    pending->durable = true;
    Advance(effects);
  } else {
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [pending](const Pending& p) { return &p == pending; });
    FailFrom(static_cast<size_t>(std::distance(entries_.begin(), found)), effects);
  }
  return effects;
}

// Publishes what may be published now, and lets go of what is durable.
void CommitPipeline::Advance(Effects& effects) {
  while (!AllPublished()) {
    Pending& next = entries_[published_];
    if (!next.durable && !next.entry.relaxed) break;
    ++published_;
    published_head_ = next.entry.item.revision;
    published_history_.Apply(next.entry.history);
    for (const HistoryChange& change : next.later_history) published_history_.Apply(change);
    next.later_history.clear();
    effects.publish.push_back(next.entry.item);
    if (next.ticket.has_value()) effects.ready.push_back(*next.ticket);
  }
  while (published_ > 0 && entries_.front().durable) {
    entries_.pop_front();
    --published_;
  }
}

void CommitPipeline::FailFrom(size_t index, Effects& effects) {
  for (size_t i = index; i < published_; ++i) {
    entries_[i].submitted = false;
    entries_[i].attempt = 0;  // answers to the old attempt no longer count
  }
  effects.resubmit = index < published_;
  const size_t keep = std::max(index, published_);
  if (keep == entries_.size()) return;
  for (size_t i = keep; i < entries_.size(); ++i) {
    if (entries_[i].ticket.has_value()) effects.failed.push_back(*entries_[i].ticket);
  }
  entries_.erase(entries_.begin() + static_cast<ptrdiff_t>(keep), entries_.end());
  // Some unpublished ones before `index` may still be on their way to the disk: edits go on from
  // the last of them.
  ++epoch_;
  applied_ = entries_.empty() ? published_head_ : entries_.back().entry.item.revision;
  applied_history_ = published_history_;
  for (size_t i = published_; i < entries_.size(); ++i) {
    applied_history_.Apply(entries_[i].entry.history);
    for (const HistoryChange& change : entries_[i].later_history) applied_history_.Apply(change);
  }
}

std::vector<CommitPipeline::Resubmission> CommitPipeline::TakeUnsubmitted() {
  std::vector<Resubmission> records;
  for (size_t i = 0; i < published_; ++i) {
    Pending& pending = entries_[i];
    if (pending.submitted) continue;
    VOXEL_CHECK(pending.entry.again.has_value());
    pending.submitted = true;
    pending.attempt = ++last_attempt_;
    records.push_back({*pending.entry.again, {pending.number(), pending.attempt}});
  }
  return records;
}

void CommitPipeline::DropHistoryBelow(int64_t oldest) {
  applied_history_.DropBelow(oldest);
  published_history_.DropBelow(oldest);
}

}  // namespace voxeld
