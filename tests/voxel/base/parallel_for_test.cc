#include "voxel/base/parallel_for.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/synchronization/barrier.h"

namespace voxel {
namespace {

TEST(ParallelForTest, RunsEachIndexOnce) {
  for (const int threads : {-1, 0, 1, 2, 7}) {
    for (const int n : {0, 1, 2, 1000}) {
      std::vector<int> runs(size_t(n), 0);  // each index is written by one thread only
      ParallelFor(threads, n, [&runs](int i) { ++runs[size_t(i)]; });
      EXPECT_EQ(runs, std::vector<int>(size_t(n), 1)) << threads << " threads";
    }
  }
}

TEST(ParallelForTest, OneThreadIsTheCallers) {
  ParallelFor(1, 10, [caller = std::this_thread::get_id()](int) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
  });
}

TEST(ParallelForTest, ThreadsRunAtTheSameTime) {
  // Each body waits until all three have begun: fewer threads would never get out.
  absl::Barrier* barrier = new absl::Barrier(3);  // whoever Block tells to deletes it
  std::atomic<int> done{0};
  ParallelFor(3, 3, [&](int) {
    if (barrier->Block()) delete barrier;
    done.fetch_add(1);
  });
  EXPECT_EQ(done.load(), 3);
}

}  // namespace
}  // namespace voxel
