#include "bench/voxel/cases.h"
#include "bench/voxel/our_grid.h"
#include "bench/voxel/sides.h"
#include "voxel/ops/components.h"

namespace voxel {
namespace {

void RandomSetAndCommit(benchmark::State& state) {
  benchmark::DoNotOptimize(&Points());  // made before the clock runs
  for (auto _ : state) {
    OurGrid grid(kCube256);
    OurGrid::Writer writer(grid);
    uint32_t i = 0;
    for (Coord c : Points()) writer.Set(c, OneOf16(i++));
    writer.Finish();
  }
  state.SetItemsProcessed(state.iterations() * kPoints);
}

void FloodASponge(benchmark::State& state) {
  VolumeEditor editor{Volume()};
  ForEachInSponge([&](Coord c) { editor.Set(c, kSpongeColor); });
  RefPtr<const Document> document = DocumentOf(editor.Commit());
  Color to = kPaint;
  for (auto _ : state) {
    document = Edited(std::move(document), FloodFill{.seed = kSpongeSeed, .color = to});
    to = to == kPaint ? kSpongeColor : kPaint;
  }
}

// One colour, so that only the surface costs.
void FloodABall(benchmark::State& state) {
  const Box box = CubeAt(0, 125);  // 1.02 M voxels
  RefPtr<const Document> document =
      Edited(DocumentOf(Volume()), Ellipsoid{.box = box, .color = kSpongeColor});
  Color to = kPaint;
  for (auto _ : state) {
    document = Edited(std::move(document), FloodFill{.seed = kSpongeSeed, .color = to});
    to = to == kPaint ? kSpongeColor : kPaint;
  }
}

// The ball, and the sponge with its loose crumbs beside it.
void Components(benchmark::State& state) {
  VolumeEditor editor(SharedBall<OurGrid>().volume());
  ForEachInSponge([&](Coord c) { editor.Set(c + Coord{kSide, 0, 0}, kSpongeColor); });
  const Volume volume = editor.Commit();
  for (auto _ : state) {
    const auto components = FindComponents(volume, kWorld, {});
    VOXEL_CHECK(components.ok() && components->size() > 2);
    benchmark::DoNotOptimize(components->data());
  }
}

void CarveBall(benchmark::State& state) {
  const RefPtr<const Document> ball = SharedBall<OurGrid>().document();
  const Ellipsoid hole{.box = {{28, 28, 28}, {229, 229, 229}}, .color = kAir};
  for (auto _ : state) benchmark::DoNotOptimize(Edited(ball, hole));
}

void TurnBall(benchmark::State& state) {
  const Volume& ball = SharedBall<OurGrid>().volume();
  const Transform turn{Rotation::Quarter(Axis::kZ, 1), {3, 5, 7}};
  for (auto _ : state) benchmark::DoNotOptimize(TransformVolume(ball, turn, {}));
}

}  // namespace

void RegisterOurs() {
  RegisterCommonCases<OurGrid>("ours");
  Case("random_get_batched", "ours", RandomGetBatched<OurGrid>);
  Case("random_set_empty", "ours", RandomSetOnEmpty<OurGrid>);
  Case("random_set_commit", "ours", RandomSetAndCommit);
  Case("fill_512", "ours", Fill<OurGrid, 512, 0>);
  Case("fill_512_odd", "ours", Fill<OurGrid, 512, 3>);
  Case("fill_1000_odd", "ours", Fill<OurGrid, 1000, 3>);
  Case("transaction", "ours", OneVoxelTransaction<OurGrid>);
  Case("flood", "ours", FloodASponge);
  Case("flood_ball", "ours", FloodABall);
  Case("components", "ours", Components);
  Case("carve_ball", "ours", CarveBall);
  Case("turn_ball", "ours", TurnBall);
}

}  // namespace voxel
