#include <vector>

#include "bench/voxel/cases.h"
#include "bench/voxel/dense_grid.h"
#include "bench/voxel/sides.h"

namespace voxel {
namespace {

template <bool kHuge>
using Dense256 = DenseGrid<8, kHuge>;
template <bool kHuge>
using Dense512 = DenseGrid<9, kHuge>;

// With a stack of what is open, painting what it has seen; back and forth between two colours.
template <bool kHuge>
void FloodASponge(benchmark::State& state) {
  Dense256<kHuge> model(kCube256);
  int64_t voxels = 0;
  {
    typename Dense256<kHuge>::Writer writer(model);
    ForEachInSponge([&](Coord c) {
      writer.Set(c, kSpongeColor);
      ++voxels;
    });
  }
  Color from = kSpongeColor;
  Color to = kPaint;
  std::vector<Coord> open;
  for (auto _ : state) {
    typename Dense256<kHuge>::Writer cells(model);
    open.assign(1, kSpongeSeed);
    cells.Set(kSpongeSeed, to);
    int64_t painted = 0;
    while (!open.empty()) {
      const Coord c = open.back();
      open.pop_back();
      ++painted;
      for (int axis = 0; axis < 3; ++axis) {
        for (const int32_t step : {-1, 1}) {
          Coord next = c;
          next[axis] += step;
          if (next[axis] < 0 || next[axis] >= kSide) continue;
          Color& cell = cells.cells[next.x | next.y << 8 | next.z << 16];
          if (cell != from) continue;
          cell = to;
          open.push_back(next);
        }
      }
    }
    if (painted < voxels * 9 / 10) state.SkipWithError("the sponge does not hang together");
    std::swap(from, to);
  }
}

template <bool kHuge>
void RegisterDenseOn(const std::string& side) {
  RegisterCommonCases<Dense256<kHuge>>(side);
  Case("random_get_batched", side, RandomGetBatched<Dense256<kHuge>>);
  Case("fill_512", side, Fill<Dense512<kHuge>, 512, 0>);
  Case("fill_512_odd", side, Fill<Dense512<kHuge>, 512, 3>);
  Case("flood", side, FloodASponge<kHuge>);
}

}  // namespace

void RegisterDense() {
  RegisterDenseOn<false>("dense");
  RegisterDenseOn<true>("dense_huge");
}

}  // namespace voxel
