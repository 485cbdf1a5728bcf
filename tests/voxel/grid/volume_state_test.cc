// RapidCheck's stateful model of a transaction: on a difference it shrinks to the shortest failing
// history.

#include <map>
#include <optional>
#include <utility>

#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/state.h"
#include "tests/voxel/grid/test_kernels.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

using Voxels = std::map<Coord, Color>;

struct Model {
  Voxels now;
  Voxels snapshot;
};

struct System {
  VolumeEditor editor{Volume()};
  Volume snapshot;
};

using Command = rc::state::Command<Model, System>;

// Near the borders of bricks and nodes, on both sides of zero.
Coord AnyCoord() {
  Coord c;
  for (int axis = 0; axis < 3; ++axis) {
    c[axis] = *rc::gen::element(-1025, -65, -17, -16, -1, 0, 1, 15, 16, 63, 64, 1023, 1024);
  }
  return c;
}
Color AnyColor() { return *rc::gen::element(kAir, Rgba(1, 0, 0), Rgba(2, 0, 0), Rgba(3, 0, 0, 9)); }
void Put(Voxels& voxels, Coord c, Color color) {
  if (color == kAir) {
    voxels.erase(c);
  } else {
    voxels[c] = color;
  }
}
void Compare(const Volume& volume, const Voxels& voxels) {
  RC_ASSERT(volume.CountVoxels() == static_cast<int64_t>(voxels.size()));
  for (const auto& [c, color] : voxels) RC_ASSERT(volume.Get(c) == color);
}

struct SetVoxel : Command {
  Coord c = AnyCoord();
  Color color = AnyColor();

  void apply(Model& model) const override { Put(model.now, c, color); }
  void run(const Model&, System& system) const override {
    system.editor.Set(c, color);
    RC_ASSERT(system.editor.Get(c) == color);
  }
  void show(std::ostream& os) const override {
    os << "Set(" << c.x << ", " << c.y << ", " << c.z << ", " << color << ")";
  }
};

struct FillSmallBox : Command {
  Coord min = AnyCoord();
  Coord size{*rc::gen::inRange(1, 5), *rc::gen::inRange(1, 5), *rc::gen::inRange(1, 5)};
  Color color = AnyColor();

  void apply(Model& model) const override { Changed(model.now); }
  void run(const Model& model, System& system) const override {
    Voxels voxels = model.now;
    const int64_t changed = Changed(voxels);
    const MapCount count = FillBox(system.editor, {min, min + size}, color);
    RC_ASSERT(count.inside == (Box{min, min + size}).Voxels());
    RC_ASSERT(count.changed == changed);
  }
  void show(std::ostream& os) const override {
    os << "Fill(" << min.x << ", " << min.y << ", " << min.z << " + " << size.x << ", " << size.y
       << ", " << size.z << ", " << color << ")";
  }
  int64_t Changed(Voxels& voxels) const {
    int64_t changed = 0;
    for (int i = 0; i < size.x * size.y * size.z; ++i) {
      const Coord c = min + Coord{i % size.x, i / size.x % size.y, i / size.x / size.y};
      const auto it = voxels.find(c);
      changed += (it == voxels.end() ? kAir : it->second) != color;
      Put(voxels, c, color);
    }
    return changed;
  }
};

struct TakeSnapshot : Command {
  void apply(Model& model) const override { model.snapshot = model.now; }
  void run(const Model& model, System& system) const override {
    Compare(system.snapshot, model.snapshot);  // the old one, once more
    system.snapshot = system.editor.Snapshot();
    Compare(system.snapshot, model.now);
  }
  void show(std::ostream& os) const override { os << "Snapshot"; }
};

TEST(VolumeStateTest, TransactionsAgreeWithAMapAndShrinkWhenTheyDoNot) {
  EXPECT_TRUE(rc::check("histories of sets, fills and snapshots", [] {
    Model model;
    System system;
    rc::state::check(
        model, system,
        rc::state::gen::execOneOfWithArgs<SetVoxel, SetVoxel, FillSmallBox, TakeSnapshot>());
  }));
}

}  // namespace
}  // namespace voxel
