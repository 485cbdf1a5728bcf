// The engine's core beside a plain dense array: quote ratios inside one run, not absolute times.

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include "benchmark/benchmark.h"
#include "voxel/grid/combine.h"
#include "voxel/grid/diff.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

constexpr int kSide = 256;
constexpr int kPoints = 1 << 20;

const std::vector<Coord>& Points() {
  static const auto* const points = [] {
    auto* out = new std::vector<Coord>(kPoints);
    std::mt19937 random(1);
    for (Coord& c : *out) {
      const uint32_t r = static_cast<uint32_t>(random());
      c = {static_cast<int32_t>(r & 255), static_cast<int32_t>(r >> 8 & 255),
           static_cast<int32_t>(r >> 16 & 255)};
    }
    return out;
  }();
  return *points;
}

Color Tint(int i) { return Rgba(static_cast<uint32_t>(i) & 15, 80, 160); }

class Solid : public RegionKernel {
 public:
  explicit Solid(Color color) : color_(color) {}
  void MapInside(Color* colors, int n) const override { std::fill_n(colors, n, color_); }

 private:
  const Color color_;
};

class SolidBox : public Solid {
 public:
  SolidBox(const Box& box, Color color) : Solid(color), box_(box) {}
  Coverage Classify(const Box& cube) const override {
    if (!box_.Intersects(cube)) return Coverage::kOutside;
    return box_.Contains(cube) ? Coverage::kInside : Coverage::kPartial;
  }
  void Mask(Coord min, BrickMask& mask) const override {
    const Box cut = box_.Intersection({min, min + Coord{16, 16, 16}});
    for (int z = cut.min.z; z < cut.max.z; ++z) {
      for (int y = cut.min.y; y < cut.max.y; ++y) {
        mask.SetRow(y - min.y, z - min.z, cut.min.x - min.x, cut.max.x - min.x);
      }
    }
  }

 private:
  const Box box_;
};

class SolidBall : public Solid {
 public:
  SolidBall(Coord center, int64_t radius, Color color)
      : Solid(color), center_(center), square_(radius * radius) {}
  Coverage Classify(const Box& cube) const override {
    int64_t nearest = 0;
    int64_t farthest = 0;
    for (int axis = 0; axis < 3; ++axis) {
      const int64_t low = int64_t{cube.min[axis]} - center_[axis];
      const int64_t high = int64_t{cube.max[axis]} - 1 - center_[axis];
      const int64_t near = low > 0 ? low : high < 0 ? -high : 0;
      const int64_t far = std::max(-low, high);
      nearest += near * near;
      farthest += far * far;
    }
    if (nearest > square_) return Coverage::kOutside;
    return farthest <= square_ ? Coverage::kInside : Coverage::kPartial;
  }
  void Mask(Coord min, BrickMask& mask) const override {
    for (int z = 0; z < kBrickSize; ++z) {
      const int64_t dz = int64_t{min.z} + z - center_.z;
      for (int y = 0; y < kBrickSize; ++y) {
        const int64_t dy = int64_t{min.y} + y - center_.y;
        int first = kBrickSize;
        int last = 0;
        for (int x = 0; x < kBrickSize; ++x) {
          const int64_t dx = int64_t{min.x} + x - center_.x;
          if (dx * dx + dy * dy + dz * dz > square_) continue;
          first = std::min(first, x);
          last = x + 1;
        }
        if (first < last) mask.SetRow(y, z, first, last);
      }
    }
  }

 private:
  const Coord center_;
  const int64_t square_;
};

MapCount Fill(VolumeEditor& editor, const Box& box, const RegionKernel& kernel) {
  MapCount count;
  if (!editor.MapRegion(box, kernel, TaskContext(), count).ok()) std::abort();
  return count;
}

Volume BallOf16Colors(Coord center) {
  VolumeEditor editor{Volume()};
  for (int z = -127; z < 128; ++z) {
    for (int y = -127; y < 128; ++y) {
      for (int x = -127; x < 128; ++x) {
        if (x * x + y * y + z * z > 127 * 127) continue;
        editor.Set(center + Coord{x, y, z}, Tint((x >> 2) + (y >> 2) + (z >> 2)));
      }
    }
  }
  return editor.Commit();
}

void DenseRandomSet(benchmark::State& state) {
  std::vector<Color> dense(kSide * kSide * kSide);
  int i = 0;
  for (auto _ : state) {
    for (Coord c : Points()) dense[c.x | c.y << 8 | c.z << 16] = Tint(i++);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kPoints);
}
BENCHMARK(DenseRandomSet)->Unit(benchmark::kMillisecond);

void RandomSetOnEmpty(benchmark::State& state) {
  for (auto _ : state) {
    VolumeEditor editor{Volume()};
    int i = 0;
    for (Coord c : Points()) editor.Set(c, Tint(i++));
  }
  state.SetItemsProcessed(state.iterations() * kPoints);
}
BENCHMARK(RandomSetOnEmpty)->Unit(benchmark::kMillisecond);

void RandomSetOnOwnBricks(benchmark::State& state) {
  VolumeEditor editor{Volume()};
  int i = 0;
  for (Coord c : Points()) editor.Set(c, Tint(i++));
  for (auto _ : state) {
    for (Coord c : Points()) editor.Set(c, Tint(i++));
  }
  state.SetItemsProcessed(state.iterations() * kPoints);
}
BENCHMARK(RandomSetOnOwnBricks)->Unit(benchmark::kMillisecond);

void RandomSetAndCommit(benchmark::State& state) {
  for (auto _ : state) {
    VolumeEditor editor{Volume()};
    int i = 0;
    for (Coord c : Points()) editor.Set(c, Tint(i++));
    benchmark::DoNotOptimize(editor.Commit());
  }
  state.SetItemsProcessed(state.iterations() * kPoints);
}
BENCHMARK(RandomSetAndCommit)->Unit(benchmark::kMillisecond);

void SequentialSet128(benchmark::State& state) {
  for (auto _ : state) {
    VolumeEditor editor{Volume()};
    for (int z = 0; z < 128; ++z) {
      for (int y = 0; y < 128; ++y) {
        for (int x = 0; x < 128; ++x) editor.Set({x, y, z}, Tint(x + y + z));
      }
    }
  }
  state.SetItemsProcessed(state.iterations() * 128 * 128 * 128);
}
BENCHMARK(SequentialSet128)->Unit(benchmark::kMillisecond);

void DenseRandomGet(benchmark::State& state) {
  std::vector<Color> dense(kSide * kSide * kSide, 7);
  for (auto _ : state) {
    uint32_t sum = 0;
    for (Coord c : Points()) sum += dense[c.x | c.y << 8 | c.z << 16];
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * kPoints);
}
BENCHMARK(DenseRandomGet)->Unit(benchmark::kMillisecond);

void RandomGet(benchmark::State& state) {
  const Volume volume = BallOf16Colors({128, 128, 128});
  for (auto _ : state) {
    uint32_t sum = 0;
    VolumeReader reader(volume);
    for (Coord c : Points()) sum += reader.Get(c);
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * kPoints);
}
BENCHMARK(RandomGet)->Unit(benchmark::kMillisecond);

void SnapshotAndDrop(benchmark::State& state) {
  const Volume volume = BallOf16Colors({128, 128, 128});
  for (auto _ : state) {
    Volume copy = volume;
    benchmark::DoNotOptimize(copy);
  }
}
BENCHMARK(SnapshotAndDrop);

void OneVoxelTransaction(benchmark::State& state) {
  Volume volume = BallOf16Colors({128, 128, 128});
  std::vector<Volume> history(64);
  size_t i = 0;
  for (auto _ : state) {
    VolumeEditor editor(volume);
    editor.Set(Points()[i % kPoints], Rgba(static_cast<uint32_t>(i) & 15, 1, 1));
    volume = editor.Commit();
    history[i++ % history.size()] = volume;
  }
}
BENCHMARK(OneVoxelTransaction);

void FillBox(benchmark::State& state) {
  const auto size = static_cast<int32_t>(state.range(0));
  const auto offset = static_cast<int32_t>(state.range(1));
  const Box box{{offset, offset, offset}, {offset + size, offset + size, offset + size}};
  const SolidBox kernel(box, Rgba(1, 2, 3));
  for (auto _ : state) {
    VolumeEditor editor{Volume()};
    const MapCount count = Fill(editor, box, kernel);
    if (count.changed != box.Voxels()) state.SkipWithError("wrong count");
    const Volume volume = editor.Commit();
    state.counters["MiB"] = static_cast<double>(volume.Bytes()) / (1 << 20);
  }
}
BENCHMARK(FillBox)->Args({512, 0})->Args({512, 3})->Args({1000, 3})->Unit(benchmark::kMillisecond);

void FillBall500(benchmark::State& state) {
  const Box box{{12, 12, 12}, {1013, 1013, 1013}};
  const SolidBall kernel({512, 512, 512}, 500, Rgba(1, 2, 3));
  for (auto _ : state) {
    VolumeEditor editor{Volume()};
    Fill(editor, box, kernel);
    benchmark::DoNotOptimize(editor.Commit());
  }
}
BENCHMARK(FillBall500)->Unit(benchmark::kMillisecond);

void CarveBallFromColors(benchmark::State& state) {
  const Volume volume = BallOf16Colors({128, 128, 128});
  const Box box{{28, 28, 28}, {229, 229, 229}};
  const SolidBall kernel({128, 128, 128}, 100, kAir);
  for (auto _ : state) {
    VolumeEditor editor(volume);
    Fill(editor, box, kernel);
    benchmark::DoNotOptimize(editor.Commit());
  }
}
BENCHMARK(CarveBallFromColors)->Unit(benchmark::kMillisecond);

void UnionOfTwoBalls(benchmark::State& state) {
  const Volume a = BallOf16Colors({128, 128, 128});
  const Volume b = BallOf16Colors({192, 128, 128});
  for (auto _ : state) {
    benchmark::DoNotOptimize(BlendVolumes(a, b, Mode::kOver, 255, TaskContext()));
  }
}
BENCHMARK(UnionOfTwoBalls)->Unit(benchmark::kMillisecond);

void TurnBall(benchmark::State& state) {
  const Volume volume = BallOf16Colors({128, 128, 128});
  const Transform turn{Rotation::Quarter(Axis::kZ, 1), {3, 5, 7}};
  for (auto _ : state) {
    benchmark::DoNotOptimize(TransformVolume(volume, turn, TaskContext()));
  }
}
BENCHMARK(TurnBall)->Unit(benchmark::kMillisecond);

void DiffOfOneVoxel(benchmark::State& state) {
  const Volume volume = BallOf16Colors({128, 128, 128});
  VolumeEditor editor(volume);
  editor.Set({128, 128, 128}, Rgba(9, 9, 9));
  const Volume after = editor.Commit();
  for (auto _ : state) benchmark::DoNotOptimize(Diff(volume, after));
}
BENCHMARK(DiffOfOneVoxel);

}  // namespace
}  // namespace voxel

BENCHMARK_MAIN();
