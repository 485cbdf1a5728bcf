// How much the tests against models do, and where they start.
//
// VOXELD_MODEL_OPS   operations of all of them together (default 30,000), shared out by RunEpisodes
// VOXELD_MODEL_SEED  the seed of the first episode (default 1): a failure names its own
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <thread>

#include "absl/functional/function_ref.h"
#include "gtest/gtest.h"
#include "tests/voxel/grid/progress.h"
#include "voxel/base/parallel_for.h"

namespace voxel {

// Of ten operations seven are on a volume and three are whole edits, which cost several times more.
inline constexpr int kVolumeTenths = 7;
inline constexpr int kEditTenths = 3;
inline constexpr int64_t kUsualOps = 30'000;

inline int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoll(text);
}

// How many seeds a test of its own takes: `usual`, or fewer where fewer operations than the default
// are asked for.
inline uint64_t ModelSeeds(int64_t usual) {
  const int64_t share = usual * FromEnvironment("VOXELD_MODEL_OPS", kUsualOps) / kUsualOps;
  return static_cast<uint64_t>(std::clamp<int64_t>(share, 1, usual));
}

// Calls episode(seed) until `tenths` of the operations are done, each call doing `ops_per_episode`
// and starting from nothing. Episodes share nothing, so all processors work. Ends early on the
// first failure. Long runs say how far they are.
inline void RunEpisodes(int tenths, int ops_per_episode,
                        absl::FunctionRef<void(uint64_t seed)> episode) {
  const int64_t total = FromEnvironment("VOXELD_MODEL_OPS", kUsualOps) * tenths / 10;
  const int64_t seed = FromEnvironment("VOXELD_MODEL_SEED", 1);
  const auto episodes = static_cast<int>((total + ops_per_episode - 1) / ops_per_episode);
  ASSERT_GT(episodes, 0) << "VOXELD_MODEL_OPS wants a number above 0";
  Progress progress("operations from seed " + std::to_string(seed) + " on",
                    int64_t{episodes} * ops_per_episode);
  ParallelFor(static_cast<int>(std::thread::hardware_concurrency()), episodes, [&](int i) {
    if (testing::Test::HasFailure()) return;
    SCOPED_TRACE("VOXELD_MODEL_SEED=" + std::to_string(seed + i));
    episode(static_cast<uint64_t>(seed + i));
    progress.Add(ops_per_episode);
  });
}

}  // namespace voxel
