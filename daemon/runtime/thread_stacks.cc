#include "daemon/runtime/thread_stacks.h"

#include <pthread.h>

namespace voxeld {
namespace {

// Sanitizers blow up stack frames.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr size_t kFactor = 4;
#else
constexpr size_t kFactor = 1;
#endif

}  // namespace

void BoundThreadStacks() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kThreadStackBytes * kFactor);
  pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
}

}  // namespace voxeld
