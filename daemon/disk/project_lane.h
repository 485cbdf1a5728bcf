// One project's way to its file: what was appended waits here, and is written in groups, one
// transaction each.
//
//     Append  -> waiting -> (a writer thread) one group: BEGIN, every record, COMMIT (one fsync)
//             -> done of each, in order
//     Retired -> (an upkeep thread) slices of project_upkeep.h, each a transaction of its own
//
// Threads:   the one that appends writes the group itself where it can be spared (Nearby): a lone
//            edit is then answered without a change of threads.
// Turns:     whoever waits for the file while a slice is written comes before the next slice. After
//            a group has been answered, the log is moved into the file if it is long.
// Failures:  a group fails as a whole. A full disk ends there (STORE_FULL): the next group tries
//            again. After a failed sync, or any other error of the device, nobody knows what is on
//            the disk, and a second sync would pretend: the lane takes nothing more (STORE_FAILED)
//            until the daemon has been restarted. The same holds for a slice; after any other
//            failure upkeep is tried again when more retires.
// Threading: Append, Remove from any thread; the file belongs to whoever holds file_mu_. `done`
//            runs on the thread that wrote the group, with no lock held.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/disk/data_dir.h"
#include "daemon/disk/project_file.h"
#include "daemon/disk/project_upkeep.h"
#include "daemon/runtime/nearby.h"
#include "daemon/runtime/steady_cond_var.h"
#include "daemon/runtime/timers.h"
#include "daemon/runtime/worker_pool.h"
#include "daemon/stats/commit_stats.h"
#include "daemon/stats/log.h"
#include "daemon/stats/store_health.h"
#include "daemon/store/project_vault.h"

namespace voxeld {

// What all lanes share; it outlives them.
struct LaneParts {
  DataDir* dir = nullptr;
  WorkerPool* writers = nullptr;
  WorkerPool* large_writers = nullptr;  // of what takes long to encode
  WorkerPool* upkeep = nullptr;
  Nearby* nearby = nullptr;  // null: nobody
  Timers* timers = nullptr;
  const Log* log = nullptr;
  StoreHealth* health = nullptr;
  CommitStats* commits = nullptr;
  FileOptions file;
  absl::Duration relaxed_delay;  // how long a relaxed record may wait for company
  std::atomic<int32_t>* open_files = nullptr;
  int32_t max_open_files = 64;  // while there are more, a lane keeps none open
};

class ProjectLane : public std::enable_shared_from_this<ProjectLane> {
 public:
  using Done = CommitStore::Done;

  const std::string& path() const { return path_; }

  // `file` is the project's, there already or not.
  ProjectLane(const LaneParts& parts, std::string uid, std::string file);
  ~ProjectLane();

  void Append(CommitRecord&& record, Done&& done);
  // Deletes the file behind all that was appended.
  void Remove(Done done);
  absl::StatusOr<RestoredProject> Load(const ProjectOptions& options,
                                       std::shared_ptr<Reclaimer> reclaimer);
  // As ProjectVault::Retired.
  void Retired(RevisionPtr oldest, std::vector<RevisionPtr> kept);
  // A connection of its own that sees the file as it is now. PROJECT_NOT_FOUND once it is deleted.
  absl::StatusOr<FileSnapshot> Snapshot();
  // Closes the file if nothing uses it just now; it is opened again when needed.
  void CloseFile();
  // Whether a new lane would do as well: nothing is open or waits, and nothing has to be
  // remembered.
  bool forgettable();

  // Upkeep ends with the slice that is being written.
  void EndUpkeep();
  // Writes at once what waits for company, and returns when nothing waits. Nothing is appended any
  // more.
  void Finish();

 private:
  struct Waiting {
    CommitRecord record;
    Done done;
    bool remove = false;
    absl::Status status;
  };
  void Push(CommitRecord&& record, Done&& done, bool remove);
  void Schedule() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // `large`: on a thread for what takes long.
  void Run(bool large);
  bool PassOn(bool large);
  void EndTurn(bool checkpoint);
  // Moves the log into the file if it is long, or at once.
  void Checkpoint(bool now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(file_mu_);
  void ScheduleUpkeep() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void RunUpkeep();
  absl::Status Slice(ProjectUpkeep::Work work, int64_t loads);
  absl::Status InTransaction(ProjectUpkeep::Work work) ABSL_EXCLUSIVE_LOCKS_REQUIRED(file_mu_);
  // Takes nothing more, if `status` comes from a failed sync.
  void BreakIfUnsure(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(file_mu_);
  // Fills in the statuses.
  void WriteGroup(std::vector<Waiting>& group) ABSL_EXCLUSIVE_LOCKS_REQUIRED(file_mu_);
  absl::Status WriteRecords(std::vector<Waiting>& group) ABSL_EXCLUSIVE_LOCKS_REQUIRED(file_mu_);
  absl::Status Create(const CommitRecord& first) ABSL_EXCLUSIVE_LOCKS_REQUIRED(file_mu_);
  absl::Status OpenFile() ABSL_EXCLUSIVE_LOCKS_REQUIRED(file_mu_);
  void DropFileIfTooMany() ABSL_EXCLUSIVE_LOCKS_REQUIRED(file_mu_);
  void DropFile() ABSL_EXCLUSIVE_LOCKS_REQUIRED(file_mu_);
  // The same of one whose log must stay, or whose end must not be told anew.
  void Abandon() ABSL_EXCLUSIVE_LOCKS_REQUIRED(file_mu_);
  absl::Status Delete() ABSL_EXCLUSIVE_LOCKS_REQUIRED(file_mu_);
  void NotMade(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(file_mu_);
  void NotLoaded(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(file_mu_);
  // How a group went: with OK, or `refused` records were told `status`.
  void Report(const absl::Status& status, int64_t refused) ABSL_EXCLUSIVE_LOCKS_REQUIRED(file_mu_);

  // Constant after construction.
  const LaneParts parts_;
  const std::string uid_;
  const std::string path_;

  absl::Mutex mu_;
  std::vector<Waiting> waiting_ ABSL_GUARDED_BY(mu_);
  size_t last_group_ ABSL_GUARDED_BY(mu_) = 0;   // so many were written together
  bool scheduled_ ABSL_GUARDED_BY(mu_) = false;  // a writer runs, or will
  bool timer_set_ ABSL_GUARDED_BY(mu_) = false;
  bool large_waits_ ABSL_GUARDED_BY(mu_) = false;
  uint64_t groups_ ABSL_GUARDED_BY(mu_) = 0;       // written
  uint64_t groups_seen_ ABSL_GUARDED_BY(mu_) = 0;  // when the last slice ended
  int64_t loads_ ABSL_GUARDED_BY(mu_) = 0;
  Retirement retired_ ABSL_GUARDED_BY(mu_);  // what upkeep has not been told of
  bool upkeep_scheduled_ ABSL_GUARDED_BY(mu_) = false;
  bool ending_ ABSL_GUARDED_BY(mu_) = false;
  SteadyCondVar ends_;                          // one thread waits: the upkeep task
  int64_t notes_put_ ABSL_GUARDED_BY(mu_) = 0;  // since the last upkeep

  // Belong to the upkeep task.
  ProjectUpkeep upkeep_;
  bool upkeep_failed_ = false;  // as the log has been told

  absl::Mutex file_mu_ ABSL_ACQUIRED_BEFORE(mu_);
  std::unique_ptr<ProjectFile> file_ ABSL_GUARDED_BY(file_mu_);
  absl::Status broken_ ABSL_GUARDED_BY(file_mu_);    // why nothing is taken any more
  absl::Status reported_ ABSL_GUARDED_BY(file_mu_);  // the failure that the log tells of
};

}  // namespace voxeld
