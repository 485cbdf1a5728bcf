// The operations of the model that look around voxels: each asks every neighbour of every voxel.
#include <cstdlib>
#include <vector>

#include "tests/voxel/ops/edit_model.h"

namespace voxel {
namespace {

// A set of voxels in a box; what is outside the box or the world is not in it.
class Grid {
 public:
  explicit Grid(const Box& box) : box_(box), in_(static_cast<size_t>(box.Voxels())) {}

  const Box& box() const { return box_; }
  bool Has(Coord c) const { return Holds(c) && in_[IndexOf(c)]; }
  void Put(Coord c, bool value) { in_[IndexOf(c)] = value; }
  bool Holds(Coord c) const { return box_.Contains(c) && InWorld(c); }

  template <typename Fn>
  void ForEach(Fn&& fn) const {
    for (int z = box_.min.z; z < box_.max.z; ++z) {
      for (int y = box_.min.y; y < box_.max.y; ++y) {
        for (int x = box_.min.x; x < box_.max.x; ++x) {
          if (InWorld({x, y, z})) fn(Coord{x, y, z});
        }
      }
    }
  }

 private:
  size_t IndexOf(Coord c) const {
    const Coord at = c - box_.min;
    return static_cast<size_t>(at.x + box_.Size(0) * (at.y + box_.Size(1) * at.z));
  }

  Box box_;
  std::vector<bool> in_;
};

// The filled voxels, in a grid with room for `margin` more around the arena.
Grid Filled(const EditModel& model, int margin) {
  const Box& arena = model.arena();
  Grid grid({arena.min - Coord{margin, margin, margin}, arena.max + Coord{margin, margin, margin}});
  grid.ForEach([&](Coord c) { grid.Put(c, model.Get(c) != kAir); });
  return grid;
}

std::vector<Coord> Steps(Neighbours neighbours) {
  const int axes = neighbours == Neighbours::kFaces ? 1 : neighbours == Neighbours::kEdges ? 2 : 3;
  std::vector<Coord> steps;
  for (int i = 0; i < 27; ++i) {
    const Coord step{i % 3 - 1, i / 3 % 3 - 1, i / 9 - 1};
    const int moved = std::abs(step.x) + std::abs(step.y) + std::abs(step.z);
    if (moved > 0 && moved <= axes) steps.push_back(step);
  }
  return steps;
}

// What is in the set, or out of it, and has a neighbour that is not.
CoordSet AtBorder(const Grid& grid, const std::vector<Coord>& steps, bool inside) {
  CoordSet found;
  grid.ForEach([&](Coord c) {
    if (grid.Has(c) != inside) return;
    for (Coord step : steps) {
      if (grid.Has(c + step) == inside) continue;
      found.insert(c);
      return;
    }
  });
  return found;
}

}  // namespace

CoordSet OutlineVoxels(const EditModel& model, const Outline& op) {
  Grid grid = Filled(model, static_cast<int>(op.thickness));
  CoordSet outline;
  for (uint32_t i = 0; i < op.thickness; ++i) {
    for (Coord c : AtBorder(grid, Steps(op.neighbours), op.inside)) {
      grid.Put(c, !op.inside);
      outline.insert(c);
    }
  }
  return outline;
}

CoordSet CoreVoxels(const EditModel& model, const HollowOut& op) {
  Grid grid = Filled(model, 0);
  for (uint32_t i = 0; i < op.thickness; ++i) {
    for (Coord c : AtBorder(grid, Steps(Neighbours::kFaces), true)) grid.Put(c, false);
  }
  CoordSet core;
  grid.ForEach([&](Coord c) {
    if (grid.Has(c)) core.insert(c);
  });
  return core;
}

CoordSet VoidVoxels(const EditModel& model) {
  // From all that lies just outside the arena.
  Grid closed = Filled(model, 1);
  std::vector<Coord> reached;
  closed.ForEach([&](Coord c) {
    if (!model.arena().Contains(c)) reached.push_back(c);
  });
  for (Coord c : reached) closed.Put(c, true);
  const std::vector<Coord> steps = Steps(Neighbours::kFaces);
  while (!reached.empty()) {
    const Coord c = reached.back();
    reached.pop_back();
    for (Coord step : steps) {
      const Coord next = c + step;
      if (!closed.Holds(next) || closed.Has(next)) continue;
      closed.Put(next, true);
      reached.push_back(next);
    }
  }
  CoordSet voids;
  closed.ForEach([&](Coord c) {
    if (!closed.Has(c)) voids.insert(c);
  });
  return voids;
}

}  // namespace voxel
