// Built only where libopenvdb-dev is installed.
#include <tbb/global_control.h>

#include "bench/voxel/cases.h"
#include "bench/voxel/sides.h"
#include "bench/voxel/vdb_grid.h"

namespace voxel {

void RegisterOpenVdb() {
  // As the others: on one thread.
  static const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  openvdb::initialize();
  RegisterCommonCases<VdbGrid>("openvdb");
  Case("random_set_empty", "openvdb", RandomSetOnEmpty<VdbGrid>);
  Case("fill_512", "openvdb", Fill<VdbGrid, 512, 0>);
  Case("fill_512_odd", "openvdb", Fill<VdbGrid, 512, 3>);
  Case("fill_1000_odd", "openvdb", Fill<VdbGrid, 1000, 3>);
}

}  // namespace voxel
