#include "voxel/base/parallel_for.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

namespace voxel {

void ParallelFor(int threads, int n, absl::FunctionRef<void(int)> body) {
  std::atomic<int> next{0};  // relaxed: it only deals out indices, join orders the results
  const auto work = [&next, n, body] {
    for (int i; (i = next.fetch_add(1, std::memory_order_relaxed)) < n;) body(i);
  };
  std::vector<std::thread> helpers;
  const int wanted = std::min(threads, n) - 1;
  helpers.reserve(static_cast<size_t>(std::max(wanted, 0)));
  try {
    for (int i = 0; i < wanted; ++i) helpers.emplace_back(work);
  } catch (const std::system_error&) {
    // Out of threads: the ones there are, and this one, do all of it.
  }
  work();
  for (std::thread& helper : helpers) helper.join();
}

}  // namespace voxel
