#include "daemon/service/rooted_files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;

absl::Status Refused(std::string_view path, std::string_view why) {
  return Error(Reason::PATH_REFUSED, voxel::StrCat("path \"", path.substr(0, 256), "\": ", why),
               "path");
}

// A file descriptor that closes itself.
class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&&) = delete;
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

struct Place {
  Fd root;
  std::string relative;  // below the root
};

// The root that holds `path`, and the rest of the path.
absl::StatusOr<Place> FindRoot(const std::vector<std::string>& roots, const std::string& path) {
  if (roots.empty())
    return Refused(path, "the daemon was started without --root; send the bytes instead");
  if (path.find('\0') != std::string::npos) return Refused(path, "it holds a zero byte");
  for (const std::string& root : roots) {
    std::string relative = path;
    if (path[0] == '/') {
      if (path.compare(0, root.size(), root) != 0 || path.size() <= root.size() ||
          path[root.size()] != '/')
        continue;
      relative = path.substr(root.size() + 1);
    }
    Fd fd(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!fd.ok())
      return Refused(path, voxel::StrCat("the root ", root, " cannot be opened: ",
                                         std::generic_category().message(errno)));
    return Place{std::move(fd), std::move(relative)};
  }
  return Refused(path, "it lies outside the directories given by --root");
}

Fd OpenBeneath(const Place& place, const std::string& relative, uint64_t flags) {
  open_how how = {};
  how.flags = flags | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return Fd(
      static_cast<int>(syscall(SYS_openat2, place.root.get(), relative.c_str(), &how, sizeof how)));
}

absl::Status WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      return Error(
          Reason::INTERNAL,
          voxel::StrCat("writing the file failed: ", std::generic_category().message(errno)),
          "path");
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  if (fsync(fd) == 0) return absl::OkStatus();
  return Error(Reason::INTERNAL,
               voxel::StrCat("syncing the file failed: ", std::generic_category().message(errno)),
               "path");
}

}  // namespace

absl::StatusOr<std::string> ReadRootedFile(const std::vector<std::string>& roots,
                                           const std::string& path, int64_t max_bytes) {
  VOXEL_ASSIGN_OR_RETURN(const Place place, FindRoot(roots, path));
  const Fd file = OpenBeneath(place, place.relative, O_RDONLY | O_NONBLOCK);
  if (!file.ok()) return Refused(path, std::generic_category().message(errno));
  struct stat info = {};
  if (fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode))
    return Refused(path, "it is not a regular file");
  if (info.st_size > max_bytes) {
    return Error(Reason::LIMIT_BYTES,
                 voxel::StrCat("path \"", path, "\" has ", info.st_size, " bytes; at most ",
                               max_bytes, " are read"),
                 "path");
  }
  std::string bytes(static_cast<size_t>(info.st_size), '\0');
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = read(file.get(), bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;  // it shrank, or the disk failed: the format's reader says what is missing
    done += static_cast<size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

absl::Status WriteRootedFile(const std::vector<std::string>& roots, const std::string& path,
                             std::string_view bytes, bool overwrite) {
  VOXEL_ASSIGN_OR_RETURN(const Place place, FindRoot(roots, path));
  const size_t slash = place.relative.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : place.relative.substr(0, slash);
  const std::string name =
      slash == std::string::npos ? place.relative : place.relative.substr(slash + 1);
  if (name.empty() || name == "." || name == "..") return Refused(path, "it names no file");
  const Fd dir = OpenBeneath(place, folder, O_PATH | O_DIRECTORY);
  if (!dir.ok()) return Refused(path, std::generic_category().message(errno));
  const std::string temporary = voxel::StrCat(".", name, ".", getpid(), ".part");
  unlinkat(dir.get(), temporary.c_str(), 0);  // of an earlier process with this id
  const Fd file(openat(dir.get(), temporary.c_str(),
                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file.ok()) return Refused(path, std::generic_category().message(errno));
  absl::Cleanup remove = [&] { unlinkat(dir.get(), temporary.c_str(), 0); };
  VOXEL_RETURN_IF_ERROR(WriteAll(file.get(), bytes));
  const unsigned flags = overwrite ? 0 : RENAME_NOREPLACE;
  if (renameat2(dir.get(), temporary.c_str(), dir.get(), name.c_str(), flags) != 0) {
    if (errno == EEXIST) {
      return Error(Reason::FILE_EXISTS,
                   voxel::StrCat("path \"", path, "\" exists; set overwrite to replace it"),
                   "path");
    }
    return Refused(path, std::generic_category().message(errno));
  }
  std::move(remove).Cancel();
  return absl::OkStatus();
}

}  // namespace voxeld
