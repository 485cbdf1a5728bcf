// Preloaded into a daemon: counts its heap calls, so that a test can say how many a request takes.
//
// Data flow:  HEAP_CALLS names a file that is mapped here and by the test: the number of calls, and
//             how many further ones are to be shown on stderr with their callers.
// Counted:    malloc and its kin, C++'s operators, and what programs call of mimalloc by name.
// Threading:  any thread; one atomic addition a call.
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

namespace {

struct Shared {
  std::atomic<uint64_t> calls;
  std::atomic<int64_t> to_show;
};
Shared nowhere{};
Shared* shared = &nowhere;
thread_local bool showing = false;

__attribute__((constructor)) void Map() {
  const char* const path = getenv("HEAP_CALLS");
  if (path == nullptr) return;
  const int fd = open(path, O_RDWR | O_CLOEXEC);
  void* map = fd < 0 ? MAP_FAILED
                     : mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED) abort();  // a count of nothing would look like success
  close(fd);
  shared = static_cast<Shared*>(map);
}

void Show() {
  showing = true;
  void* callers[40];
  const int count = backtrace(callers, 40);
  backtrace_symbols_fd(callers, count, STDERR_FILENO);
  (void)!write(STDERR_FILENO, "\n", 1);
  showing = false;
}

void Count() {
  if (showing) return;
  shared->calls.fetch_add(1, std::memory_order_relaxed);
  if (shared->to_show.load(std::memory_order_relaxed) > 0 && shared->to_show.fetch_sub(1) > 0) {
    Show();
  }
}

// What dlsym asks for before it has found the real ones.
alignas(16) char early[64 << 10];
size_t early_used = 0;
bool IsEarly(const void* block) {
  return block >= static_cast<const void*>(early) &&
         block < static_cast<const void*>(early + sizeof early);
}
void* EarlyBlock(size_t bytes) {
  const size_t at = early_used;
  early_used += (bytes + 15) & ~size_t{15};
  if (early_used > sizeof early) abort();
  return early + at;
}

// The function of that name in the libraries behind this one. Null while it is looked up.
template <typename Fn>
class Next {
 public:
  explicit constexpr Next(const char* name) : name_(name) {}
  Fn* get() {
    if (fn_ != nullptr || looking_) return fn_;
    looking_ = true;
    fn_ = reinterpret_cast<Fn*>(dlsym(RTLD_NEXT, name_));
    looking_ = false;
    return fn_;
  }

 private:
  const char* const name_;
  Fn* fn_ = nullptr;
  bool looking_ = false;
};

}  // namespace

// Each counts and goes on to the next library's. NAME, what it returns, its parameters, and they
// once more as arguments.
#define COUNTED(NAME, RESULT, PARAMETERS, ARGUMENTS)                         \
  extern "C" __attribute__((visibility("default"))) RESULT NAME PARAMETERS { \
    static constinit Next<RESULT PARAMETERS> next(#NAME);                    \
    Count();                                                                 \
    return next.get() ARGUMENTS;                                             \
  }

extern "C" {
void* malloc(size_t bytes) {
  static constinit Next<void*(size_t)> next("malloc");
  auto* const fn = next.get();
  if (fn == nullptr) return EarlyBlock(bytes);
  Count();
  return fn(bytes);
}
void* calloc(size_t count, size_t bytes) {
  static constinit Next<void*(size_t, size_t)> next("calloc");
  auto* const fn = next.get();
  if (fn == nullptr) return EarlyBlock(count * bytes);  // zero as all of it
  Count();
  return fn(count, bytes);
}
void free(void* block) {
  static constinit Next<void(void*)> next("free");
  if (block == nullptr || IsEarly(block)) return;
  Count();
  if (auto* const fn = next.get()) fn(block);
}
void* realloc(void* block, size_t bytes) {
  static constinit Next<void*(void*, size_t)> next("realloc");
  auto* const fn = next.get();
  if (fn == nullptr || IsEarly(block)) {
    void* grown = malloc(bytes);
    if (block != nullptr) memcpy(grown, block, bytes);
    return grown;
  }
  Count();
  return fn(block, bytes);
}
}

COUNTED(posix_memalign, int, (void** block, size_t alignment, size_t bytes),
        (block, alignment, bytes))
COUNTED(aligned_alloc, void*, (size_t alignment, size_t bytes), (alignment, bytes))
COUNTED(memalign, void*, (size_t alignment, size_t bytes), (alignment, bytes))
COUNTED(reallocarray, void*, (void* block, size_t count, size_t bytes), (block, count, bytes))

// C++'s operators, by the names that the linker knows: mimalloc has its own.
COUNTED(_Znwm, void*, (size_t bytes), (bytes))
COUNTED(_Znam, void*, (size_t bytes), (bytes))
COUNTED(_ZnwmSt11align_val_t, void*, (size_t bytes, size_t alignment), (bytes, alignment))
COUNTED(_ZnamSt11align_val_t, void*, (size_t bytes, size_t alignment), (bytes, alignment))
COUNTED(_ZnwmRKSt9nothrow_t, void*, (size_t bytes, const void* tag), (bytes, tag))
COUNTED(_ZnamRKSt9nothrow_t, void*, (size_t bytes, const void* tag), (bytes, tag))
COUNTED(_ZdlPv, void, (void* block), (block))
COUNTED(_ZdaPv, void, (void* block), (block))
COUNTED(_ZdlPvm, void, (void* block, size_t bytes), (block, bytes))
COUNTED(_ZdaPvm, void, (void* block, size_t bytes), (block, bytes))
COUNTED(_ZdlPvSt11align_val_t, void, (void* block, size_t alignment), (block, alignment))
COUNTED(_ZdlPvmSt11align_val_t, void, (void* block, size_t bytes, size_t alignment),
        (block, bytes, alignment))

COUNTED(mi_malloc, void*, (size_t bytes), (bytes))
COUNTED(mi_zalloc, void*, (size_t bytes), (bytes))
COUNTED(mi_calloc, void*, (size_t count, size_t bytes), (count, bytes))
COUNTED(mi_realloc, void*, (void* block, size_t bytes), (block, bytes))
COUNTED(mi_free, void, (void* block), (block))
COUNTED(mi_new, void*, (size_t bytes), (bytes))
COUNTED(mi_new_aligned, void*, (size_t bytes, size_t alignment), (bytes, alignment))
COUNTED(mi_malloc_aligned, void*, (size_t bytes, size_t alignment), (bytes, alignment))
