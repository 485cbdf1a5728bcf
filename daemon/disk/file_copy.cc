#include "daemon/disk/file_copy.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "daemon/disk/store_error.h"
#include "voxel/base/status_macros.h"

namespace voxeld {
namespace {

constexpr int kPagesBetweenLooks = 256;  // whether the copy is still wanted: 1 MiB

absl::Status CopyFailed(const std::string& path, const std::string& what, int error) {
  return StoreError(ReasonOfSystemError(error), path, "a copy cannot be " + what, error);
}

absl::Status CopyPages(SqliteDb& from, const std::string& scratch, const FileOptions& options,
                       const voxel::TaskContext& context) {
  VOXEL_ASSIGN_OR_RETURN(const std::unique_ptr<SqliteDb> to,
                         SqliteDb::Open(scratch, SqliteDb::Mode::kCreate, options.vfs));
  // Nobody looks at the copy before it is whole, and nobody needs it after a crash.
  VOXEL_RETURN_IF_ERROR(to->Execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF"));
  bool more = true;
  VOXEL_ASSIGN_OR_RETURN(SqliteBackup backup, SqliteBackup::Begin(from, *to));
  while (more) {
    VOXEL_RETURN_IF_ERROR(context.Check());
    VOXEL_ASSIGN_OR_RETURN(more, backup.Step(kPagesBetweenLooks));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileCopy>> FileCopy::Make(const std::string& path,
                                                         FileSnapshot snapshot,
                                                         const std::string& scratch,
                                                         const FileOptions& options,
                                                         const voxel::TaskContext& context) {
  std::unique_ptr<FileCopy> copy(new FileCopy(options.ops));
  DiskOps& ops = *copy->ops_;
  if (const int error = ops.Remove(scratch); error != 0) return CopyFailed(path, "made", error);
  const absl::Cleanup remove = [&] { ops.Remove(scratch); };  // else it is at the next start
  VOXEL_RETURN_IF_ERROR(CopyPages(*snapshot.db, scratch, options, context));
  copy->name_ = path.substr(path.rfind('/') + 1);
  if (const int error = ops.OpenToRead(scratch, copy->fd_); error != 0) {
    return CopyFailed(path, "opened", error);
  }
  struct stat info = {};
  if (fstat(copy->fd_, &info) != 0) return CopyFailed(path, "opened", errno);
  copy->bytes_ = info.st_size;
  VOXEL_ASSIGN_OR_RETURN(const std::unique_ptr<ProjectFile> file,
                         ProjectFile::OfSnapshot(path, options, std::move(snapshot)));
  copy->revision_ = file->head();
  return copy;
}

FileCopy::~FileCopy() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<std::string> FileCopy::Read(int64_t offset, size_t size) const {
  const int64_t left = std::max<int64_t>(0, bytes_ - offset);
  std::string bytes(std::min(size, static_cast<size_t>(left)), '\0');
  const size_t wanted = bytes.size();
  const int error = ops_->ReadAt(fd_, offset, bytes);
  if (error == 0 && bytes.size() == wanted) return bytes;
  return CopyFailed(name_, "read to its end", error == 0 ? EIO : error);
}

}  // namespace voxeld
