#include "daemon/runtime/random_uid.h"

#include <sys/random.h>

#include <cstdint>

#include "absl/strings/str_format.h"
#include "voxel/base/check.h"

namespace voxeld {

std::string RandomUid() {
  uint64_t words[2];
  // Requests of up to 256 bytes are never cut short.
  VOXEL_CHECK(getrandom(words, sizeof(words), 0) == static_cast<ssize_t>(sizeof(words)));
  return absl::StrFormat("%016x%016x", words[0], words[1]);
}

}  // namespace voxeld
