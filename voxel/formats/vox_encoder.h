// The bytes of a MagicaVoxel file, chunk by chunk.
//
// Format: docs/formats/vox.md. Chunks come in the order in which MagicaVoxel writes them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "voxel/base/task_context.h"
#include "voxel/formats/vox_color_table.h"
#include "voxel/formats/vox_model.h"
#include "voxel/formats/vox_stage.h"
#include "voxel/grid/scene_graph.h"

namespace voxel {

class VoxEncoder {
 public:
  VoxEncoder(int version, int64_t expected_bytes);

  // SIZE and XYZI. CALL_CANCELLED, DEADLINE_PASSED: the encoder is then only good for being
  // dropped.
  absl::Status AddModel(const VoxModelSource& model, const VoxColorTable& colors,
                        const TaskContext& context);
  // nTRN, nGRP or nSHP.
  void AddNode(int32_t id, const SceneNode& node);
  // RGBA.
  void AddColors(const std::vector<PaletteEntry>& entries);
  // MATL of one palette entry. REQUIRES: 0 <= entry < 256.
  void AddMaterial(int entry, const PaletteEntry& material);
  void AddRecord(const VoxRecord& record);
  // A chunk as it is.
  void AddChunk(std::string_view id, std::string_view content);

  // The file. The encoder is empty afterwards.
  std::string Finish();

 private:
  size_t Begin(std::string_view id);
  void End(size_t start);
  void AddString(std::string_view text);
  void AddDictionary(const Attributes& attributes);

  std::string out_;
};

}  // namespace voxel
