#include "bench/voxel/cases.h"
#include "bench/voxel/sides.h"
#include "bench/voxel/tile_grid.h"

namespace voxel {

void RegisterTiles() {
  RegisterCommonCases<TileGrid>("tiles");
  Case("random_set_empty", "tiles", RandomSetOnEmpty<TileGrid>);
  Case("fill_512", "tiles", Fill<TileGrid, 512, 0>);
  Case("fill_512_odd", "tiles", Fill<TileGrid, 512, 3>);
  Case("fill_1000_odd", "tiles", Fill<TileGrid, 1000, 3>);
  Case("transaction", "tiles", OneVoxelTransaction<TileGrid>);
}

}  // namespace voxel
