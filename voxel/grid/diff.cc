#include "voxel/grid/diff.h"

#include <bit>

#include "voxel/base/task_part.h"
#include "voxel/grid/brick_bounds.h"
#include "voxel/grid/recolored.h"
#include "voxel/grid/root.h"

namespace voxel {
namespace {

using internal::Region;
using internal::Slot;

using PairFn = absl::FunctionRef<bool(const Cell&, const Cell&)>;
using NodeFn = absl::FunctionRef<bool(Slot before, Slot after, Coord min, int height)>;

constexpr int kNodeHeight = 1;  // of 64^3

// A bit for each child of the node at `min` that meets the box.
uint64_t ChildrenIn(const Box& box, Coord min, int height) {
  const Box cube = internal::CubeBox(min, height);
  if (box.Contains(cube)) return ~uint64_t{0};
  const Box part = box.Intersection(cube);
  if (part.empty()) return 0;
  const int shift = internal::CubeBits(height - 1);
  uint64_t children = 0;
  for (int z = (part.min.z - min.z) >> shift; z <= (part.max.z - 1 - min.z) >> shift; ++z) {
    for (int y = (part.min.y - min.y) >> shift; y <= (part.max.y - 1 - min.y) >> shift; ++y) {
      const int first = (part.min.x - min.x) >> shift;
      const int last = (part.max.x - 1 - min.x) >> shift;
      const uint64_t row = (uint64_t{2} << last) - (uint64_t{1} << first);
      children |= row << (y << 2 | z << 4);
    }
  }
  return children;
}

// REQUIRES: the cube meets the box.
bool Walk(Slot before, Slot after, Coord min, int height, const Box& box, PairFn fn) {
  if (before == after) return true;
  if (height == 0 || (before.uniform() && after.uniform())) {
    if (internal::SameSlot(before, after, height)) return true;
    return fn(internal::CellOf(before, min, height), internal::CellOf(after, min, height));
  }
  for (uint64_t left = ChildrenIn(box, min, height); left != 0; left &= left - 1) {
    const int i = std::countr_zero(left);
    const Slot was = internal::ChildOf(before, i);
    const Slot is = internal::ChildOf(after, i);
    if (was == is) continue;  // most of them
    if (!Walk(was, is, internal::ChildMin(min, i, height), height - 1, box, fn)) return false;
  }
  return true;
}

// Calls fn for the pairs of nodes, or of uniform cubes that are larger, which are not the same.
// REQUIRES: the cube meets the box.
bool WalkNodes(Slot before, Slot after, Coord min, int height, const Box& box, NodeFn fn) {
  if (before == after) return true;
  if (height <= kNodeHeight || (before.uniform() && after.uniform())) {
    return fn(before, after, min, height);
  }
  for (uint64_t left = ChildrenIn(box, min, height); left != 0; left &= left - 1) {
    const int i = std::countr_zero(left);
    const Coord child = internal::ChildMin(min, i, height);
    if (!WalkNodes(internal::ChildOf(before, i), internal::ChildOf(after, i), child, height - 1,
                   box, fn)) {
      return false;
    }
  }
  return true;
}

// Calls fn for the regions that either volume has and that meet the box, until it returns false.
void ForEachRegionPair(const Volume& before, const Volume& after, const Box& box, NodeFn fn) {
  if (before.SharesRoot(after)) return;
  const absl::Span<const Region> old = VolumeInternals::Regions(before);
  const absl::Span<const Region> now = VolumeInternals::Regions(after);
  for (size_t i = 0, k = 0; i < old.size() || k < now.size();) {
    const bool in_old = i < old.size() && (k == now.size() || old[i].key <= now[k].key);
    const bool in_now = k < now.size() && (i == old.size() || now[k].key <= old[i].key);
    const Coord min = internal::RegionMin(in_old ? old[i].key : now[k].key);
    const Slot a = in_old ? old[i++].slot : Slot();
    const Slot b = in_now ? now[k++].slot : Slot();
    if (a == b || !box.Intersects(internal::CubeBox(min, internal::kTopHeight))) continue;
    if (!fn(a, b, min, internal::kTopHeight)) return;
  }
}

void ForEachNodePair(const VolumePair& pair, const Box& box, NodeFn fn) {
  ForEachRegionPair(pair.before, pair.after, box,
                    [&](Slot before, Slot after, Coord min, int height) {
                      return WalkNodes(before, after, min, height, box, fn);
                    });
}

int64_t CountNodePairs(absl::Span<const VolumePair> pairs, const Box& box) {
  int64_t count = 0;
  for (const VolumePair& pair : pairs) {
    ForEachNodePair(pair, box, [&count](Slot, Slot, Coord, int) {
      ++count;
      return true;
    });
  }
  return count;
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
  const BrickDiff bricks = DiffBricks(before, after, box);
  diff.added += bricks.added.Count();
  diff.removed += bricks.removed.Count();
  diff.recolored += bricks.recolored.Count();
  const Box inner = MaskBounds(bricks.All());
  if (!inner.empty()) {
    diff.bounds = diff.bounds.Union({before.min + inner.min, before.min + inner.max});
  }
}

void Add(const Cell& before, const Cell& after, const Box& box, VolumeDiff& diff) {
  if (before.brick == nullptr && after.brick == nullptr) {
    AddUniform(before, after, box, diff);
  } else {
    AddBricks(before, after, box, diff);
  }
}

}  // namespace

void DecodeCell(const Cell& cell, DenseBrick& out) {
  if (cell.brick == nullptr) {
    out.fill(cell.color);
  } else {
    BrickDecode(cell.brick, out);
  }
}

BrickMask BrickDiff::All() const { return added | removed | recolored; }

// What came and what went shows in the occupancy; only voxels on both sides need their colours
// looked at.
BrickDiff DiffBricks(const Cell& before, const Cell& after, const Box& box) {
  const BrickMask was = SolidBits(before, box);
  const BrickMask is = SolidBits(after, box);
  BrickDiff diff;
  for (size_t w = 0; w < was.words.size(); ++w) {
    diff.added.words[w] = is.words[w] & ~was.words[w];
    diff.removed.words[w] = was.words[w] & ~is.words[w];
  }
  const BrickMask both = was & is;
  if (!both.None()) diff.recolored = internal::Recolored(before, after, both);
  return diff;
}

VolumeDiff Diff(const Volume& before, const Volume& after, const Box& box) {
  VolumeDiff diff;
  ForEachChangedCell(before, after, box, [&](const Cell& was, const Cell& is) {
    Add(was, is, box, diff);
    return true;
  });
  return diff;
}

absl::StatusOr<VolumeDiff> Diff(const Volume& before, const Volume& after,
                                const TaskContext& context) {
  VolumeDiff diff;
  absl::Status status;
  ForEachChangedCell(before, after, kWorld, [&](const Cell& was, const Cell& is) {
    Add(was, is, kWorld, diff);
    status = context.Check();
    return status.ok();
  });
  if (!status.ok()) return status;
  return diff;
}

absl::StatusOr<std::vector<VolumeDiff>> DiffAll(absl::Span<const VolumePair> pairs, const Box& box,
                                                const TaskContext& context) {
  PieceCounter nodes(context, context.progress ? CountNodePairs(pairs, box) : 0);
  std::vector<VolumeDiff> diffs(pairs.size());
  absl::Status status;
  for (size_t i = 0; i < pairs.size() && status.ok(); ++i) {
    ForEachNodePair(pairs[i], box, [&](Slot before, Slot after, Coord min, int height) {
      Walk(before, after, min, height, box, [&](const Cell& was, const Cell& is) {
        Add(was, is, box, diffs[i]);
        return true;
      });
      nodes.Add(1);
      status = context.Check();
      return status.ok();
    });
  }
  if (!status.ok()) return status;
  return diffs;
}

bool SameVoxels(const Volume& a, const Volume& b) {
  bool same = true;
  ForEachChangedCell(a, b, kWorld, [&same](const Cell&, const Cell&) { return same = false; });
  return same;
}

void ForEachChangedCell(const Volume& before, const Volume& after, const Box& box, PairFn fn) {
  ForEachRegionPair(before, after, box, [&](Slot was, Slot is, Coord min, int height) {
    return Walk(was, is, min, height, box, fn);
  });
}

}  // namespace voxel
