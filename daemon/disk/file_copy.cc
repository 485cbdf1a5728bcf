#include "daemon/disk/file_copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "daemon/disk/store_error.h"
#include "voxel/base/status_macros.h"

namespace voxeld {
namespace {

constexpr int kPagesBetweenLooks = 256;  // whether the copy is still wanted: 1 MiB

absl::Status CopyFailed(const std::string& path, const std::string& what) {
  return StoreError(ReasonOfSystemError(errno), path, "a copy cannot be " + what, errno);
}

absl::Status CopyPages(SqliteDb& from, const std::string& scratch, const FileOptions& options,
                       const voxel::TaskContext& context) {
  unlink(scratch.c_str());
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
                                                         std::unique_ptr<SqliteDb> snapshot,
                                                         const std::string& scratch,
                                                         const FileOptions& options,
                                                         const voxel::TaskContext& context) {
  const absl::Cleanup remove = [&] { unlink(scratch.c_str()); };
  VOXEL_RETURN_IF_ERROR(CopyPages(*snapshot, scratch, options, context));
  std::unique_ptr<FileCopy> copy(new FileCopy());
  copy->name_ = path.substr(path.rfind('/') + 1);
  copy->fd_ = open(scratch.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat info = {};
  if (copy->fd_ < 0 || fstat(copy->fd_, &info) != 0) return CopyFailed(path, "opened");
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
  std::string bytes(size, '\0');
  size_t done = 0;
  while (done < size) {
    const ssize_t n = pread(fd_, bytes.data() + done, size - done,
                            static_cast<off_t>(offset + static_cast<int64_t>(done)));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return CopyFailed(name_, "read");
    if (n == 0) break;
    done += static_cast<size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

}  // namespace voxeld
