// A copy of one project's file as a transaction sees it, in a file without a name.
//
// Cost:      the file's size, on the disk that the project is on, until the copy is dropped.
// Threading: one thread; whoever writes the project's file goes on meanwhile.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/disk/disk_ops.h"
#include "daemon/disk/project_file.h"
#include "daemon/disk/sqlite_db.h"
#include "daemon/store/project_archive.h"
#include "voxel/base/task_context.h"

namespace voxeld {

class FileCopy final : public ProjectCopy {
 public:
  // Copies what `snapshot` sees of `path`. `scratch` is a name for the copy until it is made; a
  // file of that name is replaced. Statuses as SqliteDb; CALL_CANCELLED, DEADLINE_PASSED.
  static absl::StatusOr<std::unique_ptr<FileCopy>> Make(const std::string& path,
                                                        FileSnapshot snapshot,
                                                        const std::string& scratch,
                                                        const FileOptions& options,
                                                        const voxel::TaskContext& context);
  ~FileCopy() override;
  FileCopy(const FileCopy&) = delete;
  FileCopy& operator=(const FileCopy&) = delete;

  const std::string& name() const override { return name_; }
  int64_t bytes() const override { return bytes_; }
  int64_t revision() const override { return revision_; }
  absl::StatusOr<std::string> Read(int64_t offset, size_t size) const override;

 private:
  explicit FileCopy(DiskOps* ops) : ops_(ops != nullptr ? ops : &system_) {}

  DiskOps system_;
  DiskOps* const ops_;
  std::string name_;
  int fd_ = -1;
  int64_t bytes_ = 0;
  int64_t revision_ = 0;
};

}  // namespace voxeld
