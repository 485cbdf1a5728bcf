// What the disk refused since the daemon began, and which projects it leaves in trouble just now.
//
// Threading: any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace voxeld {

class StoreHealth {
 public:
  // A project that cannot be changed, or not even be read, and why.
  struct Trouble {
    std::string project;  // its id
    std::string reason;
    std::string message;
    absl::Time since;  // of the first refusal for this reason
  };

  // So many changes, loads, creations or deletions were refused with `status`, which has a reason.
  void Refused(const absl::Status& status, int64_t count = 1);
  // The project with that uid is in trouble since `now`, or goes on being so.
  void SetTrouble(const std::string& uid, const std::string& project, const absl::Status& status,
                  absl::Time now);
  void ClearTrouble(const std::string& uid);

  // How many were refused, by reason.
  std::map<std::string, int64_t> refused() const;
  int64_t troubled() const;  // projects in trouble
  // By project, at most `limit`.
  std::vector<Trouble> troubles(size_t limit) const;

 private:
  mutable absl::Mutex mu_;
  std::map<std::string, int64_t> refused_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<std::string, Trouble> troubles_ ABSL_GUARDED_BY(mu_);  // by uid
};

}  // namespace voxeld
