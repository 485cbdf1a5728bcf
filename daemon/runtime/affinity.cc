#include "daemon/runtime/affinity.h"

#include <errno.h>

#include <algorithm>
#include <system_error>

#include "absl/strings/str_join.h"
#include "voxel/base/str_cat.h"

namespace voxeld {

cpu_set_t CpuSet(const std::vector<int>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(static_cast<size_t>(cpu), &set);
  return set;
}

absl::Status CheckCpus(const std::vector<int>& cpus) {
  cpu_set_t allowed;
  if (cpus.empty() || sched_getaffinity(0, sizeof allowed, &allowed) != 0) return absl::OkStatus();
  const auto is_there = [&](int cpu) { return CPU_ISSET(static_cast<size_t>(cpu), &allowed); };
  if (std::any_of(cpus.begin(), cpus.end(), is_there)) {
    // To where it may run anyway: a sandbox may forbid the call.
    if (sched_setaffinity(0, sizeof allowed, &allowed) == 0) return absl::OkStatus();
    return absl::FailedPreconditionError(
        voxel::StrCat("this process may not choose its processors: sched_setaffinity: ",
                      std::generic_category().message(errno)));
  }
  std::vector<int> there;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<size_t>(cpu), &allowed)) there.push_back(cpu);
  }
  return absl::FailedPreconditionError(voxel::StrCat("this process may run on the processors ",
                                                     absl::StrJoin(there, ","), " and on none of ",
                                                     absl::StrJoin(cpus, ",")));
}

absl::Status RunOn(const std::vector<int>& cpus) {
  if (cpus.empty()) return absl::OkStatus();
  const cpu_set_t set = CpuSet(cpus);
  if (sched_setaffinity(0, sizeof set, &set) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, "cannot choose the processors of a thread");
}

}  // namespace voxeld
