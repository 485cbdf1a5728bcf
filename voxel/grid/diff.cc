#include "voxel/grid/diff.h"

#include <bit>

#include "voxel/grid/brick_bounds.h"
#include "voxel/grid/root.h"

namespace voxel {
namespace {

using internal::Region;
using internal::Slot;

using PairFn = absl::FunctionRef<bool(const Cell&, const Cell&)>;

Cell MakeCell(Slot slot, Coord min, int height) {
  Cell cell;
  cell.min = min;
  cell.size = internal::CubeSize(height);
  if (slot.uniform()) {
    cell.color = slot.color();
  } else {
    cell.brick = slot.brick();
  }
  return cell;
}

bool Walk(Slot before, Slot after, Coord min, int height, const Box& box, PairFn fn) {
  if (before == after || !box.Intersects(internal::CubeBox(min, height))) return true;
  if (height == 0 || (before.uniform() && after.uniform())) {
    if (internal::SameSlot(before, after, height)) return true;
    return fn(MakeCell(before, min, height), MakeCell(after, min, height));
  }
  for (int i = 0; i < internal::kFan; ++i) {
    if (!Walk(internal::ChildOf(before, i), internal::ChildOf(after, i),
              internal::ChildMin(min, i, height), height - 1, box, fn)) {
      return false;
    }
  }
  return true;
}

void Decode(const Cell& cell, DenseBrick& out) {
  if (cell.brick == nullptr) {
    out.fill(cell.color);
  } else {
    BrickDecode(cell.brick, out);
  }
}

void AddUniform(const Cell& before, const Cell& after, const Box& box, VolumeDiff& diff) {
  const Box part = before.box().Intersection(box);
  int64_t& count = before.color == kAir  ? diff.added
                   : after.color == kAir ? diff.removed
                                         : diff.recolored;
  count += part.Voxels();
  diff.bounds = diff.bounds.Union(part);
}

void AddBricks(const Cell& before, const Cell& after, const Box& box, VolumeDiff& diff) {
  DenseBrick old;
  DenseBrick now;
  Decode(before, old);
  Decode(after, now);
  const BrickMask within = internal::BoxMask(before.min, box);
  BrickMask differs;
  for (size_t w = 0; w < within.words.size(); ++w) {
    uint64_t bits = 0;
    uint64_t was_air = 0;
    uint64_t is_air = 0;
    for (size_t k = 0; k < 64; ++k) {
      const size_t i = w << 6 | k;
      bits |= uint64_t{old[i] != now[i]} << k;
      was_air |= uint64_t{old[i] == kAir} << k;
      is_air |= uint64_t{now[i] == kAir} << k;
    }
    bits &= within.words[w];
    differs.words[w] = bits;
    diff.added += std::popcount(bits & was_air);
    diff.removed += std::popcount(bits & is_air);
    diff.recolored += std::popcount(bits & ~was_air & ~is_air);
  }
  const Box inner = internal::MaskBounds(differs);
  if (!inner.empty()) {
    diff.bounds = diff.bounds.Union({before.min + inner.min, before.min + inner.max});
  }
}

}  // namespace

VolumeDiff Diff(const Volume& before, const Volume& after, const Box& box) {
  VolumeDiff diff;
  ForEachChangedCell(before, after, box, [&](const Cell& was, const Cell& is) {
    if (was.brick == nullptr && is.brick == nullptr) {
      AddUniform(was, is, box, diff);
    } else {
      AddBricks(was, is, box, diff);
    }
    return true;
  });
  return diff;
}

void ForEachChangedCell(const Volume& before, const Volume& after, const Box& box, PairFn fn) {
  if (before.SharesRoot(after)) return;
  const absl::Span<const Region> old = VolumeInternals::Regions(before);
  const absl::Span<const Region> now = VolumeInternals::Regions(after);
  for (size_t i = 0, k = 0; i < old.size() || k < now.size();) {
    const bool in_old = i < old.size() && (k == now.size() || old[i].key <= now[k].key);
    const bool in_now = k < now.size() && (i == old.size() || now[k].key <= old[i].key);
    const Coord min = internal::RegionMin(in_old ? old[i].key : now[k].key);
    const Slot a = in_old ? old[i++].slot : Slot();
    const Slot b = in_now ? now[k++].slot : Slot();
    if (!Walk(a, b, min, internal::kTopHeight, box, fn)) return;
  }
}

}  // namespace voxel
