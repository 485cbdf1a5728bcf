// How long work goes on after it was cancelled, for one of each family of operations: each runs
// nine times, is cancelled after one to nine tenths of its time, and the processor time from there
// to its return is measured. `worst_ms` is to stay within 10.
#include <benchmark/benchmark.h>
#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "bench/voxel/our_grid.h"
#include "bench/voxel/workload.h"
#include "voxel/base/check.h"
#include "voxel/base/error.h"
#include "voxel/formats/format.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/ops/apply.h"
#include "voxel/ops/components.h"
#include "voxel/ops/mask_text.h"
#include "voxel/ops/pattern_text.h"
#include "voxel/render/view.h"

namespace voxel {
namespace {

constexpr int kRuns = 9;

using Work = std::function<absl::Status(const TaskContext&)>;

const RefPtr<const Document>& Ball() {
  static const auto* const ball = [] {
    VolumeEditor editor{Volume()};
    ForEachInBall(kBallCenter, kBallRadius, [&](Coord c) { editor.Set(c, Noise16(c)); });
    return new RefPtr<const Document>(DocumentOf(editor.Commit()));
  }();
  return *ball;
}

void Cancelled(benchmark::State& state, const Work& work) {
  const absl::Time start = absl::Now();
  VOXEL_CHECK(work({}).ok());
  const absl::Duration whole = absl::Now() - start;
  clockid_t clock{};
  VOXEL_CHECK(pthread_getcpuclockid(pthread_self(), &clock) == 0);
  const auto spent = [clock] {
    timespec time{};
    clock_gettime(clock, &time);
    return absl::DurationFromTimespec(time);
  };
  absl::Duration worst;
  int run = 0;
  int late = 0;  // runs that ended before they were cancelled
  for (auto _ : state) {
    CancelToken cancel;
    TaskContext context;
    context.cancel = &cancel;
    absl::Duration asked;
    std::thread other([&, wait = whole * (++run) / (kRuns + 1)] {
      absl::SleepFor(wait);
      asked = spent();
      cancel.Cancel();
    });
    const absl::Status status = work(context);
    const absl::Duration ended = spent();
    other.join();
    const absl::Duration took = status.ok() ? absl::ZeroDuration() : ended - asked;
    late += status.ok() ? 1 : 0;
    worst = std::max(worst, took);
    state.SetIterationTime(absl::ToDoubleSeconds(took));
  }
  state.counters["worst_ms"] = absl::ToDoubleMilliseconds(worst);
  state.counters["whole_ms"] = absl::ToDoubleMilliseconds(whole);
  state.counters["too_late"] = late;
}

Work EditWork(Edit edit, bool in_ball = true) {
  return [edit = std::move(edit), in_ball](const TaskContext& context) {
    return ApplyEdits(in_ball ? Ball() : DocumentOf(Volume()), {&edit, 1}, context).status();
  };
}

Edit EditOf(EditOp op, Mode mode = Mode::kReplace) {
  Edit edit;
  edit.mode = mode;
  edit.op = std::move(op);
  return edit;
}

Edit With(Edit edit, const std::string& mask, const std::string& pattern) {
  const auto color_of = [](std::string_view) -> absl::StatusOr<Color> { return kPaint; };
  if (!mask.empty()) edit.mask = std::make_shared<const Mask>(*ParseMask(mask, color_of));
  if (!pattern.empty()) {
    edit.pattern = std::make_shared<const Pattern>(*ParsePattern(pattern, color_of));
  }
  return edit;
}

void Register(const std::string& family, const Work& work) {
  benchmark::RegisterBenchmark(("cancel/" + family).c_str(),
                               [work](benchmark::State& state) { Cancelled(state, work); })
      ->Iterations(kRuns)
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond);
}

SetVoxels Million() {
  SetVoxels op;
  op.colors = {kPaint};
  uint32_t random = 1;
  for (int i = 0; i < 1'000'000; ++i) {
    random = random * 1664525 + 1013904223;
    op.positions.push_back({static_cast<int32_t>(random >> 24),
                            static_cast<int32_t>(random >> 16 & 255),
                            static_cast<int32_t>(random >> 8 & 255)});
  }
  return op;
}

Runs ManyRuns() {
  Runs op;
  op.colors = {kPaint};
  for (int32_t i = 0; i < 200'000; ++i) op.runs.push_back({{i % 7, i % 512, i / 512}, 300});
  return op;
}

void RegisterShapes() {
  Register("ball of 1001", EditWork(EditOf(Ellipsoid{CubeAt(3, 1001), kPaint}), false));
  Register("hollow ball of 1001", EditWork(EditOf(Ellipsoid{CubeAt(3, 1001), kPaint, 9}), false));
  Register("torus", EditWork(EditOf(Torus{{0, 0, 0}, Axis::kZ, 900, 90, kPaint}), false));
  Register("thick line",
           EditWork(EditOf(Line{{{0, 0, 0}, {3000, 2000, 1000}}, 60, kPaint}), false));
  Register("capsule", EditWork(EditOf(Capsule{{0, 0, 0}, {900, 300, 200}, 150, kPaint}), false));
  Register("set of a million", EditWork(EditOf(Million())));
  Register("runs", EditWork(EditOf(ManyRuns())));
  Register("pattern of noise",
           EditWork(With(EditOf(FillBox{CubeAt(3, 400), kPaint}), "", "50%#f00,50%#0f0"), false));
  Register("mask of the surface",
           EditWork(With(EditOf(FillBox{kCube256, kPaint}), "!air & surface", "")));
  Register("intersection with a ball",
           EditWork(EditOf(Ellipsoid{CubeAt(60, 150), kPaint}, Mode::kIntersect)));
}

void RegisterChanges() {
  Register("flood", EditWork(EditOf(FloodFill{kBallCenter, kPaint, 230, 0})));
  Register("replace", EditWork(EditOf(Replace{OneOf16(3), kPaint, 0, std::nullopt})));
  Register("clear by a mask", EditWork(With(EditOf(Clear{kCube256}), "share(30%)", "")));
  Register("move", EditWork(EditOf(MoveBox{kCube256, {5, 7, 3}})));
  CopyBox copy{kCube256, "", {300, 0, 0}, 20, {261, 3, 1}};
  Register("20 copies", EditWork(EditOf(copy)));
  Register("mirror", EditWork(EditOf(Mirror{kCube256, Axis::kX})));
  Register("turn", EditWork(EditOf(Rotate{kCube256, Axis::kX, 1})));
  Register("extrude", EditWork(EditOf(Extrude{CubeAt(100, 50), Axis::kX, 500})));
  Register("scale up", EditWork(EditOf(Scale{CubeAt(60, 120), 3, false})));
  Register("scale down", EditWork(EditOf(Scale{kCube256, 2, true})));
  Register("outline", EditWork(EditOf(Outline{kPaint, Neighbours::kCorners, false, 8})));
  Register("hollow", EditWork(EditOf(HollowOut{8})));
  Register("voids", EditWork(EditOf(FillVoids{kPaint})));
  Register("quantise", EditWork(EditOf(Quantise{4})));
  Register("adjust", EditWork(EditOf(Adjust{90, 20, 0, 0})));
}

void RegisterReads() {
  Register("components", [](const TaskContext& context) {
    return FindComponents(Ball()->layers[0]->volume, kCube256, context).status();
  });
  Register("picture of 2048^2", [](const TaskContext& context) {
    ViewRequest request;
    request.width = request.height = 2048;
    return RenderViews(Ball()->layers[0]->volume, request, context).status();
  });
  for (const char* format : {"obj", "vox"}) {
    Register(std::string("export to ") + format, [format](const TaskContext& context) {
      static const FormatRegistry registry;
      return (*registry.Find(format))->Write(*Ball(), {}, context).status();
    });
  }
}

}  // namespace
}  // namespace voxel

int main(int argc, char** argv) {
  voxel::RegisterShapes();
  voxel::RegisterChanges();
  voxel::RegisterReads();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
