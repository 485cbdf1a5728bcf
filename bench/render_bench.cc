// Pictures: a 256^3 landscape with a ball over it, 512 x 512 pixels, ambient occlusion and sun; and
// PNG.
#include <benchmark/benchmark.h>

#include <cmath>
#include <map>

#include "voxel/base/check.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/render/occupancy_index.h"
#include "voxel/render/view.h"

namespace voxel {
namespace {

int32_t Height(int32_t x, int32_t y) {
  return int32_t(60 + 26 * std::sin(x * 0.035) * std::cos(y * 0.03) +
                 9 * std::sin(x * 0.11 + y * 0.07) + 4 * std::sin(y * 0.23 - x * 0.19));
}

Color Ground(int32_t x, int32_t y, int32_t z, int32_t depth) {
  const Color base = depth < 2 ? 0x4F9F3F00u : depth < 8 ? 0x8F5F2F00u : 0x77777700u;
  return (base + uint32_t((x ^ y ^ z) & 3) * 0x04040400u) | 255;
}

// Hills of side^2 voxels with pillars, and a ball of 45 voxels radius.
Volume Landscape(int32_t side) {
  VolumeEditor editor{Volume()};
  for (int32_t y = 0; y < side; ++y) {
    for (int32_t x = 0; x < side; ++x) {
      const int32_t height = Height(x, y);
      for (int32_t z = 0; z <= height; ++z) editor.Set({x, y, z}, Ground(x, y, z, height - z));
      if (x % 64 <= 57 || y % 64 <= 57) continue;
      for (int32_t z = height; z < 150; ++z) editor.Set({x, y, z}, 0xC0B090FF);
    }
  }
  for (int32_t z = -45; z < 45; ++z) {
    for (int32_t y = -45; y < 45; ++y) {
      for (int32_t x = -45; x < 45; ++x) {
        if (x * x + y * y + z * z >= 45 * 45) continue;
        editor.Set({side / 2 + x, side / 2 - 18 + y, 150 + z}, 0xD04020FF);
      }
    }
  }
  return editor.Commit();
}

const Volume& Scene(int32_t side) {
  static std::map<int32_t, Volume> scenes;
  const auto [scene, made] = scenes.try_emplace(side);
  if (made) scene->second = Landscape(side);
  return scene->second;
}

Image Render(const Volume& volume, const ViewRequest& request, int threads) {
  TaskContext context;
  context.threads = threads;
  absl::StatusOr<Image> image = RenderViews(volume, request, context);
  VOXEL_CHECK(image.ok());
  return *std::move(image);
}

// Arguments: scene side, threads.
void RunViews(benchmark::State& state, std::vector<std::string> views, int32_t pixels) {
  const Volume& volume = Scene(int32_t(state.range(0)));
  ViewRequest request;
  request.views = std::move(views);
  request.width = request.height = pixels;
  for (auto _ : state) {
    benchmark::DoNotOptimize(Render(volume, request, int(state.range(1))));
  }
}

void Iso(benchmark::State& state) { RunViews(state, {"iso"}, 512); }
void Front(benchmark::State& state) { RunViews(state, {"front"}, 512); }
void FourViews(benchmark::State& state) { RunViews(state, {"iso", "front", "right", "top"}, 512); }
void Top(benchmark::State& state) { RunViews(state, {"top"}, 512); }
// Zoomed in until edges are smoothed.
void CloseUp(benchmark::State& state) { RunViews(state, {"orbit:45,35,6"}, 512); }

void Index(benchmark::State& state) {
  const Volume& volume = Scene(int32_t(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(OccupancyIndex::Build(volume, {}));
}

void Png(benchmark::State& state) {
  const Image image = Render(Scene(256), {}, 2);
  size_t bytes = 0;
  for (auto _ : state) {
    const std::string png = EncodePng(image, int(state.range(0)));
    bytes = png.size();
    benchmark::DoNotOptimize(png.data());
  }
  state.counters["bytes"] = double(bytes);
}

void SceneAndThreads(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"side", "threads"})->Unit(benchmark::kMillisecond)->UseRealTime();
  for (const int side : {256, 1024}) {
    for (const int threads : {1, 2}) bench->Args({side, threads});
  }
}

BENCHMARK(Iso)->Apply(SceneAndThreads);
BENCHMARK(Front)->Apply(SceneAndThreads);
BENCHMARK(Top)->Apply(SceneAndThreads);
BENCHMARK(FourViews)->Apply(SceneAndThreads);
BENCHMARK(CloseUp)->Apply(SceneAndThreads);
BENCHMARK(Index)->ArgName("side")->Arg(256)->Arg(1024)->Unit(benchmark::kMillisecond);
BENCHMARK(Png)->ArgName("level")->Arg(1)->Arg(6)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace voxel

BENCHMARK_MAIN();
