// Pictures: a 256^3 landscape with a ball over it, 512 x 512 pixels, ambient occlusion and sun; and
// PNG.
#include <benchmark/benchmark.h>

#include <map>

#include "bench/landscape.h"
#include "voxel/base/check.h"
#include "voxel/render/occupancy_index.h"
#include "voxel/render/view.h"

namespace voxel {
namespace {

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
