// The open projects by id, for readers that take no lock.
//
// Structure: 64 shards by hash, each an immutable table published under RCU. A change copies one
//            shard.
// Threading: Find from any thread, never waiting. Set and Erase by one thread at a time.
// Cost:      Find: a hash and a lookup in a read section. Set, Erase: the projects of a shard.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "daemon/runtime/rcu_cell.h"
#include "daemon/store/project_impl.h"

namespace voxeld {

class ProjectMap {
 public:
  ProjectMap();

  std::shared_ptr<ProjectImpl> Find(std::string_view id) const;  // null if it is not there
  void Set(const std::string& id, std::shared_ptr<ProjectImpl> project);
  void Erase(const std::string& id);
  int32_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  struct Shard : voxel::RefCounted<Shard> {
    absl::flat_hash_map<std::string, std::shared_ptr<ProjectImpl>> projects;
  };
  using Cell = RcuCell<Shard>;

  Cell& CellOf(std::string_view id) const;
  static voxel::RefPtr<Shard> Copy(const Cell& cell);
  static void Publish(Cell& cell, voxel::RefPtr<Shard> shard);

  std::vector<std::unique_ptr<Cell>> cells_;  // constant after construction; the cells are not
  std::atomic<int32_t> size_{0};              // relaxed: a figure for statistics
};

}  // namespace voxeld
