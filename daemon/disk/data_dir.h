// The daemon's data directory: one daemon at a time, one file a project.
//
//     lock                          held while a daemon uses the directory; names it
//     projects/<id>.<uid>.voxels    a project, and SQLite's -wal and -shm beside it
//     projects/.new-<uid>           a project that is being made, .gone-<uid> one that is deleted
//
// The list of names is the catalogue: a file that is put there, or taken away, while no daemon runs
// is a project more or less.
// Threading: Open and List on one thread; the rest any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/store/project_vault.h"

namespace voxeld {

class DataDir {
 public:
  // Makes the directory if it is not there, takes the lock, and removes what unfinished creations
  // and deletions left. FailedPrecondition: another daemon has it (its name in the message), or it
  // cannot be written. `name` says who we are: what a second daemon is told.
  static absl::StatusOr<std::unique_ptr<DataDir>> Open(const std::string& path,
                                                       std::string_view name);
  ~DataDir();
  DataDir(const DataDir&) = delete;
  DataDir& operator=(const DataDir&) = delete;

  // Projects by the names of their files. Files with other names are left alone and put into
  // `strange`.
  std::vector<ProjectVault::Entry> List(std::vector<std::string>& strange) const;

  std::string FileOf(std::string_view id, std::string_view uid) const;
  std::string NewFileOf(std::string_view uid) const;

  // Gives a new file its name, durably. `to` is not there.
  absl::Status Install(const std::string& from, const std::string& to) const;
  // Deletes a project's file, durably. Nothing has it open.
  absl::Status Delete(const std::string& file, std::string_view uid) const;

 private:
  DataDir(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  absl::Status Clean() const;
  absl::Status Sync() const;

  const std::string path_;
  const int lock_;
};

}  // namespace voxeld
