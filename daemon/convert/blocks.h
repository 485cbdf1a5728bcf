// Blocks of voxels on the wire: a box, and its colours in one of three forms, x fastest.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "voxel/grid/box.h"
#include "voxel/grid/color.h"
#include "voxeld/v1/voxel.pb.h"

namespace voxeld {

inline constexpr int64_t kMaxBlockVoxels = 1 << 18;  // 1 MiB of raw colours

// Writes `colors` (box.Voxels() of them) as a block: uniform if they are all one, else by palette
// if `palette_allowed` and there are at most 256, else raw.
void FromVoxels(const voxel::Box& box, const std::vector<voxel::Color>& colors,
                bool palette_allowed, v1::Block* out);

// A block's box and colours. MISSING_FIELD, INVALID_FIELD (sizes that do not match, indices above
// the palette), OUT_OF_WORLD.
struct BlockVoxels {
  voxel::Box box;
  std::vector<voxel::Color> colors;  // box.Voxels() of them
};
absl::StatusOr<BlockVoxels> ToVoxels(const v1::Block& block, std::string_view field);

}  // namespace voxeld
