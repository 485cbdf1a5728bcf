#include "daemon/disk/disk_ops.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace voxeld {

int DiskOps::Rename(const std::string& from, const std::string& to) {
  return rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

int DiskOps::Remove(const std::string& path) {
  return unlink(path.c_str()) == 0 || errno == ENOENT ? 0 : errno;
}

int DiskOps::SyncFolder(const std::string& path) {
  const int folder = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return errno;
  const int error = fsync(folder) == 0 ? 0 : errno;
  close(folder);
  return error;
}

int DiskOps::Put(const std::string& path, int& fd, std::string_view bytes) {
  if (fd < 0) fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return errno;
  const ssize_t written = pwrite(fd, bytes.data(), bytes.size(), 0);
  if (written < 0) return errno;
  return static_cast<size_t>(written) == bytes.size() ? 0 : ENOSPC;
}

}  // namespace voxeld
