#include "voxel/grid/region_mapper.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <thread>
#include <utility>

#include "voxel/base/parallel_for.h"
#include "voxel/base/status_macros.h"
#include "voxel/grid/brick_bounds.h"
#include "voxel/grid/brick_read.h"

namespace voxel::internal {
namespace {

constexpr int kTaskHeight = 1;
constexpr int kTasksPerThread = 8;                      // fewer are not worth starting one for
constexpr int64_t kVoxelsForTasks = CubeVoxels(2) / 4;  // of a region: fewer are mapped at once

}  // namespace

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
  if (box_.empty()) return absl::OkStatus();
  // The smallest octant that holds the box; most edits lie in one region.
  const uint64_t key = RegionKey(box_.min);
  const uint64_t differs = key ^ RegionKey({box_.max.x - 1, box_.max.y - 1, box_.max.z - 1});
  const int level = static_cast<int>(std::bit_width(differs) + 2) / 3;
  const uint64_t low = key >> 3 * level << 3 * level;
  const uint64_t size = uint64_t{1} << 3 * level;
  const auto begin = table_.regions().begin();
  const auto end = table_.regions().end();
  const auto first = std::partition_point(begin, end, [&](const Region& r) { return r.key < low; });
  const auto last =
      std::partition_point(first, end, [&](const Region& r) { return r.key - low < size; });
  return MapOctants(RegionMin(low), level, static_cast<size_t>(first - begin),
                    static_cast<size_t>(last - begin));
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
  with_tasks_ = context_.threads > 1 &&
                CubeBox(min, kTopHeight).Intersection(box_).Voxels() >= kVoxelsForTasks;
  if (with_tasks_) RunTasks(before, min);
  absl::Status status = MapCube(before, min, kTopHeight, after);
  DropTasks();
  if (after != before) {
    Slot* slot = exists ? &table_.regions()[index].slot : table_.FindOrAdd(RegionKey(min));
    *slot = after;
    new_bytes_ -= DropSlot(before, kTopHeight);
  }
  return status;
}

RegionMapper::Step RegionMapper::StepFor(Slot in, const Box& cube, Coverage& coverage) {
  if (!cube.Intersects(box_)) return Step::kNothing;
  coverage = kernel_.Classify(cube);
  if (coverage == Coverage::kOutside && !acts_outside_) return Step::kNothing;
  if (coverage == Coverage::kPartial) return Step::kParts;
  if (box_.Contains(cube)) {
    return in.uniform() || !with_tasks_ ? Step::kWhole : Step::kParts;
  }
  if (!in.uniform() || !Fixed(in.color(), coverage)) return Step::kParts;
  return coverage == Coverage::kInside ? Step::kCount : Step::kNothing;
}

void RegionMapper::RunTasks(Slot in, Coord min) {
  CollectTasks(in, min, kTopHeight);
  const auto n = static_cast<int>(tasks_.size());
  std::atomic<int64_t> bytes{new_bytes_};  // relaxed: a sum, it orders nothing
  std::atomic<bool> failed{false};         // relaxed: only spares work
  const auto region = static_cast<double>(CubeBox(min, kTopHeight).Intersection(box_).Voxels());
  std::atomic<int> finished{0};  // relaxed: only for progress
  const std::thread::id caller = std::this_thread::get_id();
  ParallelFor(std::min(context_.threads, n / kTasksPerThread), n, [&](int i) {
    if (failed.load(std::memory_order_relaxed)) return;
    RunTask(tasks_[i], bytes);
    if (!tasks_[i].status.ok()) failed.store(true, std::memory_order_relaxed);
    const int ready = finished.fetch_add(1, std::memory_order_relaxed) + 1;
    if (std::this_thread::get_id() == caller) Report(done_ + region * ready / n);
  });
  new_bytes_ = bytes.load(std::memory_order_relaxed);
}

void RegionMapper::Report(double voxels) {
  constexpr double kStep = 0.01;
  if (!context_.progress) return;
  const double fraction = std::min(voxels / static_cast<double>(box_.Voxels()), 1.0);
  if (fraction < reported_ + kStep) return;
  reported_ = fraction;
  context_.progress(fraction);
}

void RegionMapper::CollectTasks(Slot in, Coord min, int height) {
  Coverage coverage{};
  if (StepFor(in, CubeBox(min, height), coverage) != Step::kParts) return;
  if (height == kTaskHeight) return tasks_.push_back({in, in, min, {}, {}});
  for (int i = 0; i < kFan; ++i) {
    CollectTasks(ChildOf(in, i), ChildMin(min, i, height), height - 1);
  }
}

void RegionMapper::RunTask(Task& task, std::atomic<int64_t>& bytes) const {
  const int64_t before = bytes.load(std::memory_order_relaxed);
  int64_t after = before;
  RegionMapper mapper(table_, box_, kernel_, context_, task.count, after);
  task.status = mapper.MapCube(task.in, task.min, kTaskHeight, task.out);
  bytes.fetch_add(after - before, std::memory_order_relaxed);
}

absl::Status RegionMapper::TakeTask(Slot& out) {
  Task& task = tasks_[next_task_++];
  out = task.out;
  CountInside(task.count.inside);
  count_.changed += task.count.changed;
  return std::move(task.status);
}

void RegionMapper::DropTasks() {
  for (; next_task_ < tasks_.size(); ++next_task_) {
    const Task& task = tasks_[next_task_];
    if (task.out != task.in) new_bytes_ -= DropSlot(task.out, kTaskHeight);
  }
  tasks_.clear();
  next_task_ = 0;
}

absl::Status RegionMapper::MapCube(Slot in, Coord min, int height, Slot& out) {
  const Box cube = CubeBox(min, height);
  Coverage coverage{};
  switch (StepFor(in, cube, coverage)) {
    case Step::kNothing:
      return absl::OkStatus();
    case Step::kCount:
      CountInside(cube.Intersection(box_).Voxels());
      return absl::OkStatus();
    case Step::kWhole:
      return MapWhole(in, height, coverage == Coverage::kInside, out);
    case Step::kParts:
      break;
  }
  if (height == kTaskHeight && with_tasks_) return TakeTask(out);
  if (height == 0) return MapBrickPart(in, min, coverage, out);
  return MapChildren(in, min, height, out);
}

absl::Status RegionMapper::MapChildren(Slot in, Coord min, int height, Slot& out) {
  for (int i = 0; i < kFan; ++i) {
    const Slot child = ChildOf(out, i);
    if (height == 1 && i + 1 < kFan) AskForBrick(ChildOf(out, i + 1));
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
    if (height == kTopHeight) {
      const Box part = CubeBox(ChildMin(min, i, height), height - 1).Intersection(box_);
      done_ += static_cast<double>(part.Voxels());
      Report(done_);
    }
  }
  if (with_tasks_ && out.owned() && AllUniform(out.node()->slots)) {
    const Slot uniform = out.node()->slots[0];
    if (out != in) new_bytes_ -= DropSlot(out, height);
    out = uniform;
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
