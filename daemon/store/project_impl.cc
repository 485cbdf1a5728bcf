#include "daemon/store/project_impl.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "daemon/store/request_reuse.h"
#include "daemon/store/revision_cursor.h"
#include "daemon/store/steady_ms.h"
#include "voxel/base/error.h"
#include "voxel/base/retry_later.h"
#include "voxel/base/short_text.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;
using voxel::ShortText;
using voxel::StrCat;

// Of a failed commit that is published already; then after a while, or with the next mutation.
constexpr int32_t kRetriesAtOnce = 3;
constexpr int64_t kCommitsEndMs = 50;  // some of those that wait

// A project holds back so many numbers at once for revisions that are seen before they are durable.
constexpr int64_t kReserve = 1 << 16;
// The vault is told of retired revisions after so many, or so many bytes of them in memory.
constexpr int64_t kTellRetiredEvery = 256;
constexpr int64_t kTellRetiredBytes = int64_t{1} << 20;

absl::Status CommitFailed(std::string_view why) {
  return Error(Reason::COMMIT_FAILED, StrCat("the store could not make the change durable: ", why));
}

// The store's own words, if it has any.
absl::Status FailureOf(const absl::Status& status) {
  return voxel::ReasonOf(status).empty() ? CommitFailed("see the daemon's log") : status;
}

absl::Status Deleted(const ProjectIdentity& identity) {
  return Error(Reason::PROJECT_NOT_FOUND, ShortText("project \"", identity.id, "\" was deleted"),
               "project");
}

// A guard's refusal, with what is current in place of what it expected.
absl::Status AndCurrent(int64_t revision, absl::Status refusal) {
  voxel::SetFact(refusal, "current_revision", std::to_string(revision));
  return refusal;
}

// Whether the same may succeed later, without a restart.
bool MayPass(const absl::Status& status) {
  return voxel::HasReason(status, Reason::STORE_FULL) ||
         voxel::HasReason(status, Reason::STORE_READ_ONLY) ||
         voxel::HasReason(status, Reason::COMMIT_FAILED) || voxel::ReasonOf(status).empty();
}

CheckpointsPtr CheckpointsOf(const std::vector<Checkpoint>& list) {
  auto checkpoints = std::make_shared<Checkpoints>();
  for (const Checkpoint& checkpoint : list) {
    checkpoints->Apply({CheckpointChange::Kind::kSet, checkpoint});
  }
  return checkpoints;
}

}  // namespace

ProjectImpl::ProjectImpl(RestoredProject start, const ProjectOptions& options, Parts parts)
    : identity_(std::move(start.identity)),
      options_(options),
      parts_(std::move(parts)),
      strand_(std::make_shared<Strand>(parts_.pool)),
      published_(start.revisions.front().revision,
                 {options.retained_bytes, options.retained_revisions}),
      watches_(parts_.pool, options.watches),
      durable_revision_(start.revisions.back().revision->info.revision),
      reserved_below_(parts_.vault != nullptr ? 0 : std::numeric_limits<int64_t>::max()),
      requests_(options.requests),
      next_revision_(start.next_revision),
      pipeline_(start.revisions.back().revision, std::move(start.history),
                CheckpointsOf(start.checkpoints)),
      retired_(kTellRetiredEvery) {
  published_.Publish(absl::MakeConstSpan(start.revisions).subspan(1));
  published_.SetCheckpoints(pipeline_.checkpoints());
  for (const RestoredProject::Request& request : start.requests) {
    requests_.Remember(request.id, request.remembered, request.time);
  }
  absl::MutexLock lock(&mu_);
  pipeline_.DropHistoryBelow(published_.oldest());
}

Outcome ProjectImpl::Mutate(const WriteOptions& options, Change change, MakeAnswer make_answer) {
  Outcome outcome;
  const auto propose = [&](const Revision& applied, Proposal& proposal) -> absl::Status {
    VOXEL_ASSIGN_OR_RETURN(proposal.changed, change(applied));
    proposal.history.kind = HistoryChange::Kind::kStep;
    return absl::OkStatus();
  };
  Run(
      options, propose, [&](std::string* answer) { make_answer(outcome, answer); }, outcome);
  return outcome;
}

void ProjectImpl::Proposal::Clear() {
  changed = {};
  history.kind = HistoryChange::Kind::kNone;
  history.count = 0;
  history.step.kind = UndoStep::Kind::kEdit;
  history.step.count = 0;
  history.step.actor.clear();
  history.step.before = history.step.after = 0;
  if (checkpoint.kind != CheckpointChange::Kind::kNone) checkpoint = {};
  answer.clear();
}

void ProjectImpl::Run(const WriteOptions& options, Propose propose, AnswerFor answer,
                      Outcome& outcome) {
  if (closed_.load(std::memory_order_relaxed)) {
    outcome.status = Deleted(identity_);
    return;
  }
  if (AnswerFromLog(options, outcome)) return;
  const absl::StatusOr<Base> found = TakeBase();
  if (!found.ok()) {
    outcome.status = found.status();  // not derived from the applied head: goes out at once
    return;
  }
  RunOn(*found, options, propose, answer, outcome);
  proposal_.Clear();
}

void ProjectImpl::RunOn(const Base& base, const WriteOptions& options, Propose propose,
                        AnswerFor answer, Outcome& outcome) {
  Proposal& proposal = proposal_;
  outcome.status = CheckAndPropose(options, *base.applied, propose, proposal);
  if (!outcome.status.ok()) return Conclude(base, outcome);
  const bool changed = Describe(options, *base.applied, proposal, outcome);
  if (options.validate_only) return Conclude(base, outcome);
  const bool remember = !options.request_id.empty();
  if (remember) answer(&proposal.answer);
  // An edit that changes nothing is no step; an undo that changes nothing (two steps that cancel
  // out, or nothing but conflicts) was one all the same.
  const bool step = changed || proposal.history.kind != HistoryChange::Kind::kStep ||
                    proposal.history.step.kind != UndoStep::Kind::kEdit;
  if (!step) proposal.history.kind = HistoryChange::Kind::kNone;
  if (!remember && proposal.history.kind == HistoryChange::Kind::kNone &&
      proposal.checkpoint.kind == CheckpointChange::Kind::kNone) {
    return Conclude(base, outcome);
  }
  Submit(options, base, changed ? outcome.applied : nullptr, proposal, outcome);
  if (!remember || !outcome.status.ok()) return;
  Remember(options.request_id,
           {options.request_hash, outcome.revision, proposal.answer, outcome.ticket});
}

void ProjectImpl::Remember(std::string_view id, const RequestLog::Found& request) {
  requests_.Remember(id, request, parts_.now());
}

void ProjectImpl::Touch() {
  const int64_t ms = SteadyMs();
  // Only when it changes: the line stays shared between threads that ask often.
  if (last_touched() / 16 != ms / 16) last_touched_.store(ms, std::memory_order_relaxed);
}

bool ProjectImpl::idle_for(absl::Duration time) const {
  if (SteadyMs() - last_touched() < absl::ToInt64Milliseconds(time)) return false;
  if (watches_.watches() > 0 || strand_->queued() > 0) return false;
  absl::MutexLock lock(&mu_);
  // One whose file takes no changes is best read from memory.
  return pipeline_.size() == 0 && failures_in_a_row_ == 0;
}

int64_t ProjectImpl::EstimateBytes() const {
  int64_t bytes = published_.retained_bytes();
  const RevisionPtr oldest = published_.Oldest();
  for (const auto& [revision, held] : checkpoints()->HeldBytes(*oldest)) bytes += held;
  const RevisionPtr now = head();
  for (const auto& layer : now->document->layers) bytes += layer->volume.Bytes();
  return bytes;
}

absl::Status ProjectImpl::CheckAndPropose(const WriteOptions& options, const Revision& applied,
                                          Propose propose, Proposal& proposal) {
  VOXEL_RETURN_IF_ERROR(CheckGuards(options, applied));
  return propose(applied, proposal);
}

bool ProjectImpl::Describe(const WriteOptions& options, const Revision& applied, Proposal& proposal,
                           Outcome& outcome) const {
  ChangeSummary& summary = proposal.summary;
  const voxel::Document& after = *proposal.changed.document;
  if (const auto& known = proposal.changed.known; known.has_value()) {
    summary.changed = &after != applied.document.get();
    summary.voxels_changed = known->voxels_changed;
    summary.bounds = known->bounds;
    if (summary.changed) {  // else nobody asks which: the last one's text is kept for the next
      summary.layers.resize(1);
      summary.layers[0] = after.layers[static_cast<size_t>(known->layer)]->id;
    }
  } else {
    summary = SummarizeChange(*applied.document, after);
  }
  outcome.voxels_changed = summary.voxels_changed;
  outcome.bounds = summary.bounds;
  outcome.applied = summary.changed
                        ? NewRevision(options, applied, proposal.changed.document, summary)
                        : RevisionPtr::Share(&applied);
  outcome.revision = options.validate_only ? applied.info.revision : outcome.applied->info.revision;
  UndoStep& step = proposal.history.step;
  step.actor = options.actor;
  step.before = applied.info.revision;
  step.after = outcome.revision;
  return summary.changed;
}

bool ProjectImpl::AnswerFromLog(const WriteOptions& options, Outcome& outcome) {
  if (options.request_id.empty() || options.validate_only) return false;
  const RequestLog::Found* remembered = requests_.Find(options.request_id);
  if (remembered == nullptr) return false;
  outcome.ticket = remembered->ticket;
  if (remembered->hash != options.request_hash) {
    outcome.status = RequestIdReused(options.request_id, remembered->revision);
    return true;
  }
  outcome.replayed = true;
  outcome.revision = remembered->revision;
  outcome.answer = remembered->answer;
  return true;
}

absl::StatusOr<ProjectImpl::Base> ProjectImpl::TakeBase() const {
  absl::MutexLock lock(&mu_);
  if (std::ssize(pipeline_) < options_.max_pending) {
    return Base{pipeline_.applied(), pipeline_.epoch()};
  }
  return voxel::RetryLater(Reason::OVERLOADED,
                           ShortText(pipeline_.size(), " revisions of project \"", identity_.id,
                                     "\" wait for the store already"),
                           kCommitsEndMs);
}

absl::Status ProjectImpl::CheckGuards(const WriteOptions& options, const Revision& applied) {
  const int64_t current = applied.info.revision;
  if (options.expected_revision != 0 && options.expected_revision != current) {
    return AndCurrent(current, Error(Reason::REVISION_MISMATCH,
                                     ShortText("revision ", options.expected_revision,
                                               " was expected, but the project is at ", current),
                                     "write.expected_revision"));
  }
  if (options.unchanged.has_value()) return CheckUnchanged(*options.unchanged, applied);
  return absl::OkStatus();
}

absl::Status ProjectImpl::CheckUnchanged(const WriteOptions::Unchanged& unchanged,
                                         const Revision& applied) {
  VOXEL_ASSIGN_OR_RETURN(const RevisionPtr since,
                         NeedRevision(unchanged.since_revision, "write.unchanged.since_revision"));
  if (!BoxChanged(*since->document, *applied.document, unchanged.box)) return absl::OkStatus();
  const int64_t current = applied.info.revision;
  return AndCurrent(current,
                    Error(Reason::BOX_CHANGED,
                          ShortText("voxels of the guarded box changed after revision ",
                                    unchanged.since_revision, "; the project is at ", current),
                          "write.unchanged"));
}

RevisionPtr ProjectImpl::FindRevision(int64_t revision) const {
  {
    absl::MutexLock lock(&mu_);
    if (RevisionPtr pending = pipeline_.Find(revision)) return pending;
  }
  absl::StatusOr<RevisionPtr> published =
      revision > 0 ? published_.At(revision) : absl::OutOfRangeError("");
  return published.ok() ? *std::move(published) : nullptr;
}

absl::StatusOr<RevisionPtr> ProjectImpl::NeedRevision(int64_t revision,
                                                      std::string_view field) const {
  if (RevisionPtr found = FindRevision(revision)) return found;
  absl::StatusOr<RevisionPtr> published = published_.At(revision);
  return published.ok() ? published : voxel::InField(field, published.status());
}

RevisionPtr ProjectImpl::NewRevision(const WriteOptions& options, const Revision& before,
                                     voxel::RefPtr<const voxel::Document> document,
                                     const ChangeSummary& summary) const {
  auto revision = Revision::New();
  RevisionInfo& info = revision->info;  // each field: it may be another revision's, used again
  info.revision = next_revision_;
  info.previous_revision = before.info.revision;
  info.actor = options.actor;
  info.comment = options.comment;
  info.time = parts_.now();
  info.voxels_changed = summary.voxels_changed;
  info.bounds = summary.bounds;
  info.layers = summary.layers;
  revision->document = std::move(document);
  revision->reclaimer = parts_.reclaimer;
  return RevisionPtr::Adopt(revision.release());
}

CommitRecord ProjectImpl::MakeRecord(const WriteOptions& options, const Base& base,
                                     RevisionPtr after, const Proposal& proposal) {
  CommitRecord record{.project_uid = identity_.uid,
                      .created = nullptr,
                      .before = base.applied,
                      .after = std::move(after),
                      .history = proposal.history,
                      .checkpoint = proposal.checkpoint,
                      .request_id = options.request_id,
                      .request_hash = options.request_hash,
                      .answer = proposal.answer,
                      .time = parts_.now(),
                      .relaxed = options.relaxed};
  const bool low = next_revision_ + kReserve / 2 > reserve_asked_.load(std::memory_order_relaxed);
  if (parts_.vault != nullptr && options.relaxed && low) {
    record.reserve_below = next_revision_ + kReserve;
    record.relaxed = false;  // this answer, or that of one of the next, waits for it
    reserve_asked_.store(record.reserve_below, std::memory_order_relaxed);
  }
  return record;
}

bool ProjectImpl::StillValid(const Base& base, const Proposal& proposal, Outcome& outcome) {
  if (pipeline_.epoch() != base.epoch) {
    outcome = {};
    outcome.status = FailureOf(last_failure_);
    return false;
  }
  if (StillKept(proposal.checkpoint)) return true;
  const int64_t gone = proposal.checkpoint.checkpoint.revision->info.revision;
  outcome = {};
  outcome.status = voxel::InField("revision", published_.At(gone).status());
  outcome.ticket = pipeline_.TicketForApplied();
  return false;
}

PublishedRevisions::Item ProjectImpl::ItemOf(const Base& base, const RevisionPtr& after,
                                             const Proposal& proposal) {
  if (!after) return {};
  const auto& known = proposal.changed.known;
  return {after, known.has_value() ? known->let_go_bytes
                                   : base.applied->document->BytesNotIn(*after->document)};
}

void ProjectImpl::SubmitAtOnce(const Base& base, RevisionPtr after, const Proposal& proposal,
                               Outcome& outcome) {
  const PublishedRevisions::Item item = ItemOf(base, after, proposal);
  CommitPipeline::Effects effects;
  {
    absl::MutexLock lock(&mu_);
    if (!StillValid(base, proposal, outcome)) return;
    effects = pipeline_.PushDurable(item, proposal.history, proposal.checkpoint);
    PublishLocked(effects);
  }
  if (after) ++next_revision_;
  Announce(effects, absl::OkStatus());
  if (!effects.publish.empty() || effects.checkpoints) TellRetired();
}

void ProjectImpl::Submit(const WriteOptions& options, const Base& base, RevisionPtr after,
                         const Proposal& proposal, Outcome& outcome) {
  if (parts_.store->keeps_nothing()) {
    return SubmitAtOnce(base, std::move(after), proposal, outcome);
  }
  CommitRecord record = MakeRecord(options, base, after, proposal);
  CommitPipeline::Entry entry;
  entry.item = ItemOf(base, after, proposal);
  entry.relaxed =
      options.relaxed && next_revision_ < reserved_below_.load(std::memory_order_relaxed);
  entry.history = proposal.history;
  entry.checkpoint = proposal.checkpoint;
  if (entry.relaxed) {
    entry.rest = {record.project_uid, record.before, record.request_id,   record.request_hash,
                  record.answer,      record.time,   record.reserve_below};
  }
  std::vector<CommitPipeline::Resubmission> first;
  CommitPipeline::Effects effects;
  CommitPipeline::Attempt attempt;
  bool slow = false;
  {
    absl::MutexLock lock(&mu_);
    if (!StillValid(base, proposal, outcome)) return;
    first = pipeline_.TakeUnsubmitted();
    effects = pipeline_.Push(std::move(entry));
    attempt = pipeline_.LastAttempt();
    // Relaxed writers that are faster than the disk are slowed to its pace before they are refused:
    // to that of the disk, not of what waits for company.
    slow = options.relaxed && 2 * std::ssize(pipeline_) > options_.max_pending;
    if (slow) record.relaxed = false;
    PublishLocked(effects);
  }
  if (after) ++next_revision_;
  Announce(effects, absl::OkStatus());
  for (CommitPipeline::Resubmission& again : first) Append(std::move(again.record), again.attempt);
  Append(std::move(record), attempt);
  absl::MutexLock lock(&mu_);
  // The store may have answered already, either way.
  if (pipeline_.epoch() == base.epoch) {
    outcome.ticket = slow ? pipeline_.TicketForDurable() : pipeline_.TicketForApplied();
    return;
  }
  outcome = {};
  outcome.status = FailureOf(last_failure_);
}

void ProjectImpl::Conclude(const Base& base, Outcome& outcome) {
  absl::MutexLock lock(&mu_);
  if (pipeline_.epoch() == base.epoch) {
    outcome.ticket = pipeline_.TicketForApplied();
    return;
  }
  outcome = {};
  outcome.status = FailureOf(last_failure_);
}

void ProjectImpl::Append(CommitRecord&& record, CommitPipeline::Attempt attempt) {
  parts_.open_work->Begin();
  const int64_t reserved = record.reserve_below;
  parts_.store->Append(std::move(record),
                       [self = shared_from_this(), attempt, reserved](const absl::Status& status) {
                         self->Settle(attempt, reserved, status);
                         self->parts_.open_work->End();
                       });
}

void ProjectImpl::Settle(const CommitPipeline::Attempt& attempt, int64_t reserved,
                         const absl::Status& status) {
  CommitPipeline::Effects effects;
  bool retry = false;
  bool later = false;
  if (!status.ok()) {
    reserve_asked_.store(0, std::memory_order_relaxed);
  } else if (reserved > 0) {
    reserved_below_.store(reserved, std::memory_order_relaxed);
  }
  {
    absl::MutexLock lock(&mu_);
    failures_in_a_row_ = status.ok() ? 0 : failures_in_a_row_ + 1;
    // What fails because an earlier one did has no reason of its own.
    if (!status.ok() && (last_failure_.ok() || !voxel::ReasonOf(status).empty())) {
      last_failure_ = status;
    }
    effects = pipeline_.Settle(attempt, status.ok());
    PublishLocked(effects);
    retry = effects.resubmit && failures_in_a_row_ <= kRetriesAtOnce;
    later = effects.resubmit && !retry && !closed_.load(std::memory_order_relaxed) &&
            parts_.timers != nullptr && MayPass(status) && !std::exchange(retry_set_, true);
  }
  Announce(effects, status);
  if (!effects.publish.empty() || effects.checkpoints) TellRetired();
  if (later) ResubmitLater();
  if (!retry) return;
  parts_.open_work->Begin();
  strand_->Post([self = shared_from_this()] {
    self->Resubmit();
    self->parts_.open_work->End();
  });
}

void ProjectImpl::TellRetired() {
  if (parts_.pressure != nullptr) parts_.pressure->Check();
  if (parts_.vault == nullptr) return;
  RevisionPtr oldest;
  std::vector<RevisionPtr> kept;
  {
    absl::MutexLock lock(&mu_);
    if (retired_ < kTellRetiredEvery && retired_bytes_ < kTellRetiredBytes) return;
    retired_ = 0;
    retired_bytes_ = 0;
    oldest = published_.Oldest();
    // Those that are deleted, or set, but not durably so yet are kept as well.
    const Checkpoints& published = *pipeline_.published_checkpoints();
    kept = published.Below(oldest->info.revision);
    for (const RevisionPtr& applied : pipeline_.checkpoints()->Below(oldest->info.revision)) {
      if (!published.FindRevision(applied->info.revision)) kept.push_back(applied);
    }
  }
  std::sort(kept.begin(), kept.end(), [](const RevisionPtr& a, const RevisionPtr& b) {
    return a->info.revision < b->info.revision;
  });
  parts_.vault->Retired(identity_.uid, std::move(oldest), std::move(kept));
}

void ProjectImpl::ResubmitLater() {
  parts_.open_work->Begin();
  parts_.timers->After(parts_.retry_every, [self = shared_from_this()] {
    self->strand_->Post([self] {
      {
        absl::MutexLock lock(&self->mu_);
        self->retry_set_ = false;
      }
      self->Resubmit();
      self->parts_.open_work->End();
    });
  });
}

void ProjectImpl::Resubmit() {
  std::vector<CommitPipeline::Resubmission> records;
  {
    absl::MutexLock lock(&mu_);
    records = pipeline_.TakeUnsubmitted();
  }
  for (CommitPipeline::Resubmission& again : records)
    Append(std::move(again.record), again.attempt);
}

void ProjectImpl::PublishLocked(const CommitPipeline::Effects& effects) {
  // In this order: nobody sees a checkpoint whose revision is not there yet.
  if (!effects.publish.empty()) {
    PublishedRevisions::Items retired = published_.Publish(effects.publish);
    for (PublishedRevisions::Item& dropped : retired) {
      ++retired_;
      retired_bytes_ += dropped.freed_bytes;
      parts_.reclaimer->DropLater(std::move(dropped.revision), dropped.freed_bytes);
    }
    pipeline_.DropHistoryBelow(published_.oldest());
  }
  if (effects.durable > 0) durable_revision_.store(effects.durable, std::memory_order_release);
  if (effects.checkpoints) published_.SetCheckpoints(pipeline_.published_checkpoints());
}

void ProjectImpl::Announce(const CommitPipeline::Effects& effects, const absl::Status& status) {
  if (effects.durable > 0) {
    watches_.WakeAll(effects.durable_revisions,
                     [this] { return published_.Oldest()->info.previous_revision; });
  }
  for (const CommitTicket& ticket : effects.ready) ticket.Resolve(absl::OkStatus());
  for (const CommitTicket& ticket : effects.failed) ticket.Resolve(FailureOf(status));
}

absl::StatusOr<UndoPlan> ProjectImpl::PlanUndo(UndoDirection direction, uint32_t count,
                                               UndoScope scope, const std::string& actor,
                                               const Revision& applied,
                                               const voxel::TaskContext& context) {
  const auto find = [this](int64_t revision) { return FindRevision(revision); };
  UndoHistory history;
  {
    absl::MutexLock lock(&mu_);
    history = pipeline_.history();
  }
  if (scope == UndoScope::kProject) return PlanForProject(direction, count, history, applied, find);
  return PlanForActor(direction, count, history.StepsOf(actor), applied, find, context);
}

UndoOutcome ProjectImpl::RunUndo(UndoDirection direction, uint32_t count, UndoScope scope,
                                 const WriteOptions& options, const voxel::TaskContext& context,
                                 MakeUndoAnswer make_answer) {
  UndoOutcome outcome;
  const auto propose = [&](const Revision& applied, Proposal& proposal) -> absl::Status {
    VOXEL_ASSIGN_OR_RETURN(UndoPlan plan, PlanUndo(direction, std::max(count, 1u), scope,
                                                   options.actor, applied, context));
    outcome.done = plan.done;
    outcome.undo_left = plan.undo_left;
    outcome.redo_left = plan.redo_left;
    outcome.conflicts = plan.conflicts;
    proposal.changed.document = std::move(plan.document);
    proposal.history = std::move(plan.history);
    return absl::OkStatus();
  };
  Run(
      options, propose, [&](std::string* answer) { make_answer(outcome, answer); }, outcome);
  return outcome;
}

UndoOutcome ProjectImpl::Undo(uint32_t count, UndoScope scope, const WriteOptions& options,
                              const voxel::TaskContext& context, MakeUndoAnswer make_answer) {
  return RunUndo(UndoDirection::kUndo, count, scope, options, context, make_answer);
}

UndoOutcome ProjectImpl::Redo(uint32_t count, UndoScope scope, const WriteOptions& options,
                              const voxel::TaskContext& context, MakeUndoAnswer make_answer) {
  return RunUndo(UndoDirection::kRedo, count, scope, options, context, make_answer);
}

absl::StatusOr<std::unique_ptr<WatchCursor>> ProjectImpl::Watch(int64_t after) {
  const int64_t position = after == 0 ? durable_revision() : after;
  VOXEL_ASSIGN_OR_RETURN(RevisionPtr passed, published_.Position(position));
  WatchHub::MemberPtr member = watches_.Join(position);
  if (member == nullptr) {
    return Error(Reason::LIMIT_STREAMS,
                 StrCat("project \"", identity_.id, "\" has ", options_.watches.max_watches,
                        " watches already, which is the limit"));
  }
  return std::make_unique<RevisionCursor>(shared_from_this(), std::move(member), position,
                                          std::move(passed));
}

void ProjectImpl::Close() {
  closed_.store(true, std::memory_order_relaxed);
  watches_.Close();
}

}  // namespace voxeld
