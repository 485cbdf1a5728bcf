#include "voxel/ops/brick_buckets.h"

#include "voxel/base/check.h"

namespace voxel {
namespace {

constexpr int32_t kInBrick = kBrickSize - 1;

Coord BrickMin(Coord c) { return {c.x & ~kInBrick, c.y & ~kInBrick, c.z & ~kInBrick}; }

}  // namespace

uint32_t BrickBuckets::BucketOf(Coord brick) {
  const auto [it, added] = bucket_of_.try_emplace(brick, static_cast<uint32_t>(mins_.size()));
  if (added) {
    mins_.push_back(brick);
    starts_.push_back(0);
  }
  return it->second;
}

BrickBuckets::BrickBuckets(absl::Span<const Coord> positions, absl::Span<const Color> colors) {
  VOXEL_CHECK(positions.size() < (uint64_t{1} << 32));
  // A counting sort: sizes first, then each entry to its place.
  std::vector<uint32_t> bucket(positions.size());
  Coord last_brick;
  uint32_t last_bucket = 0;
  for (size_t i = 0; i < positions.size(); ++i) {
    const Coord brick = BrickMin(positions[i]);
    if (i == 0 || brick != last_brick) {
      last_brick = brick;
      last_bucket = BucketOf(brick);
    }
    bucket[i] = last_bucket;
    ++starts_[last_bucket];
  }
  uint32_t start = 0;
  for (uint32_t& size : starts_) {
    const uint32_t next = start + size;
    size = start;
    start = next;
  }
  std::vector<uint32_t> at = starts_;
  starts_.push_back(start);
  entries_.resize(positions.size());
  const bool one_color = colors.size() == 1;
  for (size_t i = 0; i < positions.size(); ++i) {
    const Coord c = positions[i];
    entries_[at[bucket[i]]++] = {
        colors[one_color ? 0 : i],
        static_cast<uint32_t>(BrickIndex(c.x & kInBrick, c.y & kInBrick, c.z & kInBrick))};
  }
}

}  // namespace voxel
