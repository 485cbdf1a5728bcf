// What readers see of a project: the head, the older revisions that are kept, and the checkpoints,
// whose revisions are kept however old they are.
//
// Threading: everything from any thread but Publish and SetCheckpoints, which one thread calls at a
//            time. Head takes no lock (RCU); the others hold a short one. Whoever has seen a
//            revision here never sees an older head afterwards.
// RCU:       the head is among those kept, whose reference outlives it. What Publish returns may
//            have been the head a moment ago: who lets go of it waits for a grace period first.
// Retention: the oldest are dropped while the bricks that only dropped-to-be revisions hold exceed
//            `retained_bytes`, or their number `retained_revisions`. The head always stays. The
//            oldest that was not dropped is the floor; what checkpoints hold below it comes on top
//            of the budget.
// Cost:      Publish: one per group. At: a binary search.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "daemon/memory/ring.h"
#include "daemon/runtime/rcu.h"
#include "daemon/store/checkpoints.h"
#include "daemon/store/revision.h"

namespace voxeld {

class PublishedRevisions {
 public:
  struct Limits {
    int64_t retained_bytes = 0;
    int32_t retained_revisions = 0;
  };
  struct Item {
    RevisionPtr revision;
    int64_t freed_bytes = 0;  // what only its predecessor holds: freed once that is dropped
  };

  PublishedRevisions(RevisionPtr first, const Limits& limits);

  RevisionPtr Head() const {
    RcuReadSection section;
    // acquire: whoever loads the pointer sees the whole revision behind it.
    return RevisionPtr::Share(head_.load(std::memory_order_acquire));
  }
  // REVISION_UNKNOWN: above the head, or a number that a failed commit left unused.
  //                   REVISION_DROPPED: below the floor, and no checkpoint names it.
  absl::StatusOr<RevisionPtr> At(int64_t revision) const;
  // At most `limit` at or below `from` (0: the head), newest first; those of checkpoints below the
  // floor come after the floor.
  std::vector<RevisionPtr> Below(int64_t from, int32_t limit) const;
  // At most `limit` above `position` up to `last`, oldest first. REVISION_DROPPED if one of them is
  // no longer there.
  absl::StatusOr<std::vector<RevisionPtr>> Between(int64_t position, int64_t last,
                                                   int32_t limit) const;
  // Whether everything that follows `position` is there: it is that revision, or null for the one
  // before the oldest. REVISION_UNKNOWN as At, with the fact previous_revision, the last one below
  // that is part of the history, or current_revision; REVISION_DROPPED.
  absl::StatusOr<RevisionPtr> Position(int64_t position) const;
  RevisionPtr Oldest() const;
  int64_t oldest() const;          // its number
  int64_t retained_bytes() const;  // held by revisions from the floor on, other than the head
  CheckpointsPtr checkpoints() const;

  // Makes `items` visible, in order, all at once; the last one becomes the head. Returns what is no
  // longer retained, with the bytes it held alone.
  using Items = absl::InlinedVector<Item, 2>;
  Items Publish(absl::Span<const Item> items);
  void SetCheckpoints(CheckpointsPtr checkpoints);

 private:
  struct Kept {
    RevisionPtr revision;
    int64_t bytes = 0;  // not shared with the next one
  };
  using KeptList = Ring<Kept>;
  // The first one above `revision`.
  KeptList::const_iterator FirstAbove(int64_t revision) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status Dropped(int64_t revision) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Why a revision that is not among those kept, and not below them, does not exist.
  absl::Status Unknown(int64_t revision) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  Items DropOldest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Limits limits_;
  std::atomic<const Revision*> head_;  // of kept_; stored while mu_ is held

  mutable absl::Mutex mu_;
  CheckpointsPtr checkpoints_ ABSL_GUARDED_BY(mu_);
  KeptList kept_ ABSL_GUARDED_BY(mu_);  // ascending, never empty; the last is the head
  int64_t bytes_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace voxeld
