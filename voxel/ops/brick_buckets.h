// Voxels to set, sorted by the brick they fall into, so that each brick is looked up once.
//
// Cost: two passes over the positions and 8 bytes for each. Colours are copied, so that later reads
//       run in order.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "voxel/grid/brick.h"
#include "voxel/grid/color.h"
#include "voxel/grid/coord.h"

namespace voxel {

// One voxel of a bucket.
struct BucketEntry {
  Color color;
  uint32_t index;  // in the brick
};

class BrickBuckets {
 public:
  // REQUIRES: fewer than 2^32 positions; one colour, or one for each.
  BrickBuckets(absl::Span<const Coord> positions, absl::Span<const Color> colors);

  // Buckets are numbered in order of their first position.
  int size() const { return static_cast<int>(mins_.size()); }
  Coord min(int bucket) const { return mins_[bucket]; }
  // In the order in which the positions were given.
  absl::Span<const BucketEntry> entries(int bucket) const {
    return absl::MakeConstSpan(entries_).subspan(starts_[bucket],
                                                 starts_[bucket + 1] - starts_[bucket]);
  }

 private:
  uint32_t BucketOf(Coord brick);

  std::vector<Coord> mins_;
  std::vector<uint32_t> starts_;  // one more than buckets
  std::vector<BucketEntry> entries_;
  absl::flat_hash_map<Coord, uint32_t> bucket_of_;
};

}  // namespace voxel
