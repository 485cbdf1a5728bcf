// One MagicaVoxel model, SIZE and XYZI, to voxels and back.
//
// Cost: reading sorts the voxels by brick (4 bytes each) and builds every brick once.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/formats/vox_chunk.h"
#include "voxel/formats/vox_color_table.h"
#include "voxel/formats/vox_palette.h"
#include "voxel/grid/scene_graph.h"

namespace voxel {

inline constexpr int32_t kVoxMaxSide = 256;

// What colour each voxel index means, and which index its colour alone would lead back to.
struct VoxIndexColors {
  explicit VoxIndexColors(const Palette& palette);

  std::array<Color, 256> color{};     // [0] is air
  std::array<uint8_t, 256> lowest{};  // the lowest index of the same colour
};

struct VoxModelResult {
  SceneModel model;
  int64_t repeated = 0;    // voxels of a place that had one before; the last one counts
  int64_t index_zero = 0;  // voxels of colour index 0: air
  std::bitset<256> used;   // colour indices
};

// The size of a SIZE chunk. FORMAT_CORRUPT unless each side is in [1, kVoxMaxSide].
absl::StatusOr<Coord> ReadVoxSize(const VoxChunk& chunk);
// How many voxels an XYZI chunk has. FORMAT_CORRUPT if it is too short for them.
absl::StatusOr<int64_t> ReadVoxCount(const VoxChunk& chunk);
// REQUIRES: ReadVoxCount(chunk) is OK.
//   FORMAT_CORRUPT  a voxel lies outside `size`
//   CALL_CANCELLED, DEADLINE_PASSED
absl::StatusOr<VoxModelResult> ReadVoxModel(Coord size, const VoxChunk& chunk,
                                            const VoxIndexColors& colors,
                                            const TaskContext& context);

// A box of a volume to be written as one model.
struct VoxModelSource {
  const Volume* voxels = nullptr;
  const Volume* indices = nullptr;  // SceneModel::indices in the same space, or nullptr
  Box box;                          // at most kVoxMaxSide on a side
};

// The voxels of `source.box`, for the size of the file.
int64_t CountVoxelsIn(const VoxModelSource& source);
// Appends XYZI's content: the number of voxels and the voxels, brick by brick. CALL_CANCELLED,
// DEADLINE_PASSED.
absl::Status AppendVoxModel(const VoxModelSource& source, const VoxColorTable& colors,
                            const TaskContext& context, std::string& out);

}  // namespace voxel
