// Preloaded into a daemon: counts the calls that write to sockets, so that a test can say how many
// an answer takes.
//
// Data flow:  SEND_CALLS names a file that is mapped here and by the test: the number of calls,
//             those that fail or write nothing, too.
// Counted:    what the C library has for it, but files, pipes and eventfds are no sockets. Not:
//             what io_uring is asked to write, which would be no call; a count of none says so.
// Threading:  any thread; one atomic addition a call.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>

namespace {

std::atomic<uint64_t> nowhere{0};
std::atomic<uint64_t>* calls = &nowhere;

__attribute__((constructor)) void Map() {
  const char* const path = getenv("SEND_CALLS");
  if (path == nullptr) return;
  const int fd = open(path, O_RDWR | O_CLOEXEC);
  void* map =
      fd < 0 ? MAP_FAILED : mmap(nullptr, sizeof *calls, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED) abort();  // nothing would be counted, and nobody told
  close(fd);
  calls = static_cast<std::atomic<uint64_t>*>(map);
}

void Count() { calls->fetch_add(1, std::memory_order_relaxed); }
void CountSocket(int fd) {
  struct stat what;
  if (fstat(fd, &what) == 0 && S_ISSOCK(what.st_mode)) Count();
}

}  // namespace

// Each counts by COUNT and goes on to the next library's. NAME, what it returns, its parameters,
// and they once more as arguments.
#define COUNTED(COUNT, NAME, RESULT, PARAMETERS, ARGUMENTS)                                    \
  extern "C" __attribute__((visibility("default"))) RESULT NAME PARAMETERS {                   \
    static auto* const next = reinterpret_cast<RESULT(*) PARAMETERS>(dlsym(RTLD_NEXT, #NAME)); \
    COUNT;                                                                                     \
    return next ARGUMENTS;                                                                     \
  }

COUNTED(Count(), send, ssize_t, (int fd, const void* data, size_t bytes, int flags),
        (fd, data, bytes, flags))
COUNTED(Count(), sendto, ssize_t,
        (int fd, const void* data, size_t bytes, int flags, const sockaddr* to, socklen_t size),
        (fd, data, bytes, flags, to, size))
COUNTED(Count(), sendmsg, ssize_t, (int fd, const msghdr* message, int flags), (fd, message, flags))
COUNTED(Count(), sendmmsg, int, (int fd, mmsghdr* messages, unsigned count, int flags),
        (fd, messages, count, flags))
COUNTED(CountSocket(fd), write, ssize_t, (int fd, const void* data, size_t bytes),
        (fd, data, bytes))
COUNTED(CountSocket(fd), writev, ssize_t, (int fd, const iovec* parts, int count),
        (fd, parts, count))
