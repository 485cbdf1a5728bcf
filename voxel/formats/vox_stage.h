// The cameras and the light of a MagicaVoxel file: its rCAM chunks, and of its rOBJ chunks the sun
// (_inf) and the even sky (_uni).
//
// Format: docs/formats/vox.md, "Cameras and light". A field is written as the file had it where it
//         still reads as the camera's or the light's own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "voxel/base/ref_ptr.h"
#include "voxel/formats/vox_chunk.h"
#include "voxel/grid/stage.h"

namespace voxel {

struct VoxStage {
  RefPtr<const Stage> stage;  // null: the file has none
  std::vector<bool> taken;    // of each chunk given, whether the stage holds all of it
};

// Chunks that cannot be read are not taken, nor more than 256 cameras.
VoxStage ReadVoxStage(absl::Span<const VoxChunk> chunks);

// A record as a file has it.
struct VoxRecord {
  std::string id;      // of its chunk
  int32_t number = 0;  // rCAM: the camera's
  Attributes attributes;
};
// The records of a stage, the light's first. Each camera has a number of its own.
std::vector<VoxRecord> WriteVoxStage(const Stage& stage);

// Whether the stage has something that no record says.
bool VoxStageLoses(const Stage& stage);

}  // namespace voxel
