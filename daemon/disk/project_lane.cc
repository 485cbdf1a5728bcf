#include "daemon/disk/project_lane.h"

#include <utility>

#include "absl/time/clock.h"
#include "daemon/disk/file_check.h"
#include "daemon/stats/steady_ns.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/steady_time.h"
#include "voxel/base/str_cat.h"

namespace voxeld {

using voxel::Error;
using voxel::Reason;
using voxel::StrCat;

namespace {

// A revision that changed more voxels may take long to encode.
constexpr int64_t kManyVoxels = 1'000'000;
// Answers pile up without a revision being retired, too.
constexpr int64_t kNotesBetweenUpkeeps = 4096;
// While others use the file, upkeep waits between two slices so many times as long as one takes.
constexpr int kPauses = 2;

}  // namespace

ProjectLane::ProjectLane(const LaneParts& parts, std::string uid, std::string file)
    : parts_(parts), uid_(std::move(uid)), path_(std::move(file)), upkeep_(parts.file) {}

ProjectLane::~ProjectLane() {
  absl::MutexLock lock(&file_mu_);
  DropFile();
}

void ProjectLane::Append(CommitRecord&& record, Done&& done) {
  Push(std::move(record), std::move(done), false);
}

void ProjectLane::Remove(Done done) { Push(CommitRecord(), std::move(done), true); }

void ProjectLane::Push(CommitRecord&& record, Done&& done, bool remove) {
  const bool urgent = !record.relaxed;
  absl::MutexLock lock(&mu_);
  if (record.after && record.after->info.voxels_changed > kManyVoxels) large_waits_ = true;
  if (!record.request_id.empty()) ++notes_put_;
  // Records are large to be moved again: there is room for all, and each is put in its place.
  if (waiting_.empty()) waiting_.reserve(last_group_);
  Waiting& last = waiting_.emplace_back();
  last.record = std::move(record);
  last.done = std::move(done);
  last.remove = remove;
  if (urgent) return Schedule();
  if (timer_set_ || scheduled_) return;
  timer_set_ = true;
  parts_.timers->After(parts_.relaxed_delay, [self = shared_from_this()] {
    absl::MutexLock relock(&self->mu_);
    self->timer_set_ = false;
    if (!self->waiting_.empty()) self->Schedule();
  });
}

void ProjectLane::Schedule() {
  if (std::exchange(scheduled_, true)) return;
  Task run = [self = shared_from_this(), large = large_waits_] { self->Run(large); };
  if (large_waits_) return parts_.large_writers->Post(std::move(run));
  if (parts_.nearby != nullptr && parts_.nearby->TryRunHere(run)) return;
  parts_.writers->Post(std::move(run));
}

// What takes long came while this waited for its turn: another thread takes it, so that those for
// the small things are there for the other projects.
bool ProjectLane::PassOn(bool large) {
  absl::MutexLock lock(&mu_);
  if (large || !large_waits_) return false;
  parts_.large_writers->Post([self = shared_from_this()] { self->Run(true); });
  return true;
}

void ProjectLane::Run(bool large) {
  if (PassOn(large)) return;
  std::vector<Waiting> group;
  bool checkpoint = false;
  {
    absl::MutexLock file_lock(&file_mu_);
    {
      absl::MutexLock lock(&mu_);
      group.swap(waiting_);
      last_group_ = group.size();
      large_waits_ = false;
    }
    WriteGroup(group);
    DropFileIfTooMany();
    checkpoint = file_ != nullptr && file_->checkpoint_due();
  }
  for (Waiting& waiting : group) std::move(waiting.done)(std::move(waiting.status));
  if (!checkpoint) return EndTurn(false);
  // Whoever wrote the group may be a thread whose answers go out when it is done with this.
  parts_.writers->Post([self = shared_from_this()] { self->EndTurn(true); });
}

void ProjectLane::EndTurn(bool checkpoint) {
  if (checkpoint) {
    absl::MutexLock file_lock(&file_mu_);
    Checkpoint(false);
  }
  absl::MutexLock lock(&mu_);
  ++groups_;
  if (notes_put_ >= kNotesBetweenUpkeeps) ScheduleUpkeep();
  scheduled_ = false;
  if (!waiting_.empty()) Schedule();  // behind the other lanes
}

void ProjectLane::WriteGroup(std::vector<Waiting>& group) {
  if (group.empty()) return;
  absl::Status status = broken_;
  bool made = false;
  if (voxel::HasReason(status, Reason::STORE_FAILED)) {
    parts_.health->Refused(status, std::ssize(group));
  } else if (status.ok() && group.front().record.created != nullptr) {
    status = Create(group.front().record);
    made = status.ok();
    if (made && group.size() == 1) return;
    if (!made) NotMade(status);
  }
  if (status.ok()) {
    status = OpenFile();
    if (status.ok()) status = WriteRecords(group);
    Report(status, std::ssize(group));
    if (status.ok()) return;
  }
  BreakIfUnsure(status);
  for (Waiting& waiting : group) {
    if (!waiting.status.ok() || (made && waiting.record.created != nullptr)) continue;
    waiting.status = waiting.remove ? Delete() : status;
  }
}

void ProjectLane::BreakIfUnsure(const absl::Status& status) {
  const bool failed = voxel::HasReason(status, Reason::STORE_FAILED);
  if (failed && broken_.ok()) broken_ = status;
  if (failed && file_ != nullptr) file_->KeepLog();
  // One that could not be written is opened anew: somebody may have given us the right.
  if (failed || voxel::HasReason(status, Reason::STORE_READ_ONLY)) Abandon();
}

absl::Status ProjectLane::WriteRecords(std::vector<Waiting>& group) {
  VOXEL_RETURN_IF_ERROR(file_->Begin());
  absl::Status status;
  int64_t put = 0;
  for (Waiting& waiting : group) {
    const CommitRecord& record = waiting.record;
    if (waiting.remove || record.created != nullptr) continue;
    if (record.before->info.revision != file_->head()) {
      waiting.status = absl::UnavailableError("what this record builds on is not durable");
      continue;
    }
    status = file_->Put(record);
    if (voxel::ReasonOf(status) == voxel::ReasonName(Reason::LIMIT_BYTES)) {
      waiting.status = std::exchange(status, absl::OkStatus());  // nothing of it was put
      continue;
    }
    if (!status.ok()) break;
    ++put;
  }
  if (status.ok() && put > 0) {
    const int64_t begin = SteadyNs();
    status = file_->Commit();
    if (status.ok()) parts_.commits->Committed(put, SteadyNs() - begin);
  }
  if (!status.ok() || put == 0) file_->Rollback();
  if (!status.ok()) return status;
  for (Waiting& waiting : group) {
    if (waiting.remove) waiting.status = Delete();
  }
  return absl::OkStatus();
}

absl::Status ProjectLane::Create(const CommitRecord& first) {
  const std::string fresh = parts_.dir->NewFileOf(uid_);
  absl::Status status = ProjectFile::Create(fresh, parts_.file, *first.created, first);
  if (status.ok()) status = parts_.dir->Install(fresh, path_);
  if (!status.ok()) parts_.dir->Discard(fresh);
  return status;
}

absl::Status ProjectLane::OpenFile() {
  if (file_ != nullptr) return absl::OkStatus();
  VOXEL_ASSIGN_OR_RETURN(file_, ProjectFile::Open(path_, parts_.file));
  parts_.open_files->fetch_add(1, std::memory_order_relaxed);
  return absl::OkStatus();
}

void ProjectLane::DropFileIfTooMany() {
  if (parts_.open_files->load(std::memory_order_relaxed) > parts_.max_open_files) DropFile();
}

void ProjectLane::DropFile() {
  if (file_ == nullptr) return;
  if (const absl::Status status = file_->WriteState(); !status.ok()) {
    file_->KeepLog();  // and the mark with it
    BreakIfUnsure(status);
  }
  Abandon();
}

void ProjectLane::Abandon() {
  if (file_ == nullptr) return;
  file_ = nullptr;
  parts_.open_files->fetch_sub(1, std::memory_order_relaxed);
}

void ProjectLane::CloseFile() {
  if (!file_mu_.TryLock()) return;
  DropFile();
  file_mu_.Unlock();
}

bool ProjectLane::forgettable() {
  if (!file_mu_.TryLock()) return false;
  bool nothing = file_ == nullptr && broken_.ok();
  file_mu_.Unlock();
  absl::MutexLock lock(&mu_);
  return nothing && waiting_.empty() && !scheduled_ && !upkeep_scheduled_;
}

absl::Status ProjectLane::Delete() {
  DropFile();
  parts_.health->ClearTrouble(uid_);
  broken_ = Error(Reason::PROJECT_NOT_FOUND, "the project was deleted", "project");
  absl::Status status = parts_.dir->Delete(path_, uid_);
  if (!status.ok()) {
    parts_.log->Error(StrCat("a project cannot be deleted (", voxel::ReasonOf(status),
                             "): ", voxel::ToStd(status.message())));
    parts_.health->Refused(status);
  }
  return status;
}

absl::StatusOr<RestoredProject> ProjectLane::Load(const ProjectOptions& options,
                                                  std::shared_ptr<Reclaimer> reclaimer) {
  absl::MutexLock lock(&file_mu_);
  absl::Status status = broken_.ok() ? OpenFile() : broken_;
  if (!status.ok()) {
    NotLoaded(status);
    return status;
  }
  absl::StatusOr<RestoredProject> project = file_->Restore(options, std::move(reclaimer));
  const bool leftovers = project.ok() && file_->HasLeftovers().value_or(false);
  {
    absl::MutexLock relock(&mu_);
    ++loads_;  // a fold that is under way knows only what was to be kept before: it ends here
    if (leftovers) ScheduleUpkeep();
  }
  if (!project.ok()) {
    NotLoaded(project.status());
    file_->KeepLog();  // all stays as it is, for the next one who looks
    Abandon();
  } else if (reported_.ok()) {
    parts_.health->ClearTrouble(uid_);
  }
  DropFileIfTooMany();
  return project;
}

void ProjectLane::Checkpoint(bool now) {
  if (file_ == nullptr || !(now || file_->checkpoint_due())) return;
  const absl::Status status = file_->Checkpoint();
  if (voxel::HasReason(status, Reason::STORE_FAILED)) Report(status, 0);
  BreakIfUnsure(status);  // anything else shows when the next change is refused, or does not
}

void ProjectLane::Retired(RevisionPtr oldest, std::vector<RevisionPtr> kept) {
  absl::MutexLock lock(&mu_);
  retired_ = {std::move(oldest), std::move(kept)};
  ScheduleUpkeep();
}

void ProjectLane::ScheduleUpkeep() {
  if (ending_ || std::exchange(upkeep_scheduled_, true)) return;
  parts_.upkeep->Post([self = shared_from_this()] { self->RunUpkeep(); });
}

void ProjectLane::RunUpkeep() {
  Retirement retired;
  int64_t loads = 0;
  {
    absl::MutexLock lock(&mu_);
    std::swap(retired, retired_);
    loads = loads_;
    notes_put_ = 0;
  }
  const absl::StatusOr<bool> much =
      upkeep_.Run(retired, [this, loads](ProjectUpkeep::Work work) { return Slice(work, loads); });
  const absl::Status& status = much.status();
  if (status.ok()) {
    upkeep_failed_ = false;
    absl::MutexLock lock(&file_mu_);
    Checkpoint(*much);
  } else if (!absl::IsCancelled(status) && !std::exchange(upkeep_failed_, true)) {
    parts_.log->Warning(StrCat(
        path_, " keeps its old revisions until more come: ", voxel::ToStd(status.message())));
  }
  absl::MutexLock lock(&mu_);
  upkeep_scheduled_ = false;
  if (retired_.oldest) ScheduleUpkeep();
}

absl::Status ProjectLane::Slice(ProjectUpkeep::Work work, int64_t loads) {
  {
    const auto my_turn = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
      return ending_ || !scheduled_ || groups_ != groups_seen_;
    };
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(&my_turn));
    if (ending_ || loads != loads_) return absl::CancelledError("upkeep ends");
  }
  absl::Duration spent;
  absl::Status status;
  {
    absl::MutexLock lock(&file_mu_);
    const absl::Time begin = voxel::SteadyNow();
    status = InTransaction(work);
    if (voxel::HasReason(status, Reason::STORE_FAILED)) Report(status, 0);
    BreakIfUnsure(status);
    Checkpoint(false);
    DropFileIfTooMany();
    spent = voxel::SteadyNow() - begin;
  }
  absl::MutexLock lock(&mu_);
  if (std::exchange(groups_seen_, groups_) != groups_) {
    const absl::Time until = voxel::SteadyNow() + kPauses * spent;
    while (!ending_ && !ends_.WaitUntil(&mu_, until)) continue;
  }
  return status;
}

absl::Status ProjectLane::InTransaction(ProjectUpkeep::Work work) {
  VOXEL_RETURN_IF_ERROR(broken_);
  VOXEL_RETURN_IF_ERROR(OpenFile());
  VOXEL_RETURN_IF_ERROR(file_->Begin());
  absl::Status status = work(*file_);
  if (status.ok()) status = file_->Commit();
  if (!status.ok()) file_->Rollback();
  return status;
}

void ProjectLane::EndUpkeep() {
  absl::MutexLock lock(&mu_);
  ending_ = true;
  ends_.Signal();
}

absl::StatusOr<FileSnapshot> ProjectLane::Snapshot() {
  absl::MutexLock lock(&file_mu_);
  if (voxel::ReasonOf(broken_) == voxel::ReasonName(Reason::PROJECT_NOT_FOUND)) return broken_;
  // Which brings it up to this version's format. Whoever looks at a damaged one sees that it is.
  if (broken_.ok() && OpenFile().ok()) BreakIfUnsure(file_->WriteState());
  auto snapshot = OpenSnapshot(path_, SqliteDb::Mode::kReadWrite, parts_.file);
  DropFileIfTooMany();
  return snapshot;
}

void ProjectLane::Finish() {
  const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return waiting_.empty() && !scheduled_;
  };
  absl::MutexLock lock(&mu_);
  if (!waiting_.empty()) Schedule();
  mu_.Await(absl::Condition(&idle));
}

void ProjectLane::NotMade(const absl::Status& status) {
  parts_.log->Error(StrCat("a project cannot be made (", voxel::ReasonOf(status),
                           "): ", voxel::ToStd(status.message())));
  parts_.health->Refused(status);
}

void ProjectLane::NotLoaded(const absl::Status& status) {
  parts_.log->Error(StrCat("a project cannot be loaded (", voxel::ReasonOf(status),
                           "): ", voxel::ToStd(status.message())));
  parts_.health->Refused(status);
  parts_.health->SetTrouble(uid_, DataDir::IdOf(path_), status, absl::Now());
}

// The log is told once when it begins and once when it ends, not of every record.
void ProjectLane::Report(const absl::Status& status, int64_t refused) {
  if (status.ok()) {
    if (!reported_.ok()) {
      parts_.log->Warning(StrCat(path_, ": changes are taken again"));
      parts_.health->ClearTrouble(uid_);
    }
  } else {
    if (voxel::ReasonOf(reported_) != voxel::ReasonOf(status)) {
      parts_.log->Error(
          StrCat("a change is refused (", voxel::ReasonOf(status),
                 "), the project can only be read: ", voxel::ToStd(status.message())));
    }
    parts_.health->Refused(status, refused);
    parts_.health->SetTrouble(uid_, DataDir::IdOf(path_), status, absl::Now());
  }
  reported_ = status;
}

}  // namespace voxeld
