// The daemon's data directory: one daemon at a time, one file a project.
//
//     lock                          held while a daemon uses the directory; names it
//     projects/<id>.<uid>.voxels    a project; SQLite's -wal and -shm, and our -end, beside it
//     projects/.new-<uid>           a project that is being made, .gone-<uid> one that is deleted,
//                                   .copy-<uid>-<n> a copy that is being made for a backup
//     projects/....voxels.aside     a file whose id another one has, too
//
// The list of names is the catalogue: a file that is put there, or taken away, while no daemon runs
// is a project more or less.
// Threading: Open and List on one thread; the rest any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/disk/disk_ops.h"
#include "daemon/store/project_vault.h"

namespace voxeld {

class DataDir {
 public:
  // Makes the directory if it is not there, takes the lock, and removes what unfinished creations
  // and deletions left. FailedPrecondition: another daemon has it (its name in the message), or it
  // cannot be read or written. `name` says who we are: what a second daemon is told. `ops` null:
  // the system's.
  static absl::StatusOr<std::unique_ptr<DataDir>> Open(const std::string& path,
                                                       std::string_view name,
                                                       DiskOps* ops = nullptr);
  // Whether Open could have it there, without making anything. FailedPrecondition.
  static absl::Status Check(const std::string& path);
  ~DataDir();
  DataDir(const DataDir&) = delete;
  DataDir& operator=(const DataDir&) = delete;

  // Projects by the names of their files. Files with other names are left alone and put into
  // `strange`. FailedPrecondition: the folder cannot be read, so that nobody knows what is there.
  absl::StatusOr<std::vector<ProjectVault::Entry>> List(std::vector<std::string>& strange) const;

  std::string FileOf(std::string_view id, std::string_view uid) const;
  std::string NewFileOf(std::string_view uid) const;
  // The project's id, by the name of its file.
  static std::string IdOf(std::string_view file);

  // When a project's file or its log was written last (an empty log is not: whoever reads the file
  // leaves one), and what both take. FailedPrecondition: the disk does not say.
  absl::StatusOr<absl::Time> LastWritten(const std::string& file) const;
  static int64_t DiskBytes(const std::string& file);
  // Takes a file out of the catalogue, with what is beside it, and returns its new name. Nothing
  // has it open. A crash in between leaves it where it was, to be taken out again.
  absl::StatusOr<std::string> SetAside(const std::string& file);

  // `number` tells copies of one project apart.
  std::string CopyFileOf(std::string_view uid, uint64_t number) const;

  // Writes the bytes of a new file, durably.
  absl::Status WriteNew(std::string_view uid, std::string_view bytes) const;
  // Gives a new file its name, durably. `to` is not there.
  absl::Status Install(const std::string& from, const std::string& to);
  // Removes a file that was never installed, and what SQLite put beside it.
  void Discard(const std::string& file);
  // Deletes a project's file, durably. Nothing has it open.
  absl::Status Delete(const std::string& file, std::string_view uid);

 private:
  DataDir(std::string path, int lock, DiskOps* ops)
      : path_(std::move(path)), lock_(lock), ops_(ops != nullptr ? ops : &system_) {}
  absl::Status Clean() const;
  // Once it has failed, nobody knows what the folder says on the disk: STORE_FAILED ever after.
  absl::Status Sync();
  absl::Status Usable();

  const std::string path_;
  const int lock_;
  DiskOps system_;
  DiskOps* const ops_;

  absl::Mutex mu_;
  absl::Status broken_ ABSL_GUARDED_BY(mu_);
};

}  // namespace voxeld
