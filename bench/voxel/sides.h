// The parts of the benchmark: each registers its cases as NAME/SIDE.
#pragma once

namespace voxel {

void RegisterOurs();
void RegisterRevisions();  // ours alone
void RegisterThreads();    // ours alone
void RegisterDense();    // a dense array on small pages ("dense"), and on huge ones ("dense_huge")
void RegisterTiles();    // a hash map of 16^3 tiles
void RegisterOpenVdb();  // only built where libopenvdb-dev is there

}  // namespace voxel
