// What uses all cores: edits of large regions, on one thread and on two, and pictures.
#include "bench/landscape.h"
#include "bench/voxel/cases.h"
#include "bench/voxel/our_grid.h"
#include "bench/voxel/sides.h"
#include "voxel/render/view.h"

namespace voxel {
namespace {

TaskContext OnThreads(int threads) {
  TaskContext context;
  context.threads = threads;
  return context;
}

// Radius 500.
constexpr Ellipsoid kLargeBall{.box = CubeAt(3, 1001), .color = kPaint};

template <int kThreads>
void FillLargeBall(benchmark::State& state) {
  const RefPtr<const Document> empty = DocumentOf(Volume());
  const auto fill = [&](int threads) { return Edited(empty, kLargeBall, OnThreads(threads)); };
  const RefPtr<const Document> first = fill(kThreads);
  if (first->ContentHash() != fill(1)->ContentHash()) state.SkipWithError("other bytes");
  for (auto _ : state) benchmark::DoNotOptimize(fill(kThreads));
  state.counters["mib"] = static_cast<double>(first->layers[0]->volume.Bytes()) / (1 << 20);
}

template <int kThreads>
void Picture(benchmark::State& state) {
  static const auto* const scene = new Volume(Landscape(256));
  for (auto _ : state) {
    const absl::StatusOr<Image> image = RenderViews(*scene, {}, OnThreads(kThreads));
    VOXEL_CHECK(image.ok());
    benchmark::DoNotOptimize(image->pixels.data());
  }
}

}  // namespace

void RegisterThreads() {
  Case("fill_ball_500", "ours", FillLargeBall<1>)->UseRealTime();
  Case("fill_ball_500_2_threads", "ours", FillLargeBall<2>)->UseRealTime();
  Case("picture", "ours", Picture<1>)->UseRealTime();
  Case("picture_2_threads", "ours", Picture<2>)->UseRealTime();
}

}  // namespace voxel
