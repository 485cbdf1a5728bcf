// The two heads as a state machine: what has been applied and is not yet published or durable, in
// order.
//
//     published, not durable       applied, not published
//     (relaxed, answered early)    (waiting for the store)
//     [ r1 r2 ]                    [ r3 r4 ... rn ]     r2: published head, rn: applied head
//
// Entries:    revisions, and notes (commit_store.h), which are published by applying their change
//             of the history or of the checkpoints. A note has its place after the revision that it
//             follows.
// Rules:      an entry is published once all before it are, and it is durable or relaxed. It leaves
//             once it is published and durable. When one fails, the unpublished ones from there on
//             fail; published ones stay, are handed out by TakeUnsubmitted to be appended again,
//             and the applied head returns to the published one.
// Threading:  none of its own; the project's mutex guards it. It does no I/O and calls nobody:
//             every method returns what is to be done.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/time/time.h"
#include "daemon/store/commit_store.h"
#include "daemon/store/commit_ticket.h"
#include "daemon/store/published_revisions.h"
#include "daemon/store/undo_history.h"

namespace voxeld {

class CommitPipeline {
 public:
  // `published`: the head to start from, durable.
  CommitPipeline(RevisionPtr published, UndoHistory history, CheckpointsPtr checkpoints);

  // What a record says beside its entry.
  struct RestOfRecord {
    std::string_view project_uid;
    RevisionPtr before;
    std::string request_id;
    uint64_t request_hash = 0;
    std::string answer;
    absl::Time time;
    int64_t reserve_below = 0;
  };
  struct Entry {
    PublishedRevisions::Item item;  // a note has no revision
    bool relaxed = false;
    HistoryChange history;
    CheckpointChange checkpoint;
    std::optional<RestOfRecord>
        rest;  // of a relaxed entry: it is appended again if the commit fails
  };
  // What a step means for the outside, to be done in this order.
  struct Effects {
    PublishedRevisions::Items publish;
    int64_t durable = 0;  // the last revision that became so, all before it being it; 0: none
    int64_t durable_revisions = 0;  // how many became so
    bool checkpoints = false;       // published_checkpoints() are others than before
    absl::InlinedVector<CommitTicket, 1> ready;
    absl::InlinedVector<CommitTicket, 1> failed;
    bool resubmit = false;  // TakeUnsubmitted has something
  };
  // Names one Append, so that the answer to an earlier one for the same entry is told apart.
  struct Attempt {
    uint64_t entry = 0;
    uint64_t serial = 0;
  };

  const RevisionPtr& applied() const { return applied_; }
  const UndoHistory& history() const { return applied_history_; }
  const CheckpointsPtr& checkpoints() const { return applied_checkpoints_; }
  const CheckpointsPtr& published_checkpoints() const { return published_checkpoints_; }
  // Rises whenever the applied head is taken back: what was derived before then is void.
  uint64_t epoch() const { return epoch_; }
  size_t size() const { return entries_.size(); }

  // The ticket for an answer derived from the applied head: ready if that is published.
  CommitTicket TicketForApplied();
  // The ticket for a relaxed answer that is to wait, so that its client is slowed: ready once all
  // that is applied is durable, or is published and cannot be made durable for now.
  CommitTicket TicketForDurable();
  // The pending revision of that number, published or not; null if there is none.
  RevisionPtr Find(int64_t revision) const;

  // Adds the next entry, which builds on applied(). Append comes next, with the attempt that
  // LastAttempt gives.
  Effects Push(Entry&& entry);
  // The same where there is nothing to wait for: published and durable at once. REQUIRES: size() is
  // 0.
  Effects PushDurable(const PublishedRevisions::Item& item, const HistoryChange& history,
                      const CheckpointChange& checkpoint);
  // The store's answer.
  Effects Settle(const Attempt& attempt, bool durable);

  Attempt LastAttempt() const;
  // Published entries that have to be appended again, oldest first, each with its new attempt.
  struct Resubmission {
    CommitRecord record;
    Attempt attempt;
  };
  std::vector<Resubmission> TakeUnsubmitted();

  void DropHistoryBelow(int64_t oldest);

 private:
  struct Pending {
    Entry entry;
    uint64_t id = 0;
    int64_t number = 0;  // its revision's; of a note, the one of the revision before
    std::optional<CommitTicket> ticket;  // made when somebody asks
    std::optional<CommitTicket> durable_ticket;
    uint64_t attempt = 0;
    bool durable = false;
    bool submitted = true;
  };
  bool AllPublished() const { return published_ == entries_.size(); }
  std::deque<Pending>::iterator FindPending(uint64_t id);
  void Advance(Effects& effects);
  void FailFrom(size_t index, Effects& effects);

  std::deque<Pending> entries_;
  size_t published_ = 0;    // so many at the front are published and not durable
  size_t unsubmitted_ = 0;  // so many of these have to be appended again
  RevisionPtr applied_;
  RevisionPtr published_head_;
  UndoHistory applied_history_;
  UndoHistory published_history_;
  CheckpointsPtr applied_checkpoints_;
  CheckpointsPtr published_checkpoints_;
  uint64_t epoch_ = 0;
  uint64_t last_entry_ = 0;
  uint64_t last_attempt_ = 0;
};

}  // namespace voxeld
