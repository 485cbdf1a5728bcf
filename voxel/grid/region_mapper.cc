#include "voxel/grid/region_mapper.h"

#include <algorithm>
#include <limits>

#include "voxel/base/status_macros.h"
#include "voxel/grid/brick_bounds.h"

namespace voxel::internal {

RegionMapper::RegionMapper(RegionTable& table, const Box& box, const RegionKernel& kernel,
                           const TaskContext& context, MapCount& count, int64_t& new_bytes)
    : table_(table),
      box_(box),
      kernel_(kernel),
      context_(context),
      count_(count),
      new_bytes_(new_bytes),
      acts_outside_(kernel.acts_outside()),
      inside_map_{kernel},
      outside_map_{kernel},
      inside_(inside_map_, context, new_bytes),
      outside_(outside_map_, context, new_bytes) {}

absl::Status RegionMapper::Run() {
  table_.Sort();
  return MapOctants(kWorld.min, kRegionAxisBits, 0, table_.regions().size());
}

bool RegionMapper::Fixed(Color color, Coverage coverage) {
  if (coverage != Coverage::kOutside && inside_.Map(color) != color) return false;
  return coverage == Coverage::kInside || !acts_outside_ || outside_.Map(color) == color;
}

void RegionMapper::CountInside(int64_t voxels) {
  if (__builtin_add_overflow(count_.inside, voxels, &count_.inside)) {
    count_.inside = std::numeric_limits<int64_t>::max();
  }
}

absl::Status RegionMapper::MapOctants(Coord min, int level, size_t first, size_t last) {
  const auto end = [&](int32_t v) {
    return static_cast<int32_t>(int64_t{v} + (int64_t{1} << (kTopBits + level)));
  };
  const Box cube{min, {end(min.x), end(min.y), end(min.z)}};
  if (!cube.Intersects(box_)) return absl::OkStatus();
  if (level == 0) return MapRegion(min, first < last, first);
  VOXEL_RETURN_IF_ERROR(context_.CheckMemory(new_bytes_));
  if (level < kRegionAxisBits) {
    const Coverage coverage = kernel_.Classify(cube);
    if (coverage == Coverage::kOutside && !acts_outside_) return absl::OkStatus();
    if (first == last && coverage != Coverage::kPartial && Fixed(kAir, coverage)) {
      if (coverage == Coverage::kInside) CountInside(cube.Intersection(box_).Voxels());
      return absl::OkStatus();
    }
  }
  const int shift = 3 * (level - 1);
  const uint64_t prefix = RegionKey(min) >> shift;
  const int32_t half = static_cast<int32_t>(int64_t{1} << (kTopBits + level - 1));
  for (uint32_t i = 0; i < 8; ++i) {
    const auto begin = table_.regions().begin();
    const auto it = std::partition_point(
        begin + static_cast<std::ptrdiff_t>(first), begin + static_cast<std::ptrdiff_t>(last),
        [&](const Region& r) { return r.key >> shift <= prefix + i; });
    const auto next = static_cast<size_t>(it - begin);
    const Coord corner{(i & 1) != 0 ? min.x + half : min.x, (i & 2) != 0 ? min.y + half : min.y,
                       (i & 4) != 0 ? min.z + half : min.z};
    VOXEL_RETURN_IF_ERROR(MapOctants(corner, level - 1, first, next));
    first = next;
  }
  return absl::OkStatus();
}

absl::Status RegionMapper::MapRegion(Coord min, bool exists, size_t index) {
  const Slot before = exists ? table_.regions()[index].slot : Slot();
  Slot after = before;
  absl::Status status = MapCube(before, min, kTopHeight, after);
  if (after != before) {
    Slot* slot = exists ? &table_.regions()[index].slot : table_.FindOrAdd(RegionKey(min));
    *slot = after;
    new_bytes_ -= DropSlot(before, kTopHeight);
  }
  return status;
}

absl::Status RegionMapper::MapCube(Slot in, Coord min, int height, Slot& out) {
  const Box cube = CubeBox(min, height);
  if (!cube.Intersects(box_)) return absl::OkStatus();
  const Coverage coverage = kernel_.Classify(cube);
  if (coverage == Coverage::kOutside && !acts_outside_) return absl::OkStatus();
  if (coverage != Coverage::kPartial) {
    const bool inside = coverage == Coverage::kInside;
    if (box_.Contains(cube)) return MapWhole(in, height, inside, out);
    if (in.uniform() && Fixed(in.color(), coverage)) {
      if (inside) CountInside(cube.Intersection(box_).Voxels());
      return absl::OkStatus();
    }
  }
  if (height == 0) return MapBrickPart(in, min, coverage, out);
  return MapChildren(in, min, height, out);
}

absl::Status RegionMapper::MapChildren(Slot in, Coord min, int height, Slot& out) {
  for (int i = 0; i < kFan; ++i) {
    const Slot child = ChildOf(out, i);
    Slot mapped = child;
    absl::Status status = MapCube(child, ChildMin(min, i, height), height - 1, mapped);
    if (mapped != child) {
      if (!out.owned()) {
        out = Slot::Owned(in.uniform() ? NewNode(in) : CloneNode(in.node(), height));
        new_bytes_ += NodeBytes();
      }
      out.node()->slots[i] = mapped;
      new_bytes_ -= DropSlot(child, height - 1);
    }
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status RegionMapper::MapWhole(Slot in, int height, bool inside, Slot& out) {
  VOXEL_ASSIGN_OR_RETURN(const MappedSlot mapped, (inside ? inside_ : outside_).Map(in, height));
  out = mapped.slot;
  count_.changed += mapped.changed;
  if (inside) CountInside(CubeVoxels(height));
  return absl::OkStatus();
}

absl::Status RegionMapper::MapBrickPart(Slot in, Coord min, Coverage coverage, Slot& out) {
  VOXEL_RETURN_IF_ERROR(context_.CheckMemory(new_bytes_));
  BrickMask inside;
  if (coverage == Coverage::kPartial) {
    kernel_.Mask(min, inside);
  } else if (coverage == Coverage::kInside) {
    inside.words.fill(~uint64_t{0});
  }
  const BrickMask within = BoxMask(min, box_);
  BrickMask outside;
  for (size_t w = 0; w < inside.words.size(); ++w) {
    inside.words[w] &= within.words[w];
    if (acts_outside_) outside.words[w] = within.words[w] & ~inside.words[w];
  }
  CountInside(inside.Count());
  const MappedSlot mapped = MapBrickParts(
      in, inside,
      [this](Color* c, int n) { n == 1 ? void(*c = inside_.Map(*c)) : inside_map_(c, n); }, outside,
      [this](Color* c, int n) { n == 1 ? void(*c = outside_.Map(*c)) : outside_map_(c, n); });
  if (mapped.slot != in) new_bytes_ += SlotBytes(mapped.slot, 0);
  out = mapped.slot;
  count_.changed += mapped.changed;
  return absl::OkStatus();
}

}  // namespace voxel::internal
