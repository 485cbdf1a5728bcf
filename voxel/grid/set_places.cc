#include "voxel/grid/set_places.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <limits>
#include <tuple>

#include "voxel/base/check.h"
#include "voxel/grid/brick_encode.h"
#include "voxel/grid/brick_read.h"
#include "voxel/grid/brick_write.h"
#include "voxel/grid/root.h"
#include "voxel/grid/sparse_brick.h"

namespace voxel {
namespace {

using internal::kTopHeight;
using internal::Slot;

constexpr int kChildBits = 6;               // of kFan children
constexpr int kVoxelBits = 3 * kBrickBits;  // of a brick's voxels
static_assert(1 << kChildBits == internal::kFan);

// One of the places: its region, and the way from there down to its voxel.
struct Place {
  uint64_t region;
  uint32_t path;   // the index of the child at each height, the top one first; then of the voxel
  uint32_t order;  // among those given

  int child(int height) const {
    return static_cast<int>(path >> (kVoxelBits + kChildBits * (height - 1)) &
                            (internal::kFan - 1));
  }
  int voxel() const { return static_cast<int>(path & (kBrickVoxels - 1)); }
};

// The next one of a brick that has one already.
Place InBrickOf(const Place& other, Coord c, size_t order) {
  const uint32_t brick = other.path >> kVoxelBits << kVoxelBits;
  return {other.region, brick | static_cast<uint32_t>(internal::VoxelIndex(c)),
          static_cast<uint32_t>(order)};
}

Place PlaceOf(Coord c, size_t order) {
  Place place{.region = internal::RegionKey(c), .path = 0, .order = static_cast<uint32_t>(order)};
  for (int h = kTopHeight; h > 0; --h) {
    place.path = place.path << kChildBits | static_cast<uint32_t>(internal::ChildIndex(c, h));
  }
  place.path = place.path << kVoxelBits | static_cast<uint32_t>(internal::VoxelIndex(c));
  return place;
}

// So that what lies in one cube stands together, and of equal places the last one behind the
// others.
bool Before(const Place& a, const Place& b) {
  return std::tie(a.region, a.path, a.order) < std::tie(b.region, b.path, b.order);
}

// A canonical slot of the old one's brick with other voxels, given in descending order.
Slot WithVoxels(Slot old, absl::Span<const internal::VoxelWrite> voxels) {
  if (internal::StaysSparse(old, voxels.size())) return internal::WithSparse(old, voxels);
  const Brick* const before = old.uniform() ? nullptr : old.brick();
  Brick* brick =
      before == nullptr ? internal::NewUniformBrick(old.color()) : internal::WritableCopy(before);
  for (const internal::VoxelWrite& voxel : voxels) {
    while (!internal::WriteVoxel(brick, voxel.index, voxel.color)) {
      brick = internal::Widen(brick, voxel.color);
    }
  }
  const Slot slot = internal::Canonical(brick, before, voxels);
  if (slot != Slot::Shared(brick)) internal::UnrefBrick(brick);
  return slot;
}

// One call of SetPlaces on its way through the tree.
class Setter {
 public:
  Setter(absl::Span<const Coord> coords, absl::Span<const Color> colors, PlacesChange& change)
      : coords_(coords), colors_(colors), change_(change) {}

  // The canonical slot of the cube with the places in it set; it carries a reference, unless it is
  // the old one, which nothing changed. REQUIRES: sorted places of the cube, at least one.
  Slot Set(Slot old, int height, absl::Span<const Place> places) {
    return height == 0 ? SetInBrick(old, places) : SetInNode(old, height, places);
  }

  // Says what changed, once all are set. The box is found here and not brick by brick: there what
  // it is made of would be stored and loaded again while the stores of a brick's copy, most of them
  // to memory that has left the caches, are still on their way.
  void Conclude() {
    change_.changed = static_cast<int64_t>(changed_.count());
    if (change_.changed == 0) return;
    constexpr int32_t kMost = std::numeric_limits<int32_t>::max();
    Coord low{kMost, kMost, kMost};
    Coord high{-kMost, -kMost, -kMost};
    for (size_t i = 0; i < coords_.size(); ++i) {
      if (!changed_[i]) continue;
      const Coord c = coords_[i];
      low = {std::min(low.x, c.x), std::min(low.y, c.y), std::min(low.z, c.z)};
      high = {std::max(high.x, c.x), std::max(high.y, c.y), std::max(high.z, c.z)};
    }
    change_.bounds = {low, high + Coord{1, 1, 1}};
  }

 private:
  Slot SetInBrick(Slot old, absl::Span<const Place> places) {
    std::array<internal::VoxelWrite, kMostPlaces> writes;
    size_t count = 0;
    if (places.size() == 1) {
      count += Differs(old, places[0], writes[0]);
    } else {
      BrickMask seen;
      for (size_t i = places.size(); i-- > 0;) {  // backwards: the last one of equal places wins
        const int index = places[i].voxel();
        if (seen.Get(index)) continue;
        seen.Set(index);
        count += Differs(old, places[i], writes[count]);
      }
    }
    if (count == 0) return old;
    if (!old.uniform()) change_.let_go_bytes += internal::SlotBytes(old, 0);
    return WithVoxels(old, {writes.data(), count});
  }

  // 1, and what to write, if the place has another colour than it is to have; else 0.
  size_t Differs(Slot old, const Place& place, internal::VoxelWrite& write) {
    write = {place.voxel(), colors_[colors_.size() == 1 ? 0 : place.order]};
    const Color before = old.uniform() ? old.color() : internal::GetVoxel(old, write.index);
    const bool differs = before != write.color;
    changed_[place.order] = differs;
    change_.unchanged += static_cast<int64_t>(!differs);
    return static_cast<size_t>(differs);
  }

  Slot SetInNode(Slot old, int height, absl::Span<const Place> places) {
    internal::Node* node = nullptr;
    uint64_t changed = 0;  // a bit for each child
    while (!places.empty()) {
      const int index = places[0].child(height);
      size_t count = 1;
      while (count < places.size() && places[count].child(height) == index) ++count;
      const Slot before = internal::ChildOf(old, index);
      const Slot after = Set(before, height - 1, places.first(count));
      places.remove_prefix(count);
      if (after == before) continue;
      if (node == nullptr) node = CopyOf(old, height);
      changed |= uint64_t{1} << index;
      node->slots[static_cast<size_t>(index)] = after;
      node->count +=
          internal::SlotCount(after, height - 1) - internal::SlotCount(before, height - 1);
      node->bytes +=
          internal::SlotBytes(after, height - 1) - internal::SlotBytes(before, height - 1);
    }
    if (node == nullptr) return old;
    if (!old.uniform()) change_.let_go_bytes += internal::NodeBytes();
    if (internal::AllUniform(node->slots)) {
      const Slot uniform = node->slots[0];
      internal::FreeNode(node);
      return uniform;
    }
    if (!old.uniform()) internal::HoldChildren(node, old.node(), changed, height);
    return Slot::Shared(node);
  }

  static internal::Node* CopyOf(Slot old, int height) {
    internal::Node* const node =
        old.uniform() ? internal::NewNode(old) : internal::CopyNode(old.node());
    node->count = internal::SlotCount(old, height);
    node->bytes = old.uniform() ? internal::NodeBytes() : old.node()->bytes;
    return node;
  }

  const absl::Span<const Coord> coords_;
  const absl::Span<const Color> colors_;
  PlacesChange& change_;
  std::bitset<kMostPlaces> changed_;  // of those given
};

}  // namespace

PlacesChange SetPlaces(const Volume& base, absl::Span<const Coord> places,
                       absl::Span<const Color> colors) {
  VOXEL_CHECK(!places.empty() && places.size() <= kMostPlaces);
  VOXEL_CHECK(colors.size() == 1 || colors.size() == places.size());
  std::array<Place, kMostPlaces> sorted;
  for (size_t i = 0; i < places.size(); ++i) {
    VOXEL_CHECK(InWorld(places[i]));
    const bool same_brick = i > 0 && internal::InCube(places[i], places[i - 1], kBrickBits);
    sorted[i] = same_brick ? InBrickOf(sorted[i - 1], places[i], i) : PlaceOf(places[i], i);
  }
  const auto end = sorted.begin() + static_cast<ptrdiff_t>(places.size());
  if (!std::is_sorted(sorted.begin(), end, Before)) std::sort(sorted.begin(), end, Before);
  PlacesChange change;
  change.volume = base;
  Setter setter(places, colors, change);
  for (absl::Span<const Place> left(sorted.data(), places.size()); !left.empty();) {
    size_t count = 1;
    while (count < left.size() && left[count].region == left[0].region) ++count;
    const Slot before = internal::FindRegion(VolumeInternals::Regions(base), places[left[0].order]);
    const Slot after = setter.Set(before, kTopHeight, left.first(count));
    if (after != before) {
      change.volume = VolumeInternals::WithRegion(change.volume, left[0].region, after);
    }
    left.remove_prefix(count);
  }
  setter.Conclude();
  return change;
}

}  // namespace voxel
