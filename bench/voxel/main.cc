// The engine beside its peers, in one process: NAME/SIDE for each workload and side. Google
// Benchmark's options apply; bench/voxel/engine_table.py runs it as the table wants it.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include "bench/voxel/sides.h"

int main(int argc, char** argv) {
  // The peers' blocks stay with the process, so that structures are measured and not the kernel.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2147483647);
  voxel::RegisterOurs();
  voxel::RegisterRevisions();
  voxel::RegisterThreads();
  voxel::RegisterDense();
  voxel::RegisterTiles();
#ifdef VOXELD_OPENVDB
  voxel::RegisterOpenVdb();
#endif
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
