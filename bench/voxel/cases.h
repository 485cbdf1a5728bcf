// The workloads, once each, over any grid.
//
// A grid G is made by G(bounds) and offers what its side can do of:
//   G::Writer(grid)           the side's fastest way to write voxels whose places are known ahead:
//                             Set(c, color), SetRow(start, n, color_at), Flush() when all before
//                             must be written, and Finish() when all is
//   G::Reader(grid)           Get(c); GetMany(places, out)
//   Fill(box, color)          Recolor(from, to)         Copy(), cheap or not
//   Union(a, b), Subtract(a, b), Intersect(a, b)        new grids
//   SumActive()               the sum of the colours of its voxels, each visited
//   Bytes()                   its memory
// kKeepsStorage: making one costs its whole volume (the dense array), so it is made once and not
// within the time.
#pragma once

#include <benchmark/benchmark.h>

#include <string>
#include <utility>
#include <vector>

#include "bench/voxel/workload.h"

namespace voxel {

template <typename G>
void PutBall(G& grid, Coord center) {
  typename G::Writer writer(grid);
  ForEachInBall(center, kBallRadius, [&](Coord c) { writer.Set(c, Noise16(c)); });
  writer.Finish();
}

template <typename G>
G Ball(const Box& bounds = kCube256, Coord center = kBallCenter) {
  G grid(bounds);
  PutBall(grid, center);
  return grid;
}

// The ball of 8.6 M voxels that most workloads read. Never changed, so made once.
template <typename G>
const G& SharedBall() {
  static const auto* const ball = new G(Ball<G>());
  return *ball;
}

inline int64_t BallVoxels() {
  static const int64_t voxels = [] {
    int64_t count = 0;
    ForEachInBall(kBallCenter, kBallRadius, [&](Coord) { ++count; });
    return count;
  }();
  return voxels;
}

template <typename G, Color (*kColor)(uint32_t)>
void RandomSet(benchmark::State& state) {
  G grid(kCube256);
  typename G::Writer writer(grid);
  uint32_t i = 0;
  for (Coord c : Points()) writer.Set(c, kColor(i++));
  for (auto _ : state) {
    for (Coord c : Points()) writer.Set(c, kColor(i++));
    writer.Flush();
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kPoints);
}

template <typename G>
void RandomSetOnEmpty(benchmark::State& state) {
  benchmark::DoNotOptimize(&Points());  // made before the clock runs
  for (auto _ : state) {
    G grid(kCube256);
    typename G::Writer writer(grid);
    uint32_t i = 0;
    for (Coord c : Points()) writer.Set(c, OneOf16(i++));
    writer.Flush();
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kPoints);
}

template <typename G>
void RandomGet(benchmark::State& state) {
  const G& grid = SharedBall<G>();
  benchmark::DoNotOptimize(&Points());  // made before the clock runs
  for (auto _ : state) {
    typename G::Reader reader(grid);
    uint32_t sum = 0;
    for (Coord c : Points()) sum += reader.Get(c);
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * kPoints);
}

// All places are known before the first is read.
template <typename G>
void RandomGetBatched(benchmark::State& state) {
  const G& grid = SharedBall<G>();
  std::vector<Color> colors(kPoints);
  benchmark::DoNotOptimize(&Points());  // made before the clock runs
  for (auto _ : state) {
    typename G::Reader reader(grid);
    reader.GetMany(Points(), colors.data());
    benchmark::DoNotOptimize(colors.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kPoints);
}

template <typename G, Color (*kColorAt)(Coord)>
void SequentialRows(benchmark::State& state) {
  G grid(kCube256);
  typename G::Writer writer(grid);
  const auto write = [&] {
    for (int32_t z = 0; z < kRowVoxels; ++z) {
      for (int32_t y = 0; y < kRowVoxels; ++y) {
        // Of a type of its own, so that no side calls through a pointer.
        writer.SetRow({0, y, z}, kRowVoxels, [](Coord c) { return kColorAt(c); });
      }
    }
  };
  write();
  for (auto _ : state) {
    write();
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kRowVoxels * kRowVoxels * kRowVoxels);
}

template <typename G>
void SequentialSet(benchmark::State& state) {
  G grid(kCube256);
  typename G::Writer writer(grid);
  const auto write = [&] {
    for (int32_t z = 0; z < kRowVoxels; ++z) {
      for (int32_t y = 0; y < kRowVoxels; ++y) {
        for (int32_t x = 0; x < kRowVoxels; ++x) writer.Set({x, y, z}, Noise16({x, y, z}));
      }
    }
    writer.Flush();
  };
  write();
  for (auto _ : state) {
    write();
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kRowVoxels * kRowVoxels * kRowVoxels);
}

template <typename G, int32_t kSize, int32_t kOffset>
void Fill(benchmark::State& state) {
  constexpr Box kBox = CubeAt(kOffset, kSize);
  int64_t bytes = 0;
  if constexpr (G::kKeepsStorage) {
    G grid(kBox);
    grid.Fill(kBox, kPaint);
    for (auto _ : state) {
      grid.Fill(kBox, kPaint);
      benchmark::ClobberMemory();
    }
    bytes = grid.Bytes();
  } else {
    for (auto _ : state) {
      G grid(kBox);
      grid.Fill(kBox, kPaint);
      benchmark::ClobberMemory();
    }
    G grid(kBox);
    grid.Fill(kBox, kPaint);
    bytes = grid.Bytes();
  }
  state.counters["mib"] = static_cast<double>(bytes) / (1 << 20);
}

template <typename G>
void Snapshot(benchmark::State& state) {
  const G& ball = SharedBall<G>();
  ball.Copy();  // where copies take memory, they have it from here on
  for (auto _ : state) {
    G copy = ball.Copy();
    benchmark::DoNotOptimize(&copy);
    benchmark::ClobberMemory();
  }
}

template <typename G, G (*kCompose)(const G&, const G&)>
void Compose(benchmark::State& state) {
  static const auto* const a = new G(Ball<G>(kBothBalls, kBallCenter));
  static const auto* const b = new G(Ball<G>(kBothBalls, kOtherCenter));
  kCompose(*a, *b);  // where results take memory, they have it from here on
  for (auto _ : state) {
    const G result = kCompose(*a, *b);
    benchmark::DoNotOptimize(&result);
    benchmark::ClobberMemory();
  }
}

// Back and forth between one of the 16 colours and a new one.
template <typename G>
void Recolor(benchmark::State& state) {
  G grid = SharedBall<G>().Copy();
  Color from = OneOf16(5);
  Color to = kPaint;
  for (auto _ : state) {
    grid.Recolor(from, to);
    std::swap(from, to);
    benchmark::ClobberMemory();
  }
}

template <typename G>
void IterateActive(benchmark::State& state) {
  const G& ball = SharedBall<G>();
  for (auto _ : state) benchmark::DoNotOptimize(ball.SumActive());
  state.SetItemsProcessed(state.iterations() * BallVoxels());
}

// Bytes per voxel, as a counter: the time says nothing.
template <typename G>
void MemoryOfCube(benchmark::State& state) {
  G grid(kCube256);
  typename G::Writer writer(grid);
  for (int32_t z = 0; z < kSide; ++z) {
    for (int32_t y = 0; y < kSide; ++y) {
      for (int32_t x = 0; x < kSide; ++x) writer.Set({x, y, z}, Noise16({x, y, z}));
    }
  }
  writer.Finish();
  for (auto _ : state) benchmark::DoNotOptimize(grid.Bytes());
  state.counters["bytes_per_voxel"] =
      static_cast<double>(grid.Bytes()) / static_cast<double>(kCube256.Voxels());
}

template <typename G>
void MemoryOfBall(benchmark::State& state) {
  const G& ball = SharedBall<G>();
  for (auto _ : state) benchmark::DoNotOptimize(ball.Bytes());
  state.counters["bytes_per_voxel"] =
      static_cast<double>(ball.Bytes()) / static_cast<double>(BallVoxels());
}

// One voxel changed in a copy that is kept, while the 64 versions before it are.
template <typename G>
void OneVoxelTransaction(benchmark::State& state) {
  std::vector<G> history(64, SharedBall<G>().Copy());
  const std::vector<Coord>& places = BallPoints();
  size_t newest = 0;
  uint32_t i = 0;
  for (auto _ : state) {
    G next = history[newest].Copy();
    typename G::Writer writer(next);
    writer.Set(places[i % kPoints], OneOf16(i / 3));
    writer.Finish();
    ++i;
    newest = (newest + 1) % history.size();
    history[newest] = std::move(next);
  }
}

// Registers a case of one side; bench/voxel/engine_table.py finds it by both names.
inline benchmark::internal::Benchmark* Case(const std::string& name, const std::string& side,
                                            void (*run)(benchmark::State&)) {
  return benchmark::RegisterBenchmark((name + "/" + side).c_str(), run);
}

// What every side can do.
template <typename G>
void RegisterCommonCases(const std::string& side) {
  Case("random_set_raw", side, RandomSet<G, Distinct>);
  Case("random_set_16", side, RandomSet<G, OneOf16>);
  Case("random_get", side, RandomGet<G>);
  Case("sequential_rows", side, SequentialRows<G, DistinctAt>);
  Case("sequential_rows_16", side, SequentialRows<G, Noise16>);
  Case("sequential_set", side, SequentialSet<G>);
  Case("snapshot", side, Snapshot<G>);
  Case("union", side, Compose<G, G::Union>);
  Case("subtract", side, Compose<G, G::Subtract>);
  Case("intersect", side, Compose<G, G::Intersect>);
  Case("recolor", side, Recolor<G>);
  Case("iterate", side, IterateActive<G>);
  Case("memory_cube", side, MemoryOfCube<G>)->Iterations(1);
  Case("memory_ball", side, MemoryOfBall<G>)->Iterations(1);
}

}  // namespace voxel
