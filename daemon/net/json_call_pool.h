// Calls that are over, kept for the next ones with the memory of their texts and answers.
//
// Threading: the poller's thread.
// Memory:    at most kMost calls of some 3 KiB each.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "daemon/memory/area_counts.h"
#include "daemon/memory/memory_use.h"
#include "daemon/net/json_call.h"
#include "voxel/base/pool_counts.h"

namespace voxeld {

class JsonCallPool {
 public:
  // `gauge` is told of all calls there are.
  explicit JsonCallPool(MemoryUse::Gauge* gauge) : gauge_(gauge) { free_.reserve(kMost); }

  // A call that has begun.
  std::unique_ptr<JsonCall> Take(std::string_view id, const Method* method);
  // REQUIRES: nothing runs for it any more.
  void Give(std::unique_ptr<JsonCall> call);
  // So many of the calls are gone, with the streams that they opened, and do not come back.
  void Forget(size_t calls);
  // Frees what is kept; returns how many calls that were.
  size_t Trim();

  // Any thread.
  const voxel::PoolCounts& counts() const { return counts_; }
  const AreaCounts& answers() const { return answers_; }

 private:
  static constexpr size_t kMost = 256;
  // Changes of how many there are, and are in use.
  void Count(int64_t calls, int64_t in_use);
  void Keep(int64_t calls);

  MemoryUse::Gauge* const gauge_;
  std::vector<std::unique_ptr<JsonCall>> free_;
  voxel::PoolCounts counts_;
  AreaCounts answers_;
};

}  // namespace voxeld
