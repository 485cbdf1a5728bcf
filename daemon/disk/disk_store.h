// The store on disk: one SQLite file for each project in a data directory.
//
// Durability: `done` with OK means that the record survives power loss. Records of one project that
//             wait together share one transaction and one fsync; projects do not wait for each
//             other.
// Threading:  every method from any thread. A few writer threads of its own.
// Ownership:  the destructor writes what waits, then closes the files. REQUIRES: nothing is
//             appended any more.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "daemon/disk/data_dir.h"
#include "daemon/disk/project_lane.h"
#include "daemon/runtime/nearby.h"
#include "daemon/runtime/timers.h"
#include "daemon/runtime/worker_pool.h"
#include "daemon/stats/log.h"
#include "daemon/store/project_archive.h"
#include "daemon/store/project_vault.h"

namespace voxeld {

struct DiskOptions {
  std::string dir;
  FileOptions file;
  absl::Duration relaxed_delay = absl::Milliseconds(20);
  int writers = 4;
  std::vector<int> cpus;        // where its threads may run; none: everywhere
  Nearby* nearby = nullptr;     // may write a group by itself; it outlives the store; null: nobody
  int32_t max_open_files = 64;  // of projects; four descriptors each
};

class DiskStore final : public ProjectVault, public ProjectArchive {
 public:
  // `name` is what a second daemon on the same directory is told. As DataDir::Open.
  static absl::StatusOr<std::unique_ptr<DiskStore>> Open(const DiskOptions& options,
                                                         std::string_view name, const Log* log);
  ~DiskStore() override;

  const StoreHealth& health() const { return health_; }
  const CommitStats& commits() const { return commits_; }

  void Append(CommitRecord&& record, Done done) override;
  std::vector<Entry> List() const override { return entries_; }
  absl::StatusOr<RestoredProject> Load(const std::string& uid, const ProjectOptions& options,
                                       std::shared_ptr<Reclaimer> reclaimer) override;
  void Remove(const std::string& uid, Done done) override;
  void Retired(const std::string& uid, RevisionPtr oldest, std::vector<RevisionPtr> kept) override;

  bool Has(const std::string& uid) override;
  int64_t DiskBytes(const std::string& uid) override;
  absl::StatusOr<std::unique_ptr<ProjectCopy>> CopyOf(const std::string& uid,
                                                      const voxel::TaskContext& context) override;
  absl::StatusOr<CheckReport> Check(const std::string& uid,
                                    const voxel::TaskContext& context) override;
  absl::StatusOr<int64_t> Install(std::string_view bytes, const std::string& id,
                                  const std::string& uid,
                                  const voxel::TaskContext& context) override;

 private:
  DiskStore(const DiskOptions& options, std::unique_ptr<DataDir> dir, const Log* log);
  absl::Status ReadCatalogue(const Log* log);
  // Sorts files of one id: the one that was written last is the project.
  absl::Status LastWrittenFirst(absl::Span<Entry> files) const;
  // `project` is the file that has the id.
  void SetAside(const std::string& file, const std::string& project, const Log* log);
  // The lane of a project; null for one that is not there. `created`: it is being made.
  std::shared_ptr<ProjectLane> LaneOf(std::string_view uid, const ProjectIdentity* created);
  // Closes, on a writer thread, a quarter of the files: those that were not used the longest.
  void CloseSomeFiles() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Forget(const std::string& uid);

  struct Place {
    std::string file;
    std::shared_ptr<ProjectLane> lane;  // made when first used
    uint64_t used = 0;
  };

  const DiskOptions options_;
  const std::unique_ptr<DataDir> dir_;
  std::vector<Entry> entries_;  // constant once it is open
  std::atomic<int32_t> open_files_{0};
  StoreHealth health_;
  CommitStats commits_;
  std::atomic<uint64_t> copies_{0};  // a name for each

  absl::Mutex mu_;
  absl::flat_hash_map<std::string, Place> places_ ABSL_GUARDED_BY(mu_);  // by uid
  uint64_t clock_ ABSL_GUARDED_BY(mu_) = 0;
  bool closing_ ABSL_GUARDED_BY(mu_) = false;  // CloseSomeFiles is under way

  // These end first: what they run uses the others.
  WorkerPool writers_;
  WorkerPool large_writers_;
  WorkerPool upkeep_;
  Timers timers_;
  const LaneParts parts_;
};

}  // namespace voxeld
