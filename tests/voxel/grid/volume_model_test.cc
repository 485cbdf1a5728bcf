// Random commands against ModelVolume. After each, every live old snapshot is read again wherever
// the command wrote; in full when it is dropped. model_run.h says how many commands.
#include <deque>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/voxel/grid/model_run.h"
#include "tests/voxel/grid/pinned_volume.h"
#include "tests/voxel/grid/test_kernels.h"
#include "voxel/grid/combine.h"
#include "voxel/grid/diff.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

constexpr Color kTints[] = {Rgba(255, 0, 0), Rgba(0, 255, 0), Rgba(0, 0, 255, 128),
                            Rgba(9, 9, 9, 1)};

class Episode {
 public:
  static constexpr int kSteps = 5000;

  explicit Episode(uint64_t seed) : random_(static_cast<uint32_t>(seed)) {
    constexpr int32_t kBorders[] = {0,    16,   -16,   64,   -64,       256,
                                    -256, 1024, -1024, 4096, kMinCoord, kMaxCoord - 1};
    // The corner of some cube of the tree, or of the world.
    for (Coord& site : sites_) {
      for (int axis = 0; axis < 3; ++axis) site[axis] = kBorders[Below(std::size(kBorders))];
    }
    many_colors_ = Below(3) == 0;
  }

  // Returns at the first difference.
  void Run() {
    for (int step = 0; step < kSteps && !testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE(step);
      Step();
      for (const PinnedVolume& old : snapshots_) {
        for (const Box& box : written_) old.CheckBox(box);
      }
      written_.clear();
    }
    now_.volume = Commit();
    snapshots_.push_back(now_);
    for (const PinnedVolume& pinned : snapshots_) CheckWhole(pinned);
  }

 private:
  void Step() {
    // Cheap commands are the common ones: a million of them run in minutes under sanitizers.
    const int kind = Below(10000);
    if (kind < 8000) {
      SetSome();
    } else if (kind < 8500) {
      MapBox();
    } else if (kind < 9000) {
      MapBall();
    } else if (kind < 9040) {
      PutBrickAtRandom();
    } else if (kind < 9080) {
      ShareBrickOfSnapshot();
    } else if (kind < 9090) {
      PutCubeAtRandom();
    } else if (kind < 9940) {
      CheckSome();
    } else if (kind < 9978) {
      TakeSnapshot();
    } else if (kind < 9997) {
      CommitAndGoOn();
    } else {
      CombineSnapshots();
    }
  }

  int Below(int64_t n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }

  Coord RandomCoord() {
    const Coord site = sites_[Below(std::size(sites_))];
    Coord c;
    for (int axis = 0; axis < 3; ++axis) {
      const int64_t v = int64_t{site[axis]} + Below(40) - 20;
      c[axis] = static_cast<int32_t>(std::clamp<int64_t>(v, kMinCoord, kMaxCoord - 1));
    }
    return c;
  }
  Color RandomColor() {
    if (Below(5) == 0) return kAir;
    if (many_colors_) return Rgba(Below(256), Below(2), Below(2), 255);
    return kTints[Below(std::size(kTints))];
  }
  Box RandomBox(int size) {
    const Coord min = RandomCoord();
    return Box{min, min + Coord{1 + Below(size), 1 + Below(size), 1 + Below(size)}};
  }
  VoxelMap RandomMap() {
    const Color color = RandomColor();
    switch (Below(4)) {
      case 0:
        return Paint(color);
      case 1: {  // recolour: palettes keep their shape
        return [](Color c) {
          return c == kAir ? kAir : Rgba(Red(c) ^ 1, Green(c), Blue(c), Alpha(c));
        };
      }
      case 2: {  // one colour for another, which may merge two
        const Color from = RandomColor();
        return [=](Color c) { return c == from ? color : c; };
      }
      default: {
        const Mode mode = static_cast<Mode>(1 + Below(9));
        return [=](Color c) { return Blend(mode, c, color); };
      }
    }
  }

  void SetSome() {
    for (int i = Below(6); i >= 0; --i) {
      const Coord c = RandomCoord();
      const Color color = RandomColor();
      editor_->Set(c, color);
      now_.model.Set(c, color);
      written_.push_back(BoxAt(c));
      ASSERT_EQ(editor_->Get(c), color);
    }
  }

  void Map(const TestKernel& kernel, const Box& box) {
    MapCount expected;
    MapCount count;
    ASSERT_TRUE(editor_->MapRegion(box, kernel, TaskContext(), count).ok());
    const Box inside = box.Intersection(kWorld);
    written_.push_back(inside);
    for (int32_t z = inside.min.z; z < inside.max.z; ++z) {
      for (int32_t y = inside.min.y; y < inside.max.y; ++y) {
        for (int32_t x = inside.min.x; x < inside.max.x; ++x) {
          const Coord c{x, y, z};
          const Color before = now_.model.Get(c);
          const Color after = kernel.After(c, before);
          expected.inside += kernel.Contains(c);
          expected.changed += before != after;
          now_.model.Set(c, after);
        }
      }
    }
    ASSERT_EQ(count.inside, expected.inside);
    ASSERT_EQ(count.changed, expected.changed);
  }
  void MapBox() {
    const Box box = RandomBox(Below(50) == 0 ? 40 : 9);
    Map(BoxKernel(RandomBox(30), RandomMap(), Below(4) == 0 ? RandomMap() : nullptr), box);
    Map(BoxKernel(box, RandomMap()), box);
  }
  void MapBall() {
    Map(BallKernel(RandomCoord(), Below(12), RandomMap(), Below(4) == 0 ? RandomMap() : nullptr),
        RandomBox(12));
  }

  static Coord Aligned(Coord c, int32_t size) {
    const int32_t mask = ~(size - 1);
    return {c.x & mask, c.y & mask, c.z & mask};
  }
  void SetModel(const Box& box, Color color) {
    written_.push_back(box);
    for (int32_t z = box.min.z; z < box.max.z; ++z) {
      for (int32_t y = box.min.y; y < box.max.y; ++y) {
        for (int32_t x = box.min.x; x < box.max.x; ++x) now_.model.Set({x, y, z}, color);
      }
    }
  }
  void PutCubeAtRandom() {
    const int32_t size = Below(20) == 0 ? 64 : 16;
    const Coord min = Aligned(RandomCoord(), size);
    const Color color = RandomColor();
    editor_->PutCube(min, size, color);
    SetModel({min, min + Coord{size, size, size}}, color);
  }
  void PutBrickAtRandom() {
    const Coord min = Aligned(RandomCoord(), 16);
    DenseBrick voxels;
    const int colors = 1 << Below(10);
    const int runs = 1 << Below(6);
    const bool airy = Below(2) == 0;
    for (int i = 0; i < kBrickVoxels; ++i) {
      const uint32_t c = (static_cast<uint32_t>(i) / runs * 2654435761u >> 8) % colors;
      voxels[i] = airy && c == 0 ? kAir : Rgba(c & 255, c >> 8, 1);
      now_.model.Set(min + Coord{i & 15, i >> 4 & 15, i >> 8}, voxels[i]);
    }
    editor_->PutBrick(min, voxels);
    written_.push_back({min, min + Coord{16, 16, 16}});
  }
  void ShareBrickOfSnapshot() {
    if (snapshots_.empty()) return;
    const PinnedVolume& from = snapshots_[Below(static_cast<int>(snapshots_.size()))];
    const Coord at = Aligned(RandomCoord(), 16);
    const Coord to = Aligned(RandomCoord(), 16);
    const Cell cell = from.volume.CellAt(at);
    if (cell.brick == nullptr) {
      editor_->PutCube(to, 16, cell.color);
    } else {
      editor_->ShareBrick(to, cell.brick);
    }
    for (int i = 0; i < kBrickVoxels; ++i) {
      const Coord step{i & 15, i >> 4 & 15, i >> 8};
      now_.model.Set(to + step, from.model.Get(at + step));
    }
    written_.push_back({to, to + Coord{16, 16, 16}});
  }

  void TakeSnapshot() {
    now_.volume = editor_->Snapshot();
    snapshots_.push_back(now_);
    if (snapshots_.size() <= 4) return;
    snapshots_.front().CheckAll();
    snapshots_.pop_front();
  }
  Volume Commit() {
    Volume volume = editor_->Commit();
    editor_ = std::make_unique<VolumeEditor>(volume);
    return volume;
  }
  void CommitAndGoOn() {
    const Volume before = Commit();
    const Coord c = RandomCoord();
    const Color color = editor_->Get(c);
    editor_->Set(c, Rgba(1, 2, 3, 4));
    editor_->Set(c, color);
    ASSERT_TRUE(Commit().SharesRoot(before)) << "a change taken back is no change";
  }

  void CombineSnapshots() {
    if (snapshots_.size() < 2) return;
    const PinnedVolume& a = snapshots_[Below(static_cast<int>(snapshots_.size()))];
    const PinnedVolume& b = snapshots_[Below(static_cast<int>(snapshots_.size()))];
    CheckDiff(a, b);
    CheckBlend(a, b);
    CheckTransform(a);
  }

  void CheckDiff(const PinnedVolume& a, const PinnedVolume& b) {
    VolumeDiff expected;
    const auto add = [&](Coord c, Color before, Color after) {
      if (before == after) return;
      ++(before == kAir ? expected.added : after == kAir ? expected.removed : expected.recolored);
      expected.bounds = expected.bounds.Union(BoxAt(c));
    };
    const Box box = RandomBox(40);
    for (const Box& limit : {kWorld, box}) {
      expected = {};
      a.model.ForEach([&](Coord c, Color color) {
        if (limit.Contains(c)) add(c, color, b.model.Get(c));
      });
      b.model.ForEach([&](Coord c, Color color) {
        if (limit.Contains(c) && a.model.Get(c) == kAir) add(c, kAir, color);
      });
      const VolumeDiff diff = Diff(a.volume, b.volume, limit);
      ASSERT_EQ(diff.added, expected.added);
      ASSERT_EQ(diff.removed, expected.removed);
      ASSERT_EQ(diff.recolored, expected.recolored);
      ASSERT_EQ(diff.bounds, expected.bounds);
    }
  }

  void CheckBlend(const PinnedVolume& bottom, const PinnedVolume& top) {
    const Mode mode = static_cast<Mode>(1 + Below(9));
    const uint32_t opacity = Below(2) == 0 ? 255 : 77;
    auto blended = BlendVolumes(bottom.volume, top.volume, mode, opacity, TaskContext());
    ASSERT_TRUE(blended.ok());
    PinnedVolume result{*blended, bottom.model};
    const auto meet = [&](Coord c, Color below, Color paint) {
      paint = Rgba(Red(paint), Green(paint), Blue(paint), Alpha(paint) * opacity / 255);
      if (paint == kAir && !ActsOutside(mode)) return;
      result.model.Set(c, Blend(mode, below, paint));
    };
    bottom.model.ForEach([&](Coord c, Color color) { meet(c, color, top.model.Get(c)); });
    top.model.ForEach([&](Coord c, Color color) {
      if (bottom.model.Get(c) == kAir) meet(c, kAir, color);
    });
    CheckWhole(result);
  }

  void CheckTransform(const PinnedVolume& from) {
    const int step = 1 << Below(7);
    Transform transform;
    transform.offset = {step * (Below(9) - 4), step * (Below(9) - 4), step * (Below(9) - 4)};
    if (Below(2) == 0) {
      transform.rotation = Rotation::Quarter(static_cast<Axis>(Below(3)), Below(4));
      if (Below(2) == 0) transform.rotation = transform.rotation * Rotation::Mirror(Axis::kY);
    }
    const auto moved = TransformVolume(from.volume, transform, TaskContext());
    bool leaves = false;
    PinnedVolume result;
    from.model.ForEach([&](Coord c, Color color) {
      const Coord turned = transform.rotation.ApplyToCell(c);
      for (int axis = 0; axis < 3; ++axis) {
        const int64_t to = int64_t{turned[axis]} + transform.offset[axis];
        leaves |= to < kMinCoord || to >= kMaxCoord;
      }
      if (!leaves) result.model.Set(transform.Apply(c), color);
    });
    ASSERT_EQ(moved.ok(), !leaves);
    if (!moved.ok()) return;
    result.volume = *moved;
    CheckWhole(result);
  }

  void CheckSome() {
    for (int i = 0; i < 8; ++i) {
      const Coord c = RandomCoord();
      ASSERT_EQ(editor_->Get(c), now_.model.Get(c)) << c.x << "," << c.y << "," << c.z;
    }
  }

  static void CheckWhole(const PinnedVolume& pinned) {
    pinned.CheckAll();
    pinned.CheckHash();
  }

  std::mt19937 random_;
  Coord sites_[2];
  bool many_colors_ = false;
  PinnedVolume now_;  // between snapshots the editor holds the present volume
  std::unique_ptr<VolumeEditor> editor_ = std::make_unique<VolumeEditor>(Volume());
  std::deque<PinnedVolume> snapshots_;
  std::vector<Box> written_;  // where the present command wrote
};

TEST(VolumeModelTest, RandomCommandsAgreeWithAMap) {
  RunEpisodes(kVolumeTenths, Episode::kSteps, [](uint64_t seed) { Episode(seed).Run(); });
}

}  // namespace
}  // namespace voxel
