// The table of regions that a transaction works on: a private copy of a volume's, with room to
// grow. Private to voxel/grid.
//
// Structure: regions in the order of their keys, followed by those added since the last Sort(),
//            which a hash map finds.
// Ownership: holds one reference through each slot. One thread.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "voxel/grid/root.h"

namespace voxel::internal {

class RegionTable {
 public:
  explicit RegionTable(absl::Span<const Region> regions);
  ~RegionTable();
  RegionTable(const RegionTable&) = delete;
  RegionTable& operator=(const RegionTable&) = delete;

  // The region's slot, or nullptr. Valid until FindOrAdd or Sort.
  Slot* Find(uint64_t key);
  Slot* FindOrAdd(uint64_t key);
  // Puts all regions in order.
  void Sort();
  // In order only after Sort().
  std::vector<Region>& regions() { return regions_; }
  const std::vector<Region>& regions() const { return regions_; }

 private:
  std::vector<Region> regions_;
  size_t sorted_;  // how many stand in order
  absl::flat_hash_map<uint64_t, size_t> added_;
};

}  // namespace voxel::internal
