#include "voxel/grid/region_table.h"

#include <algorithm>

namespace voxel::internal {
namespace {

bool ByKey(const Region& a, const Region& b) { return a.key < b.key; }

}  // namespace

RegionTable::RegionTable(absl::Span<const Region> regions)
    : regions_(regions.begin(), regions.end()), sorted_(regions.size()) {
  for (const Region& region : regions_) RefSlot(region.slot, kTopHeight);
}

RegionTable::~RegionTable() {
  for (const Region& region : regions_) DropSlot(region.slot, kTopHeight);
}

Slot* RegionTable::Find(uint64_t key) {
  const auto end = regions_.begin() + static_cast<std::ptrdiff_t>(sorted_);
  const auto it = std::lower_bound(regions_.begin(), end, Region{key, Slot()}, ByKey);
  if (it != end && it->key == key) return &it->slot;
  if (added_.empty()) return nullptr;
  const auto added = added_.find(key);
  return added == added_.end() ? nullptr : &regions_[added->second].slot;
}

Slot* RegionTable::FindOrAdd(uint64_t key) {
  if (Slot* slot = Find(key)) return slot;
  if (added_.empty() && (regions_.empty() || regions_.back().key < key)) {
    ++sorted_;  // still in order
  } else {
    added_.emplace(key, regions_.size());
  }
  regions_.push_back({key, Slot()});
  return &regions_.back().slot;
}

void RegionTable::Sort() {
  if (added_.empty()) return;
  const auto middle = regions_.begin() + static_cast<std::ptrdiff_t>(sorted_);
  std::sort(middle, regions_.end(), ByKey);
  std::inplace_merge(regions_.begin(), middle, regions_.end(), ByKey);
  sorted_ = regions_.size();
  added_.clear();
}

}  // namespace voxel::internal
