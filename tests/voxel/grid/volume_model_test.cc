// Random commands against ModelVolume, old snapshots checked again. VOXELD_MODEL_OPS sets how many.

#include <cstdlib>
#include <deque>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/voxel/grid/model_volume.h"
#include "tests/voxel/grid/test_kernels.h"
#include "voxel/grid/combine.h"
#include "voxel/grid/diff.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

constexpr Color kTints[] = {Rgba(255, 0, 0), Rgba(0, 255, 0), Rgba(0, 0, 255, 128),
                            Rgba(9, 9, 9, 1)};

struct Pinned {
  Volume volume;
  ModelVolume model;
};

class Driver {
 public:
  explicit Driver(uint32_t seed) : random_(seed) { Restart(); }

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
      CheckSome(now_.model, *editor_, 8);
    } else if (kind < 9978) {
      TakeSnapshot();
    } else if (kind < 9997) {
      CommitAndGoOn();
    } else {
      CombineSnapshots();
    }
    if (++steps_ % 5000 == 0) {
      Finish();
      Restart();
    }
  }

  void Finish() {
    CheckAll({Commit(), now_.model});
    for (const Pinned& old : snapshots_) CheckAll(old);
  }

 private:
  int Below(int64_t n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }

  // A new place in the world: the corner of some cube of the tree, or of the world.
  void Restart() {
    constexpr int32_t kBorders[] = {0,    16,   -16,   64,   -64,       256,
                                    -256, 1024, -1024, 4096, kMinCoord, kMaxCoord - 1};
    for (Coord& site : sites_) {
      for (int axis = 0; axis < 3; ++axis) site[axis] = kBorders[Below(std::size(kBorders))];
    }
    many_colors_ = Below(3) == 0;
    now_ = {};
    snapshots_.clear();
    editor_ = std::make_unique<VolumeEditor>(Volume());
  }

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
      ASSERT_EQ(editor_->Get(c), color);
    }
  }

  void Map(const TestKernel& kernel, const Box& box) {
    MapCount expected;
    MapCount count;
    ASSERT_TRUE(editor_->MapRegion(box, kernel, TaskContext(), count).ok());
    const Box inside = box.Intersection(kWorld);
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
  }
  void ShareBrickOfSnapshot() {
    if (snapshots_.empty()) return;
    const Pinned& from = snapshots_[Below(static_cast<int>(snapshots_.size()))];
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
  }

  void TakeSnapshot() {
    snapshots_.push_back({editor_->Snapshot(), now_.model});
    if (snapshots_.size() > 4) snapshots_.pop_front();
    const Pinned& old = snapshots_[Below(static_cast<int>(snapshots_.size()))];
    CheckSome(old.model, old.volume, 100);
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
    const Pinned& a = snapshots_[Below(static_cast<int>(snapshots_.size()))];
    const Pinned& b = snapshots_[Below(static_cast<int>(snapshots_.size()))];
    CheckDiff(a, b);
    CheckBlend(a, b);
    CheckTransform(a);
  }

  void CheckDiff(const Pinned& a, const Pinned& b) {
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

  void CheckBlend(const Pinned& bottom, const Pinned& top) {
    const Mode mode = static_cast<Mode>(1 + Below(9));
    const uint32_t opacity = Below(2) == 0 ? 255 : 77;
    auto blended = BlendVolumes(bottom.volume, top.volume, mode, opacity, TaskContext());
    ASSERT_TRUE(blended.ok());
    Pinned result{*blended, bottom.model};
    const auto meet = [&](Coord c, Color below, Color paint) {
      paint = Rgba(Red(paint), Green(paint), Blue(paint), Alpha(paint) * opacity / 255);
      if (paint == kAir && !ActsOutside(mode)) return;
      result.model.Set(c, Blend(mode, below, paint));
    };
    bottom.model.ForEach([&](Coord c, Color color) { meet(c, color, top.model.Get(c)); });
    top.model.ForEach([&](Coord c, Color color) {
      if (bottom.model.Get(c) == kAir) meet(c, kAir, color);
    });
    CheckAll(result);
  }

  void CheckTransform(const Pinned& from) {
    const int step = 1 << Below(7);
    Transform transform;
    transform.offset = {step * (Below(9) - 4), step * (Below(9) - 4), step * (Below(9) - 4)};
    if (Below(2) == 0) {
      transform.rotation = Rotation::Quarter(static_cast<Axis>(Below(3)), Below(4));
      if (Below(2) == 0) transform.rotation = transform.rotation * Rotation::Mirror(Axis::kY);
    }
    const auto moved = TransformVolume(from.volume, transform, TaskContext());
    bool leaves = false;
    Pinned result;
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
    CheckAll(result);
  }

  template <typename Source>
  void CheckSome(const ModelVolume& model, const Source& source, int n) {
    for (int i = 0; i < n; ++i) {
      const Coord c = RandomCoord();
      ASSERT_EQ(source.Get(c), model.Get(c)) << c.x << "," << c.y << "," << c.z;
    }
  }

  // Everything a volume says about itself, and that the same content made another way gives the
  // same hash.
  void CheckAll(const Pinned& pinned) {
    const auto& [volume, model] = pinned;
    ASSERT_EQ(volume.CountVoxels(), model.CountVoxels());
    ASSERT_EQ(volume.Bounds(), model.Bounds());
    std::vector<Color> voxels(512);
    VolumeReader reader(volume);
    model.ForEachChunk([&](const Box& box) {
      volume.ReadBox(box, voxels.data());
      for (int i = 0; i < 512; ++i) {
        const Coord c = box.min + Coord{i & 7, i >> 3 & 7, i >> 6};
        ASSERT_EQ(voxels[i], model.Get(c)) << c.x << "," << c.y << "," << c.z;
        ASSERT_EQ(reader.Get(c), voxels[i]);
      }
    });
    VolumeEditor again{Volume()};
    model.ForEach([&](Coord c, Color color) { again.Set(c, color); });
    ASSERT_EQ(again.Commit().ContentHash(), volume.ContentHash());
  }

  std::mt19937 random_;
  Coord sites_[2];
  bool many_colors_ = false;
  Pinned now_;  // the volume is in the editor
  std::unique_ptr<VolumeEditor> editor_;
  std::deque<Pinned> snapshots_;
  int64_t steps_ = 0;
};

TEST(VolumeModelTest, RandomCommandsAgreeWithAMap) {
  const char* env = std::getenv("VOXELD_MODEL_OPS");
  const int64_t ops = env != nullptr ? std::atoll(env) : 20000;
  constexpr int kSeeds = 4;
  for (uint32_t seed = 1; seed <= kSeeds; ++seed) {
    Driver driver(seed);
    for (int64_t i = 0; i < ops / kSeeds; ++i) {
      driver.Step();
      ASSERT_FALSE(HasFatalFailure()) << "seed " << seed << ", step " << i;
    }
    driver.Finish();
    ASSERT_FALSE(HasFatalFailure()) << "seed " << seed << ", at the end";
  }
}

}  // namespace
}  // namespace voxel
