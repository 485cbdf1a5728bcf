// What admin.stats tells of memory that is used again: the pools and areas of the doors.
//
// Ownership: of nothing; what is named outlives the calls.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "daemon/memory/area_counts.h"
#include "voxel/base/pool_counts.h"

namespace voxeld {

struct ShownPool {
  std::string_view name;
  const voxel::PoolCounts* counts = nullptr;
  bool all_come_back = false;  // so that it is known how many are in use
};

struct ShownArea {
  std::string_view name;
  const AreaCounts* counts = nullptr;
  size_t block_bytes = 0;
  const voxel::PoolCounts* owners = nullptr;  // each of which has one
};

struct ShownMemory {
  std::vector<ShownPool> pools;
  std::vector<ShownArea> areas;
};

}  // namespace voxeld
