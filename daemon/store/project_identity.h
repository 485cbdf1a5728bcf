// What never changes about a project.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace voxeld {

// The revision that a clone began as; its own revision 1 has the same document.
struct Fork {
  std::string id;        // of the project cloned; empty: this is no clone
  std::string uid;       // of the project cloned
  int64_t revision = 0;  // of the project cloned
};

struct ProjectIdentity {
  std::string id;
  std::string uid;  // unique for ever
  Fork forked_from;
  bool ephemeral = false;
  absl::Time created;
};

}  // namespace voxeld
