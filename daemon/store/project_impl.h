// The project: guards, request ids and the change itself on the strand; the two heads in
// CommitPipeline; what readers see in PublishedRevisions; who waits in WatchHub.
//
// Data flow:  Mutate -> guards against the applied head -> change -> CommitPipeline::Push ->
//             CommitStore::Append -> (any thread) Settle -> PublishedRevisions::Publish -> tickets,
//             watches.
// Threading:  mu_ is held for the bookkeeping of a step, never while a change is computed, while
//             the store is called, or while tickets resolve. Lock order: mu_, then those inside
//             PublishedRevisions.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/memory/memory_pressure.h"
#include "daemon/runtime/timers.h"
#include "daemon/store/change_summary.h"
#include "daemon/store/commit_pipeline.h"
#include "daemon/store/open_work.h"
#include "daemon/store/project.h"
#include "daemon/store/project_vault.h"
#include "daemon/store/published_revisions.h"
#include "daemon/store/reclaimer.h"
#include "daemon/store/request_log.h"
#include "daemon/store/undo_plan.h"
#include "daemon/store/watch_hub.h"

namespace voxeld {

class ProjectImpl final : public Project, public std::enable_shared_from_this<ProjectImpl> {
 public:
  // What a project needs from the daemon; the plain pointers outlive it.
  struct Parts {
    CommitStore* store = nullptr;
    ProjectVault* vault = nullptr;  // the same store, if it keeps the project over a restart
    WorkerPool* pool = nullptr;
    absl::Time (*now)() = nullptr;
    std::shared_ptr<Reclaimer> reclaimer;
    std::shared_ptr<OpenWork> open_work;
    std::shared_ptr<MemoryPressure> pressure;  // null: nobody asks
    Timers* timers = nullptr;                  // as RegistryOptions
    absl::Duration retry_every;
  };
  ProjectImpl(RestoredProject start, const ProjectOptions& options, Parts parts);

  const ProjectIdentity& identity() const override { return identity_; }
  const std::shared_ptr<Strand>& strand() const override { return strand_; }
  RevisionPtr head() const override { return published_.Head(); }
  absl::StatusOr<RevisionPtr> At(int64_t revision) const override {
    return published_.At(revision);
  }
  std::vector<RevisionPtr> Retained(int64_t from, int32_t limit) const override {
    return published_.Below(from, limit);
  }
  RevisionPtr oldest() const override { return published_.Oldest(); }
  CheckpointsPtr checkpoints() const override { return published_.checkpoints(); }

  Outcome Mutate(const WriteOptions& options, Change change, MakeAnswer make_answer) override;
  UndoOutcome Undo(uint32_t count, UndoScope scope, const WriteOptions& options,
                   const voxel::TaskContext& context, MakeUndoAnswer make_answer) override;
  UndoOutcome Redo(uint32_t count, UndoScope scope, const WriteOptions& options,
                   const voxel::TaskContext& context, MakeUndoAnswer make_answer) override;
  CheckpointOutcome SetCheckpoint(const std::string& name, int64_t revision, bool move,
                                  const WriteOptions& options,
                                  MakeCheckpointAnswer make_answer) override;
  CheckpointOutcome DeleteCheckpoint(const std::string& name, const WriteOptions& options,
                                     MakeCheckpointAnswer make_answer) override;
  RollbackOutcome Rollback(const RollbackTarget& target, const WriteOptions& options,
                           MakeRollbackAnswer make_answer) override;
  absl::StatusOr<std::unique_ptr<WatchCursor>> Watch(int64_t after) override;

  // The project was deleted: from now on mutations answer PROJECT_NOT_FOUND and watches end. Those
  // already applied still commit.
  void Close();

  // Remembers what `id` was answered before anybody could ask again. REQUIRES: on the strand, or
  // nobody else has the project yet.
  void Remember(std::string_view id, const RequestLog::Found& request);

  // For whoever gives up projects that are not used: when this one was asked for last, in
  // milliseconds of a steady clock; whether something is under way; the memory it holds.
  void Touch();
  int64_t last_touched() const { return last_touched_.load(std::memory_order_relaxed); }
  bool idle_for(absl::Duration time) const;
  int64_t EstimateBytes() const;

  // For the cursors. The revisions up to this one are durable and published.
  int64_t durable_revision() const { return durable_revision_.load(std::memory_order_acquire); }
  const PublishedRevisions& published() const { return published_; }
  WatchHub& watches() { return watches_; }

 private:
  // The applied head as one mutation found it.
  struct Base {
    RevisionPtr applied;
    uint64_t epoch = 0;
  };
  // A change to make, and how the history records it.
  struct Proposal {
    ChangedDocument changed;
    HistoryChange history;
    CheckpointChange checkpoint;
    ChangeSummary summary;  // once it is described
    std::string answer;     // to be remembered

    void Clear();  // keeps the memory of what it says
  };
  // Fills a proposal that says nothing yet.
  using Propose = absl::FunctionRef<absl::Status(const Revision& applied, Proposal& proposal)>;
  using AnswerFor = absl::FunctionRef<void(std::string*)>;

  // The whole way of a mutation. Fills `outcome` but for what is special to undo; `answer` is
  // called when it is filled.
  void Run(const WriteOptions& options, Propose propose, AnswerFor answer, Outcome& outcome);
  void RunOn(const Base& base, const WriteOptions& options, Propose propose, AnswerFor answer,
             Outcome& outcome);
  UndoOutcome RunUndo(UndoDirection direction, uint32_t count, UndoScope scope,
                      const WriteOptions& options, const voxel::TaskContext& context,
                      MakeUndoAnswer make_answer);
  absl::StatusOr<UndoPlan> PlanUndo(UndoDirection direction, uint32_t count, UndoScope scope,
                                    const std::string& actor, const Revision& applied,
                                    const voxel::TaskContext& context);

  // True if the request id answered: `outcome` is complete.
  bool AnswerFromLog(const WriteOptions& options, Outcome& outcome);
  absl::StatusOr<Base> TakeBase() const;  // OVERLOADED
  absl::Status CheckAndPropose(const WriteOptions& options, const Revision& applied,
                               Propose propose, Proposal& proposal);
  // Fills the outcome and the step's numbers; false if the proposal changes nothing.
  bool Describe(const WriteOptions& options, const Revision& applied, Proposal& proposal,
                Outcome& outcome) const;
  absl::Status CheckGuards(const WriteOptions& options, const Revision& applied);
  absl::Status CheckUnchanged(const WriteOptions::Unchanged& unchanged, const Revision& applied);
  RevisionPtr FindRevision(int64_t revision) const;
  // The same, with At's words if there is none.
  absl::StatusOr<RevisionPtr> NeedRevision(int64_t revision, std::string_view field) const;
  // Of the applied ones. CHECKPOINT_NOT_FOUND.
  absl::StatusOr<Checkpoint> NeedCheckpoint(const std::string& name) const;
  absl::Status CheckNewCheckpoint(const std::string& name, bool move) const;
  CheckpointOutcome RunCheckpoint(
      const WriteOptions& options, MakeCheckpointAnswer make_answer,
      absl::FunctionRef<absl::StatusOr<CheckpointChange>(const Revision& applied)> plan);
  RevisionPtr NewRevision(const WriteOptions& options, const Revision& before,
                          voxel::RefPtr<const voxel::Document> document,
                          const ChangeSummary& summary) const;
  // Applies `after`, or makes a note if that is null, and appends the record. Sets the outcome's
  // ticket.
  void Submit(const WriteOptions& options, const Base& base, RevisionPtr after,
              const Proposal& proposal, Outcome& outcome);
  // The same with a store that keeps nothing: no record, and nothing to wait for.
  void SubmitAtOnce(const Base& base, RevisionPtr after, const Proposal& proposal,
                    Outcome& outcome);
  // Whether what the proposal was derived from is there still. If not, the outcome says so.
  bool StillValid(const Base& base, const Proposal& proposal, Outcome& outcome)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  static PublishedRevisions::Item ItemOf(const Base& base, const RevisionPtr& after,
                                         const Proposal& proposal);
  CommitRecord MakeRecord(const WriteOptions& options, const Base& base, RevisionPtr after,
                          const Proposal& proposal);
  // Whether the revision that is to get a name is still kept.
  bool StillKept(const CheckpointChange& change) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // The end of every answer that leaves nothing to keep: its ticket, or an error if its head has
  // gone meanwhile.
  void Conclude(const Base& base, Outcome& outcome);

  void Append(CommitRecord&& record, CommitPipeline::Attempt attempt);
  void Settle(const CommitPipeline::Attempt& attempt, int64_t reserved, const absl::Status& status);
  void Resubmit();
  // The same, after a while.
  void ResubmitLater();
  // The part of the effects that must happen in order, under the lock; then the rest of them.
  void PublishLocked(const CommitPipeline::Effects& effects) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Announce(const CommitPipeline::Effects& effects, const absl::Status& status);
  // Tells the vault now and then what is no longer retained. A checkpoint that is set from then on
  // names a revision at or above the floor that was told, or one that was among the kept ones.
  void TellRetired();

  // Constant after construction.
  const ProjectIdentity identity_;
  const ProjectOptions options_;
  const Parts parts_;
  const std::shared_ptr<Strand> strand_;

  // Have locks of their own.
  PublishedRevisions published_;
  WatchHub watches_;

  std::atomic<int64_t> durable_revision_;  // stored with mu_ held, after what it promises
  std::atomic<bool> closed_{false};        // a flag, it orders nothing
  std::atomic<int64_t> last_touched_{0};   // orders nothing
  // Numbers below the first are safe to be seen before they are durable; the second is what was
  // asked for. A stale value costs an early answer, no more.
  std::atomic<int64_t> reserved_below_;
  std::atomic<int64_t> reserve_asked_{0};

  // Belong to the strand.
  RequestLog requests_;
  Proposal proposal_;  // of the mutation that runs; between them it says nothing
  int64_t next_revision_;

  mutable absl::Mutex mu_;
  CommitPipeline pipeline_ ABSL_GUARDED_BY(mu_);
  int32_t failures_in_a_row_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Status last_failure_ ABSL_GUARDED_BY(mu_);
  bool retry_set_ ABSL_GUARDED_BY(mu_) = false;
  // Since the vault was told. It is told of what was there before, too: with the first revision.
  int64_t retired_ ABSL_GUARDED_BY(mu_);
  int64_t retired_bytes_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace voxeld
