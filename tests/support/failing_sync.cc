// Preloaded into a daemon: syncs of the files that a test names fail with EIO, as a dying disk's
// do.
//
// Data flow:  FAILING_SYNC names a file of the test's. While it holds something, a sync of a file
//             whose path has that in it fails.
// Threading:  any thread.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>

namespace {

std::string Read(int fd) {
  char bytes[PATH_MAX];
  const ssize_t size = read(fd, bytes, sizeof bytes);
  close(fd);
  return size > 0 ? std::string(bytes, static_cast<size_t>(size)) : std::string();
}

bool Fails(int fd) {
  static const char* const path = getenv("FAILING_SYNC");
  if (path == nullptr) return false;
  const int named = open(path, O_RDONLY | O_CLOEXEC);
  if (named < 0) abort();  // a disk that never fails would look like success
  const std::string text = Read(named);
  if (text.empty()) return false;
  char link[64];
  char file[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, file, sizeof file);
  return size > 0 && std::string(file, static_cast<size_t>(size)).find(text) != std::string::npos;
}

int Sync(const char* name, int fd) {
  if (Fails(fd)) {
    errno = EIO;
    return -1;
  }
  return reinterpret_cast<int (*)(int)>(dlsym(RTLD_NEXT, name))(fd);
}

}  // namespace

extern "C" int fsync(int fd) { return Sync("fsync", fd); }
extern "C" int fdatasync(int fd) { return Sync("fdatasync", fd); }
