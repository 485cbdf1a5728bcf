#include "daemon/disk/disk_store.h"

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "daemon/disk/file_check.h"
#include "daemon/disk/file_copy.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/base/string_view.h"

namespace voxeld {
namespace {

using voxel::StrCat;

absl::Status NotHere(std::string_view uid) {
  return voxel::Error(voxel::Reason::PROJECT_NOT_FOUND,
                      StrCat("no project with the uid ", uid, " is kept here"), "project");
}

constexpr int kLargeWriters = 2;
constexpr int kUpkeepThreads = 2;

WorkerPoolOptions PoolOptions(int threads, const std::vector<int>& cpus) {
  WorkerPoolOptions options;
  options.max_threads = threads;
  options.min_threads = std::min(options.min_threads, threads);
  options.cpus = cpus;
  return options;
}

}  // namespace

absl::StatusOr<std::unique_ptr<DiskStore>> DiskStore::Open(const DiskOptions& options,
                                                           std::string_view name, const Log* log) {
  VOXEL_ASSIGN_OR_RETURN(std::unique_ptr<DataDir> dir,
                         DataDir::Open(options.dir, name, options.file.ops));
  std::unique_ptr<DiskStore> store(new DiskStore(options, std::move(dir), log));
  VOXEL_RETURN_IF_ERROR(store->ReadCatalogue(log));
  return store;
}

DiskStore::DiskStore(const DiskOptions& options, std::unique_ptr<DataDir> dir, const Log* log)
    : options_(options),
      dir_(std::move(dir)),
      writers_(PoolOptions(options.writers, options.cpus)),
      large_writers_(PoolOptions(kLargeWriters, options.cpus)),
      upkeep_(PoolOptions(kUpkeepThreads, options.cpus)),
      parts_({.dir = dir_.get(),
              .writers = &writers_,
              .large_writers = &large_writers_,
              .upkeep = &upkeep_,
              .nearby = options.nearby,
              .timers = &timers_,
              .log = log,
              .health = &health_,
              .commits = &commits_,
              .file = options.file,
              .relaxed_delay = options.relaxed_delay,
              .open_files = &open_files_,
              .max_open_files = options.max_open_files}) {}

DiskStore::~DiskStore() {
  std::vector<std::shared_ptr<ProjectLane>> lanes;
  {
    absl::MutexLock lock(&mu_);
    for (auto& [uid, place] : places_) {
      if (place.lane != nullptr) lanes.push_back(place.lane);
    }
  }
  for (const std::shared_ptr<ProjectLane>& lane : lanes) lane->EndUpkeep();
  for (const std::shared_ptr<ProjectLane>& lane : lanes) lane->Finish();
}

absl::Status DiskStore::ReadCatalogue(const Log* log) {
  std::vector<std::string> strange;
  VOXEL_ASSIGN_OR_RETURN(std::vector<Entry> found, dir_->List(strange));
  for (const std::string& name : strange) {
    log->Warning(StrCat("projects/", name, " is left alone: its name is no <id>.<uid>.voxels"));
  }
  std::sort(found.begin(), found.end(), [](const Entry& a, const Entry& b) {
    return a.id != b.id ? a.id < b.id : a.uid < b.uid;
  });
  for (size_t i = 0, end = 0; i < found.size(); i = end) {
    while (end < found.size() && found[end].id == found[i].id) ++end;
    VOXEL_RETURN_IF_ERROR(LastWrittenFirst({&found[i], end - i}));
  }
  absl::MutexLock lock(&mu_);
  for (Entry& entry : found) {
    const std::string file = dir_->FileOf(entry.id, entry.uid);
    if (!entries_.empty() && entries_.back().id == entry.id) {
      SetAside(file, dir_->FileOf(entry.id, entries_.back().uid), log);
    } else if (!places_.try_emplace(entry.uid, Place{file, nullptr, 0}).second) {
      log->Warning(StrCat(file, " is left alone: another file has the same uid"));
    } else {
      entries_.push_back(std::move(entry));
    }
  }
  return absl::OkStatus();
}

absl::Status DiskStore::LastWrittenFirst(absl::Span<Entry> files) const {
  if (files.size() == 1) return absl::OkStatus();  // nearly all: then nobody asks the disk
  std::vector<std::pair<absl::Time, Entry>> dated;
  for (Entry& entry : files) {
    VOXEL_ASSIGN_OR_RETURN(const absl::Time written,
                           dir_->LastWritten(dir_->FileOf(entry.id, entry.uid)));
    dated.emplace_back(written, std::move(entry));
  }
  std::stable_sort(dated.begin(), dated.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (size_t i = 0; i < files.size(); ++i) files[i] = std::move(dated[i].second);
  return absl::OkStatus();
}

void DiskStore::SetAside(const std::string& file, const std::string& project, const Log* log) {
  const absl::StatusOr<std::string> aside = dir_->SetAside(file);
  log->Warning(StrCat(file, aside.ok() ? StrCat(" is set aside as ", *aside) : " is left alone",
                      ": ", project, " has the same id and was written later",
                      aside.ok() ? "" : StrCat("; ", voxel::ToStd(aside.status().message()))));
}

std::shared_ptr<ProjectLane> DiskStore::LaneOf(std::string_view uid,
                                               const ProjectIdentity* created) {
  absl::MutexLock lock(&mu_);
  if (created != nullptr) {
    places_.try_emplace(created->uid, Place{dir_->FileOf(created->id, created->uid), nullptr, 0});
  }
  const auto found = places_.find(voxel::ToAbsl(uid));
  if (found == places_.end()) return nullptr;
  Place& place = found->second;
  place.used = ++clock_;
  if (place.lane == nullptr)
    place.lane = std::make_shared<ProjectLane>(parts_, found->first, place.file);
  std::shared_ptr<ProjectLane> lane = place.lane;
  if (open_files_.load(std::memory_order_relaxed) >= options_.max_open_files) CloseSomeFiles();
  return lane;
}

void DiskStore::CloseSomeFiles() {
  if (std::exchange(closing_, true)) return;
  std::vector<std::pair<uint64_t, std::string>> used;
  for (auto& [uid, place] : places_) {
    if (place.lane != nullptr) used.emplace_back(place.used, uid);
  }
  std::sort(used.begin(), used.end());
  used.resize(used.size() / 4 + 1);
  writers_.Post([this, used = std::move(used)] {
    for (const auto& [when, uid] : used) {
      std::shared_ptr<ProjectLane> lane;
      {
        absl::MutexLock lock(&mu_);
        const auto found = places_.find(uid);
        if (found == places_.end() || found->second.used != when) continue;
        lane = found->second.lane;
      }
      lane->CloseFile();  // may write: not under the lock
      absl::MutexLock lock(&mu_);
      const auto found = places_.find(uid);
      if (found != places_.end() && found->second.used == when && lane->forgettable()) {
        found->second.lane = nullptr;
      }
    }
    absl::MutexLock lock(&mu_);
    closing_ = false;
  });
}

void DiskStore::Forget(const std::string& uid) {
  absl::MutexLock lock(&mu_);
  places_.erase(uid);
}

void DiskStore::Append(CommitRecord&& record, Done done) {
  const std::shared_ptr<ProjectLane> lane = LaneOf(record.project_uid, record.created.get());
  if (lane == nullptr) return done(NotHere(record.project_uid));
  if (record.created == nullptr) return lane->Append(std::move(record), std::move(done));
  auto created = [this, uid = std::string(record.project_uid),
                  done = std::move(done)](absl::Status status) mutable {
    if (!status.ok()) Forget(uid);
    std::move(done)(std::move(status));
  };
  lane->Append(std::move(record), std::move(created));
}

absl::StatusOr<RestoredProject> DiskStore::Load(const std::string& uid,
                                                const ProjectOptions& options,
                                                std::shared_ptr<Reclaimer> reclaimer) {
  const std::shared_ptr<ProjectLane> lane = LaneOf(uid, nullptr);
  if (lane == nullptr) return NotHere(uid);
  return lane->Load(options, std::move(reclaimer));
}

void DiskStore::Remove(const std::string& uid, Done done) {
  const std::shared_ptr<ProjectLane> lane = LaneOf(uid, nullptr);
  if (lane == nullptr) return done(NotHere(uid));
  Forget(uid);
  lane->Remove(std::move(done));
}

void DiskStore::Retired(const std::string& uid, RevisionPtr oldest, std::vector<RevisionPtr> kept) {
  const std::shared_ptr<ProjectLane> lane = LaneOf(uid, nullptr);
  if (lane != nullptr) lane->Retired(std::move(oldest), std::move(kept));
}

bool DiskStore::Has(const std::string& uid) {
  absl::MutexLock lock(&mu_);
  return places_.contains(uid);
}

int64_t DiskStore::DiskBytes(const std::string& uid) {
  std::string file;
  {
    absl::MutexLock lock(&mu_);
    const auto found = places_.find(uid);
    if (found == places_.end()) return 0;
    file = found->second.file;
  }
  return DataDir::DiskBytes(file);
}

absl::StatusOr<std::unique_ptr<ProjectCopy>> DiskStore::CopyOf(const std::string& uid,
                                                               const voxel::TaskContext& context) {
  const std::shared_ptr<ProjectLane> lane = LaneOf(uid, nullptr);
  if (lane == nullptr) return NotHere(uid);
  VOXEL_ASSIGN_OR_RETURN(FileSnapshot snapshot, lane->Snapshot());
  const std::string scratch =
      dir_->CopyFileOf(uid, copies_.fetch_add(1, std::memory_order_relaxed));
  return FileCopy::Make(lane->path(), std::move(snapshot), scratch, options_.file, context);
}

absl::StatusOr<CheckReport> DiskStore::Check(const std::string& uid,
                                             const voxel::TaskContext& context) {
  const std::shared_ptr<ProjectLane> lane = LaneOf(uid, nullptr);
  if (lane == nullptr) return NotHere(uid);
  absl::StatusOr<FileSnapshot> snapshot = lane->Snapshot();
  if (snapshot.ok()) {
    return CheckSnapshot(lane->path(), *std::move(snapshot), options_.file, context);
  }
  if (absl::IsNotFound(snapshot.status())) return snapshot.status();
  CheckReport report;
  report.file = lane->path();
  report.findings.emplace_back(snapshot.status().message());
  return report;
}

absl::StatusOr<int64_t> DiskStore::Install(std::string_view bytes, const std::string& id,
                                           const std::string& uid,
                                           const voxel::TaskContext& context) {
  const std::string fresh = dir_->NewFileOf(uid);
  const absl::Cleanup remove = [&] { dir_->Discard(fresh); };
  // The file's passing name and advice for one in a data directory tell nobody anything here.
  const auto no_project = [&](std::string why) {
    if (why.starts_with(fresh)) why.erase(0, why.find_first_not_of(": ", fresh.size()));
    return voxel::Error(
        voxel::Reason::FORMAT_CORRUPT,
        StrCat("this is no sound project file: ", why.substr(0, why.find("; `voxctl verify`"))),
        "data");
  };
  VOXEL_RETURN_IF_ERROR(dir_->WriteNew(uid, bytes));
  // Opening brings it up to this version's format, and closing leaves it whole and durable.
  const absl::Status opened = ProjectFile::Open(fresh, options_.file).status();
  if (voxel::HasReason(opened, voxel::Reason::STORE_DAMAGED) ||
      voxel::HasReason(opened, voxel::Reason::FORMAT_UNSUPPORTED)) {
    return no_project(std::string(opened.message()));
  }
  VOXEL_RETURN_IF_ERROR(opened);
  VOXEL_ASSIGN_OR_RETURN(const CheckReport report, CheckFile(fresh, options_.file, context));
  if (!report.findings.empty()) return no_project(report.findings.front());
  const std::string file = dir_->FileOf(id, uid);
  VOXEL_RETURN_IF_ERROR(dir_->Install(fresh, file));
  absl::MutexLock lock(&mu_);
  places_.try_emplace(uid, Place{file, nullptr, 0});
  return report.contents.back()->info.revision;
}

}  // namespace voxeld
