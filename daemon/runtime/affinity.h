// Which processors threads run on.
#pragma once

#include <sched.h>

#include <vector>

#include "absl/status/status.h"

namespace voxeld {

cpu_set_t CpuSet(const std::vector<int>& cpus);

// FailedPrecondition if this process may run on none of `cpus`, with those that there are, or may
// not choose at all. OK if `cpus` is empty.
absl::Status CheckCpus(const std::vector<int>& cpus);

// The calling thread, and those that it starts from now on. Nothing if `cpus` is empty.
absl::Status RunOn(const std::vector<int>& cpus);

}  // namespace voxeld
