#include "daemon/service/perfect_hash.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "voxel/base/check.h"
#include "voxel/base/hash.h"

namespace voxeld {
namespace {

constexpr size_t kPlacesPerName = 8;  // one in ten tries has no two names in one
constexpr int kTriesPerSize = 1000;

}  // namespace

PerfectHash::PerfectHash(std::vector<std::string> names) : names_(std::move(names)) {
  VOXEL_CHECK(names_.size() < kNone);
  std::vector<std::string> sorted = names_;
  std::sort(sorted.begin(), sorted.end());
  VOXEL_CHECK(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end());
  size_t places = std::bit_ceil(std::max<size_t>(1, kPlacesPerName * names_.size()));
  for (int tries = 1;; ++tries) {
    table_.assign(places, kNone);
    if (Fill()) return;
    ++seed_;
    if (tries % kTriesPerSize == 0) places *= 2;
  }
}

size_t PerfectHash::SlotOf(std::string_view name) const {
  return voxel::HashBytes(name.data(), name.size(), seed_) & (table_.size() - 1);
}

bool PerfectHash::Fill() {
  for (size_t i = 0; i < names_.size(); ++i) {
    uint16_t& place = table_[SlotOf(names_[i])];
    if (place != kNone) return false;
    place = static_cast<uint16_t>(i);
  }
  return true;
}

}  // namespace voxeld
