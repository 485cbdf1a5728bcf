#include "voxel/grid/root.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <utility>

#include "voxel/base/hash.h"
#include "voxel/base/recycler.h"
#include "voxel/grid/brick_bounds.h"

namespace voxel {
namespace internal {
namespace {

// Grows `bounds` by what is not air below `slot`; cubes that cannot grow it are not looked at.
void GrowBounds(Slot slot, Coord min, int height, Box& bounds) {
  if (slot.air()) return;
  const Box cube = CubeBox(min, height);
  if (bounds.Contains(cube)) return;
  if (slot.uniform()) {
    bounds = bounds.Union(cube);
  } else if (height == 0) {
    const Box inner = MaskBounds(slot.brick()->occupancy());
    bounds = bounds.Union({min + inner.min, min + inner.max});
  } else {
    for (int i = 0; i < kFan; ++i) {
      GrowBounds(slot.node()->slots[i], ChildMin(min, i, height), height - 1, bounds);
    }
  }
}

// The cube of 2^bits on a side whose regions all share `key`'s leading bits.
Box KeyCube(uint64_t key, int level) {
  const uint64_t first = level == kRegionAxisBits ? 0 : key >> (3 * level) << (3 * level);
  const Coord min = RegionMin(first);
  const auto end = [&](int32_t v) {
    return static_cast<int32_t>(int64_t{v} + (int64_t{1} << (kTopBits + level)));
  };
  return {min, {end(min.x), end(min.y), end(min.z)}};
}

// Narrows regions [first, last), which lie in one aligned cube of `level`, down to those that meet
// the box.
bool VisitRange(absl::Span<const Region> regions, size_t first, size_t last, int level,
                const Box& box, absl::FunctionRef<bool(size_t)> fn) {
  if (first == last) return true;
  if (last - first == 1) level = 0;
  if (!KeyCube(regions[first].key, level).Intersects(box)) return true;
  if (level == 0) return fn(first);
  while (first < last) {
    const uint64_t child = regions[first].key >> (3 * (level - 1));
    size_t end = last;
    if (regions[last - 1].key >> (3 * (level - 1)) != child) {
      const auto it = std::partition_point(
          regions.begin() + first, regions.begin() + last,
          [&](const Region& r) { return r.key >> (3 * (level - 1)) == child; });
      end = static_cast<size_t>(it - regions.begin());
    }
    if (!VisitRange(regions, first, end, level - 1, box, fn)) return false;
    first = end;
  }
  return true;
}

// Whether a root of so many regions lends them. A few references are counted faster than two locks
// are taken.
constexpr bool Lends(size_t regions) { return regions >= 8; }

// What a root lends are parts of so many regions each.
constexpr size_t RegionsOfPart(size_t regions) { return (regions + kMostLent - 1) / kMostLent; }
constexpr uint64_t kAllParts = ~uint64_t{0};

// Calls fn(i) for the regions of some parts, which have a bit each.
template <typename Fn>
void ForEachIn(uint64_t parts, size_t regions, Fn fn) {
  const size_t size = RegionsOfPart(regions);
  for (; parts != 0; parts &= parts - 1) {
    const size_t first = size * static_cast<size_t>(std::countr_zero(parts));
    if (first >= regions) return;
    for (size_t i = first; i < std::min(first + size, regions); ++i) fn(i);
  }
}

constexpr size_t kKeptRegions = 256;  // larger lists are not kept for later roots

// Lives for the process: volumes may end after main.
Recycler<Root, kMostRecycled>& DeadRoots() {
  static auto* const roots = new Recycler<Root, kMostRecycled>();
  return *roots;
}

}  // namespace

Root::Root(std::vector<Region> sorted) : regions_(std::move(sorted)) {
  for (const Region& region : regions_) {
    count_ += SlotCount(region.slot, kTopHeight);
    bytes_ += SlotBytes(region.slot, kTopHeight);
  }
  bytes_ += static_cast<int64_t>(sizeof(Root) + regions_.size() * sizeof(Region));
}

Root::~Root() { DropRegions(); }

void Root::DropRegions() {
  delete bounds_.exchange(nullptr, std::memory_order_relaxed);  // the last owner is alone
  const uint64_t held = Lends(regions_.size()) ? loan_.Leave() : kAllParts;
  ForEachIn(held, regions_.size(), [&](size_t i) { DropSlot(regions_[i].slot, kTopHeight); });
  regions_.clear();
}

void Root::Recycle(Root* root) {
  root->DropRegions();
  root->hash_.store(0, std::memory_order_relaxed);
  if (root->regions_.capacity() > kKeptRegions || !DeadRoots().Give(root)) delete root;
}

Root* Root::WithRegion(const Root* base, uint64_t key, Slot slot) {
  Root* root = DeadRoots().Take();
  if (root == nullptr) {
    root = new Root();
  } else {
    root->Revive();
  }
  std::vector<Region>& regions = root->regions_;
  if (base != nullptr) regions.assign(base->regions_.begin(), base->regions_.end());
  const auto place = std::partition_point(regions.begin(), regions.end(),
                                          [key](const Region& r) { return r.key < key; });
  const bool known = place != regions.end() && place->key == key;
  const Slot old = known ? place->slot : Slot();
  root->count_ = (base != nullptr ? base->count_ : 0) + SlotCount(slot, kTopHeight) -
                 SlotCount(old, kTopHeight);
  const int64_t fixed =
      base != nullptr
          ? base->bytes_ - static_cast<int64_t>(sizeof(Root) + regions.size() * sizeof(Region))
          : 0;
  const auto changed = static_cast<size_t>(place - regions.begin());
  if (slot.air()) {
    if (known) regions.erase(place);
    root->HoldRegions(nullptr, regions.size());
  } else if (known) {
    place->slot = slot;
    root->HoldRegions(base, changed);
  } else {
    regions.insert(place, {key, slot});
    root->HoldRegions(nullptr, changed);
  }
  root->bytes_ = fixed + SlotBytes(slot, kTopHeight) - SlotBytes(old, kTopHeight) +
                 static_cast<int64_t>(sizeof(Root) + regions.size() * sizeof(Region));
  if (!regions.empty()) return root;
  root->Unref();
  return nullptr;
}

void Root::HoldRegions(const Root* base, size_t changed) {
  const size_t regions = regions_.size();
  uint64_t own = kAllParts;
  if (base != nullptr && Lends(regions)) {
    const uint64_t part = uint64_t{1} << changed / RegionsOfPart(regions);
    if (loan_.Borrow(base->loan_, part)) own = part;
  }
  ForEachIn(own, regions, [&](size_t i) {
    if (i != changed) RefSlot(regions_[i].slot, kTopHeight);
  });
}

uint64_t Root::Hash() const {
  // Relaxed: immutable, so every thread computes the same number.
  uint64_t hash = hash_.load(std::memory_order_relaxed);
  if (hash != 0) return hash;
  hash = kHashSeed;
  for (const Region& region : regions_) {
    hash = HashMix(HashMix(hash, region.key), SlotHash(region.slot, kTopHeight));
  }
  hash |= 1;
  hash_.store(hash, std::memory_order_relaxed);
  return hash;
}

const Box& Root::Bounds() const {
  // Acquire and release: who finds the box must see what is in it. Racing threads compute the same
  // one.
  const Box* known = bounds_.load(std::memory_order_acquire);
  if (known != nullptr) return *known;
  auto bounds = std::make_unique<Box>();
  for (const Region& region : regions_) {
    GrowBounds(region.slot, RegionMin(region.key), kTopHeight, *bounds);
  }
  if (bounds_.compare_exchange_strong(known, bounds.get(), std::memory_order_acq_rel)) {
    return *bounds.release();
  }
  return *known;
}

Slot FindRegion(absl::Span<const Region> regions, Coord c) {
  if (!InWorld(c)) return Slot();
  const uint64_t key = RegionKey(c);
  const auto it = std::partition_point(regions.begin(), regions.end(),
                                       [&](const Region& r) { return r.key < key; });
  return it != regions.end() && it->key == key ? it->slot : Slot();
}

bool ForEachRegion(absl::Span<const Region> regions, const Box& box,
                   absl::FunctionRef<bool(size_t)> fn) {
  const Box inside = box.Intersection(kWorld);
  if (inside.empty()) return true;
  return VisitRange(regions, 0, regions.size(), kRegionAxisBits, inside, fn);
}

}  // namespace internal

absl::Span<const internal::Region> VolumeInternals::Regions(const Volume& volume) {
  if (volume.root_ == nullptr) return {};
  return volume.root_->regions();
}

Volume VolumeInternals::WithRegion(const Volume& volume, uint64_t key, internal::Slot slot) {
  return Volume(internal::Root::WithRegion(volume.root_, key, slot));
}

Volume VolumeInternals::Make(std::vector<internal::Region> regions) {
  std::erase_if(regions, [](const internal::Region& r) { return r.slot.air(); });
  if (regions.empty()) return Volume();
  std::sort(regions.begin(), regions.end(),
            [](const internal::Region& a, const internal::Region& b) { return a.key < b.key; });
  regions.shrink_to_fit();
  return Volume(new internal::Root(std::move(regions)));
}

}  // namespace voxel
