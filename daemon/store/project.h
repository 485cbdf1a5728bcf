// One open project: its published head, the only way to change it, its history and its watchers.
//
// Two heads:  the applied head is the writer's; edits build on it as they come. The published head
//             is what every reader sees, and it is durable. A mutation applies, appends a record to
//             the commit store and leaves a ticket; when the record is durable the revision is
//             published and the ticket resolves. A relaxed mutation is published at once if no sync
//             one is pending before it. If a commit fails, everything applied after it fails, and
//             the applied head returns to the published content. Numbers are never reused.
// Threading:  head(), At(), Retained(), Watch() from any thread, never waiting for a writer (RCU).
//             Mutate, Undo and Redo only on strand(), one at a time.
// Retention:  old revisions are kept within options.retained_bytes of unshared bricks and
//             options.retained_revisions, oldest dropped first; the head always stays, and so do
//             the revisions that checkpoints name.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/runtime/strand.h"
#include "daemon/store/checkpoints.h"
#include "daemon/store/commit_store.h"
#include "daemon/store/commit_ticket.h"
#include "daemon/store/project_identity.h"
#include "daemon/store/request_log.h"
#include "daemon/store/revision.h"
#include "daemon/store/watch_hub.h"
#include "voxel/base/task_context.h"

namespace voxeld {

struct ProjectOptions {
  int64_t retained_bytes = int64_t{64} << 20;
  int32_t retained_revisions = 10000;
  RequestLimits requests;
  WatchHub::Limits watches;
  int32_t max_checkpoints = 1000;
  // Revisions that wait for the store; more are refused. From half of it on, answers to relaxed
  // edits wait, too.
  int32_t max_pending = 16384;
};

// How to apply a mutation (the Write message, in voxel values).
struct WriteOptions {
  std::string actor;
  std::string comment;
  std::string request_id;  // empty: not remembered
  uint64_t request_hash =
      0;  // of the request without its request_id; REQUEST_ID_REUSED if it differs
  int64_t expected_revision = 0;  // 0: any
  bool validate_only = false;
  bool relaxed = false;
  struct Unchanged {
    voxel::Box box;
    int64_t since_revision = 0;
  };
  std::optional<Unchanged> unchanged;
};

// What a change came to.
struct ChangedDocument {
  // NOLINTNEXTLINE(google-explicit-constructor): most changes say no more.
  ChangedDocument(voxel::RefPtr<const voxel::Document> changed = nullptr)
      : document(std::move(changed)) {}

  voxel::RefPtr<const voxel::Document> document;  // the applied one if nothing changed
  // If whoever made the change knows that voxels of one layer are all that differ: what comparing
  // both documents would find. The store relies on it: were it fewer, some of them would not become
  // durable.
  struct Known {
    int layer = 0;
    int64_t voxels_changed = 0;
    voxel::Box bounds;
    int64_t let_go_bytes = 0;  // before.BytesNotIn(after)
  };
  std::optional<Known> known;
};

// What a mutation did. `ticket` guards errors as well: an ABORTED that was derived from an
// unpublished head must not be seen before that head is.
struct Outcome {
  absl::Status status;
  int64_t revision = 0;  // afterwards; the same as before if nothing changed or validate_only
  int64_t voxels_changed = 0;
  voxel::Box bounds;
  bool replayed = false;
  std::string answer;  // if replayed: the stored answer
  // The revision that resulted: a new one, or the unchanged head; for validate_only the one that
  // would have (its number stays free). Null on error and if replayed.
  RevisionPtr applied;
  CommitTicket ticket;
};

struct UndoOutcome : Outcome {
  uint32_t done = 0;  // steps taken; fewer than asked for if there were no more
  uint32_t undo_left = 0;
  uint32_t redo_left = 0;
  int64_t conflicts = 0;
};
enum class UndoScope { kProject, kActor };

struct CheckpointOutcome : Outcome {
  Checkpoint checkpoint;  // as it is now; of a deletion: as it was
};
struct RollbackOutcome : Outcome {
  RevisionPtr target;  // whose content it is
};
// Where a rollback goes: to a checkpoint, or if that is empty to a revision.
struct RollbackTarget {
  std::string checkpoint;
  int64_t revision = 0;
};

// A place in the sequence of durable revisions. Not thread-safe, but a wakeup may come from any
// thread.
// Ownership: keeps its project. When it is destroyed, an armed wakeup is dropped, unless it is on
//            its way already: then it still comes, so a wakeup must own what it touches.
class WatchCursor {
 public:
  virtual ~WatchCursor() = default;
  // The next revision that is durable, as are all before it; nullptr if there is none yet.
  // REVISION_DROPPED if this cursor fell behind the floor; PROJECT_NOT_FOUND once the project is
  // deleted.
  virtual absl::StatusOr<RevisionPtr> Next() = 0;
  // The last revision passed; at first the one this watch begins after.
  virtual int64_t position() const = 0;
  // That revision; null only at first, if it is the one before the oldest that is retained.
  virtual const RevisionPtr& passed() const = 0;
  // `wakeup` is called when Next has something to say again after it answered nullptr: once, from
  // any thread, and it must be quick. Called at once if that is so already.
  virtual void Arm(absl::AnyInvocable<void()> wakeup) = 0;
  // `give_up` is called, from a thread of the pool and perhaps more than once, when Next was not
  // called for a while although too many revisions are there (WatchHub).
  virtual void OnSlow(absl::AnyInvocable<void()> give_up) = 0;
};

class Project {
 public:
  // The change itself: gets the applied head, returns the new document (the same object if nothing
  // changes).
  using Change = absl::FunctionRef<absl::StatusOr<ChangedDocument>(const Revision& applied)>;
  // Builds the answer that a retry would get, in the empty string it is given; called only if there
  // is a request_id and something to remember. The outcome is complete but for its ticket.
  template <typename AnyOutcome>
  using MakeAnswerOf = absl::FunctionRef<void(const AnyOutcome&, std::string*)>;
  using MakeAnswer = MakeAnswerOf<Outcome>;
  using MakeUndoAnswer = MakeAnswerOf<UndoOutcome>;

  virtual ~Project() = default;

  virtual const ProjectIdentity& identity() const = 0;
  virtual const std::shared_ptr<Strand>& strand() const = 0;

  // The published head. Never null, never waits.
  virtual RevisionPtr head() const = 0;
  // 0: the head. REVISION_UNKNOWN above the head, REVISION_DROPPED (fact oldest_revision) below the
  // floor, unless a checkpoint names it.
  virtual absl::StatusOr<RevisionPtr> At(int64_t revision) const = 0;
  // The published, retained revisions below or at `from` (0: the head), newest first, at most
  // `limit`; after the floor come those that checkpoints keep.
  virtual std::vector<RevisionPtr> Retained(int64_t from, int32_t limit) const = 0;
  virtual RevisionPtr oldest() const = 0;          // the floor
  virtual CheckpointsPtr checkpoints() const = 0;  // published

  // REVISION_MISMATCH and BOX_CHANGED (fact current_revision), REVISION_UNKNOWN/REVISION_DROPPED
  // (since_revision), REQUEST_ID_REUSED, PROJECT_NOT_FOUND (deleted), OVERLOADED (max_pending),
  // COMMIT_FAILED (the applied head failed meanwhile), or what `change`
  // returns. Nothing changes on error.
  // A box counts as changed if in some layer a voxel in it differs; a layer that was added, removed
  // or moved counts with all its voxels before and after. Visibility, opacity and mode do not
  // count.
  // Request ids: only answers of revisions made, or of successful no-ops, are remembered;
  //              validate_only ignores the id.
  virtual Outcome Mutate(const WriteOptions& options, Change change, MakeAnswer make_answer) = 0;
  // Take back, or apply again, `count` steps (0 means 1) as one revision. OK with done = 0 if there
  // are none. Errors as Mutate, and those of RevertChange.
  //   kProject  the content before the last steps, whoever made them. Redo goes back; any other
  //             edit ends that. Steps whose revisions are no longer retained are gone.
  //   kActor    the actor's own last steps: voxels that still hold what a step wrote get what it
  //             replaced; the others are conflicts. That is a step for kProject. A step that meets
  //             only conflicts is done, without a revision.
  virtual UndoOutcome Undo(uint32_t count, UndoScope scope, const WriteOptions& options,
                           const voxel::TaskContext& context, MakeUndoAnswer make_answer) = 0;
  virtual UndoOutcome Redo(uint32_t count, UndoScope scope, const WriteOptions& options,
                           const voxel::TaskContext& context, MakeUndoAnswer make_answer) = 0;

  // Gives a revision (0: the applied head) a name that keeps it: one more, or with `move` in place
  // of the one of that name. Makes no revision, is never relaxed, and undo does not know of it.
  // Errors as Mutate, REVISION_UNKNOWN, REVISION_DROPPED (field revision), CHECKPOINT_EXISTS,
  // LIMIT_CHECKPOINTS.
  using MakeCheckpointAnswer = MakeAnswerOf<CheckpointOutcome>;
  virtual CheckpointOutcome SetCheckpoint(const std::string& name, int64_t revision, bool move,
                                          const WriteOptions& options,
                                          MakeCheckpointAnswer make_answer) = 0;
  // Errors as Mutate, CHECKPOINT_NOT_FOUND.
  virtual CheckpointOutcome DeleteCheckpoint(const std::string& name, const WriteOptions& options,
                                             MakeCheckpointAnswer make_answer) = 0;
  // The content of an older revision as a new one: a step for undo like any edit. Errors as Mutate,
  // CHECKPOINT_NOT_FOUND, REVISION_UNKNOWN, REVISION_DROPPED (field revision).
  using MakeRollbackAnswer = MakeAnswerOf<RollbackOutcome>;
  virtual RollbackOutcome Rollback(const RollbackTarget& target, const WriteOptions& options,
                                   MakeRollbackAnswer make_answer) = 0;

  // The durable revisions after `after` (0: after the last durable one). REVISION_UNKNOWN (facts
  // current_revision or previous_revision) for a number that is not part of the history,
  // REVISION_DROPPED, LIMIT_STREAMS.
  virtual absl::StatusOr<std::unique_ptr<WatchCursor>> Watch(int64_t after) = 0;
};

}  // namespace voxeld
