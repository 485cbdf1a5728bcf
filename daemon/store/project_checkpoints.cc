// What a project does with its checkpoints, and the way back to one.
#include <memory>
#include <utility>

#include "daemon/store/project_impl.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {

using voxel::Error;
using voxel::Reason;
using voxel::StrCat;

CheckpointOutcome ProjectImpl::RunCheckpoint(
    const WriteOptions& options, MakeCheckpointAnswer make_answer,
    absl::FunctionRef<absl::StatusOr<CheckpointChange>(const Revision& applied)> plan) {
  CheckpointOutcome outcome;
  const auto propose = [&](const Revision& applied, Proposal& proposal) -> absl::Status {
    proposal.changed.document = applied.document;
    VOXEL_ASSIGN_OR_RETURN(proposal.checkpoint, plan(applied));
    outcome.checkpoint = proposal.checkpoint.checkpoint;
    return absl::OkStatus();
  };
  // A name that was deleted, but could come back with a crash, might come back to nothing.
  WriteOptions durable = options;
  durable.relaxed = false;
  Run(
      durable, propose, [&](std::string* answer) { make_answer(outcome, answer); }, outcome);
  return outcome;
}

absl::StatusOr<Checkpoint> ProjectImpl::NeedCheckpoint(const std::string& name) const {
  CheckpointsPtr checkpoints;
  {
    absl::MutexLock lock(&mu_);
    checkpoints = pipeline_.checkpoints();
  }
  if (const Checkpoint* found = checkpoints->Find(name)) return *found;
  return Error(Reason::CHECKPOINT_NOT_FOUND,
               StrCat("project \"", identity_.id, "\" has no checkpoint \"", name, "\""),
               "checkpoint");
}

absl::Status ProjectImpl::CheckNewCheckpoint(const std::string& name, bool move) const {
  absl::MutexLock lock(&mu_);
  const Checkpoints& checkpoints = *pipeline_.checkpoints();
  if (const Checkpoint* found = checkpoints.Find(name)) {
    if (move) return absl::OkStatus();
    return Error(Reason::CHECKPOINT_EXISTS,
                 StrCat("checkpoint \"", name, "\" exists, at revision ",
                        found->revision->info.revision, "; set `move` to move it"),
                 "checkpoint");
  }
  if (std::ssize(checkpoints.all()) < options_.max_checkpoints) return absl::OkStatus();
  return Error(Reason::LIMIT_CHECKPOINTS,
               StrCat("the project has ", checkpoints.all().size(),
                      " checkpoints, as many as are allowed; delete one first"),
               "checkpoint");
}

bool ProjectImpl::StillKept(const CheckpointChange& change) const {
  if (change.kind != CheckpointChange::Kind::kSet) return true;
  const int64_t revision = change.checkpoint.revision->info.revision;
  return revision >= published_.oldest() || pipeline_.checkpoints()->FindRevision(revision);
}

CheckpointOutcome ProjectImpl::SetCheckpoint(const std::string& name, int64_t revision, bool move,
                                             const WriteOptions& options,
                                             MakeCheckpointAnswer make_answer) {
  return RunCheckpoint(
      options, make_answer, [&](const Revision& applied) -> absl::StatusOr<CheckpointChange> {
        CheckpointChange change;
        change.kind = CheckpointChange::Kind::kSet;
        Checkpoint& checkpoint = change.checkpoint;
        checkpoint.revision = RevisionPtr::Share(&applied);
        if (revision != 0) {
          VOXEL_ASSIGN_OR_RETURN(checkpoint.revision, NeedRevision(revision, "revision"));
        }
        VOXEL_RETURN_IF_ERROR(CheckNewCheckpoint(name, move));
        checkpoint.name = name;
        checkpoint.actor = options.actor;
        checkpoint.comment = options.comment;
        checkpoint.time = parts_.now();
        return change;
      });
}

CheckpointOutcome ProjectImpl::DeleteCheckpoint(const std::string& name,
                                                const WriteOptions& options,
                                                MakeCheckpointAnswer make_answer) {
  return RunCheckpoint(options, make_answer,
                       [&](const Revision&) -> absl::StatusOr<CheckpointChange> {
                         CheckpointChange change;
                         change.kind = CheckpointChange::Kind::kDelete;
                         VOXEL_ASSIGN_OR_RETURN(change.checkpoint, NeedCheckpoint(name));
                         return change;
                       });
}

RollbackOutcome ProjectImpl::Rollback(const RollbackTarget& target, const WriteOptions& options,
                                      MakeRollbackAnswer make_answer) {
  RollbackOutcome outcome;
  const auto propose = [&](const Revision&, Proposal& proposal) -> absl::Status {
    if (target.checkpoint.empty()) {
      VOXEL_ASSIGN_OR_RETURN(outcome.target, NeedRevision(target.revision, "revision"));
    } else {
      VOXEL_ASSIGN_OR_RETURN(const Checkpoint checkpoint, NeedCheckpoint(target.checkpoint));
      outcome.target = checkpoint.revision;
    }
    proposal.changed.document = outcome.target->document;
    proposal.history.kind = HistoryChange::Kind::kStep;
    return absl::OkStatus();
  };
  Run(
      options, propose, [&](std::string* answer) { make_answer(outcome, answer); }, outcome);
  return outcome;
}

}  // namespace voxeld
