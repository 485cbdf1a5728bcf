#include "daemon/store/commit_pipeline.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "voxel/base/check.h"

namespace voxeld {

namespace {

void Apply(const CheckpointChange& change, CheckpointsPtr& checkpoints) {
  if (change.kind == CheckpointChange::Kind::kNone) return;
  auto next = std::make_shared<Checkpoints>(*checkpoints);
  next->Apply(change);
  checkpoints = std::move(next);
}

CommitRecord RecordOf(const CommitPipeline::Entry& entry) {
  VOXEL_CHECK(entry.rest.has_value());
  const CommitPipeline::RestOfRecord& rest = *entry.rest;
  return {.project_uid = rest.project_uid,
          .created = nullptr,
          .before = rest.before,
          .after = entry.item.revision,
          .history = entry.history,
          .checkpoint = entry.checkpoint,
          .request_id = rest.request_id,
          .request_hash = rest.request_hash,
          .answer = rest.answer,
          .time = rest.time,
          .relaxed = entry.relaxed,
          .reserve_below = rest.reserve_below};
}

}  // namespace

CommitPipeline::CommitPipeline(RevisionPtr published, UndoHistory history,
                               CheckpointsPtr checkpoints)
    : applied_(published),
      published_head_(std::move(published)),
      applied_history_(history),
      published_history_(std::move(history)),
      applied_checkpoints_(checkpoints),
      published_checkpoints_(std::move(checkpoints)) {}

CommitTicket CommitPipeline::TicketForApplied() {
  if (AllPublished()) return {};
  std::optional<CommitTicket>& ticket = entries_.back().ticket;
  if (!ticket.has_value()) ticket = CommitTicket::Make();
  return *ticket;
}

CommitTicket CommitPipeline::TicketForDurable() {
  if (entries_.empty()) return {};
  std::optional<CommitTicket>& ticket = entries_.back().durable_ticket;
  if (!ticket.has_value()) ticket = CommitTicket::Make();
  return *ticket;
}

std::deque<CommitPipeline::Pending>::iterator CommitPipeline::FindPending(uint64_t id) {
  const auto found =
      std::lower_bound(entries_.begin(), entries_.end(), id,
                       [](const Pending& p, uint64_t wanted) { return p.id < wanted; });
  return found != entries_.end() && found->id == id ? found : entries_.end();
}

RevisionPtr CommitPipeline::Find(int64_t revision) const {
  // A revision comes before its notes.
  const auto found =
      std::lower_bound(entries_.begin(), entries_.end(), revision,
                       [](const Pending& p, int64_t number) { return p.number < number; });
  return found != entries_.end() && found->number == revision ? found->entry.item.revision
                                                              : nullptr;
}

CommitPipeline::Effects CommitPipeline::Push(Entry&& entry) {
  if (entry.item.revision) applied_ = entry.item.revision;
  applied_history_.Apply(entry.history);
  Apply(entry.checkpoint, applied_checkpoints_);
  Pending& pending = entries_.emplace_back();
  pending.entry = std::move(entry);
  pending.id = ++last_entry_;
  pending.number = applied_->info.revision;
  pending.attempt = ++last_attempt_;
  Effects effects;
  Advance(effects);
  return effects;
}

CommitPipeline::Effects CommitPipeline::PushDurable(const PublishedRevisions::Item& item,
                                                    const HistoryChange& history,
                                                    const CheckpointChange& checkpoint) {
  VOXEL_CHECK(entries_.empty());
  Effects effects;
  applied_history_.Apply(history);
  published_history_.Apply(history);
  if (checkpoint.kind != CheckpointChange::Kind::kNone) {
    Apply(checkpoint, applied_checkpoints_);
    published_checkpoints_ = applied_checkpoints_;
    effects.checkpoints = true;
  }
  if (!item.revision) return effects;
  applied_ = published_head_ = item.revision;
  effects.publish.push_back(item);
  effects.durable = item.revision->info.revision;
  effects.durable_revisions = 1;
  return effects;
}

CommitPipeline::Attempt CommitPipeline::LastAttempt() const { return {last_entry_, last_attempt_}; }

CommitPipeline::Effects CommitPipeline::Settle(const Attempt& attempt, bool durable) {
  Effects effects;
  const auto pending = FindPending(attempt.entry);
  if (pending == entries_.end() || pending->attempt != attempt.serial) return effects;  // failed
  if (durable) {
    pending->durable = true;
    Advance(effects);
  } else {
    FailFrom(static_cast<size_t>(std::distance(entries_.begin(), pending)), effects);
  }
  return effects;
}

// Publishes what may be published now, and lets go of what is durable.
void CommitPipeline::Advance(Effects& effects) {
  while (!AllPublished()) {
    Pending& next = entries_[published_];
    if (!next.durable && !next.entry.relaxed) break;
    ++published_;
    published_history_.Apply(next.entry.history);
    if (next.entry.checkpoint.kind != CheckpointChange::Kind::kNone) {
      Apply(next.entry.checkpoint, published_checkpoints_);
      effects.checkpoints = true;
    }
    if (next.entry.item.revision) {
      published_head_ = next.entry.item.revision;
      effects.publish.push_back(next.entry.item);
    }
    if (next.ticket.has_value()) effects.ready.push_back(*next.ticket);
  }
  while (published_ > 0 && entries_.front().durable) {
    if (entries_.front().entry.item.revision) {
      effects.durable = entries_.front().number;
      ++effects.durable_revisions;
    }
    if (entries_.front().durable_ticket.has_value()) {
      effects.ready.push_back(*entries_.front().durable_ticket);
    }
    entries_.pop_front();
    --published_;
  }
}

void CommitPipeline::FailFrom(size_t index, Effects& effects) {
  for (size_t i = index; i < published_; ++i) {
    unsubmitted_ += entries_[i].submitted ? 1 : 0;
    entries_[i].submitted = false;
    entries_[i].attempt = 0;  // answers to the old attempt no longer count
    std::optional<CommitTicket>& ticket = entries_[i].durable_ticket;
    if (ticket.has_value()) effects.ready.push_back(*ticket);
    ticket.reset();
  }
  effects.resubmit = index < published_;
  const size_t keep = std::max(index, published_);
  if (keep == entries_.size()) return;
  for (size_t i = keep; i < entries_.size(); ++i) {
    for (const auto& ticket : {entries_[i].ticket, entries_[i].durable_ticket}) {
      if (ticket.has_value()) effects.failed.push_back(*ticket);
    }
  }
  entries_.erase(entries_.begin() + static_cast<ptrdiff_t>(keep), entries_.end());
  // Some unpublished ones before `index` may still be on their way to the disk: edits go on from
  // the last of them.
  ++epoch_;
  applied_ = published_head_;
  applied_history_ = published_history_;
  applied_checkpoints_ = published_checkpoints_;
  for (size_t i = published_; i < entries_.size(); ++i) {
    if (entries_[i].entry.item.revision) applied_ = entries_[i].entry.item.revision;
    applied_history_.Apply(entries_[i].entry.history);
    Apply(entries_[i].entry.checkpoint, applied_checkpoints_);
  }
}

std::vector<CommitPipeline::Resubmission> CommitPipeline::TakeUnsubmitted() {
  std::vector<Resubmission> records;
  for (size_t i = 0; i < published_ && unsubmitted_ > 0; ++i) {
    Pending& pending = entries_[i];
    if (pending.submitted) continue;
    pending.submitted = true;
    --unsubmitted_;
    pending.attempt = ++last_attempt_;
    records.push_back({RecordOf(pending.entry), {pending.id, pending.attempt}});
  }
  return records;
}

void CommitPipeline::DropHistoryBelow(int64_t oldest) {
  applied_history_.DropBelow(oldest);
  published_history_.DropBelow(oldest);
}

}  // namespace voxeld
