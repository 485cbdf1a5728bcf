// The models that a document's layers are written as: one for each volume, or several where it is
// over 256 on a side.
//
// Reuse:  a layer from the file writes back into its own model's place, so indices and order stay;
//         layers that are linked, or that show the same voxels out of the same model, share it.
// Ownership: the document given must outlive this.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "voxel/formats/vox_model.h"
#include "voxel/grid/document.h"

namespace voxel {

inline constexpr int64_t kVoxMaxModels = 65536;

// Where a part of a layer's volume went: the voxels of [min, min + size) are model `model`.
struct VoxPart {
  int32_t model = 0;
  Coord min;
  Coord size;
};

class VoxContents {
 public:
  // `scene` may be null; else its models come first.
  VoxContents(const Document& document, const SceneGraph* scene);

  // The parts of layer `index`, in ascending order of their place; one part for an empty layer.
  // `source_model`: the model that the layer showed in the file, or -1.
  //   LIMIT_LAYERS  there are more than kVoxMaxModels
  absl::StatusOr<const std::vector<VoxPart>*> PartsOf(int index, int32_t source_model);

  const std::vector<VoxModelSource>& models() const { return models_; }

 private:
  struct Content {
    const Volume* volume = nullptr;
    int32_t source_model = -1;
    std::vector<VoxPart> parts;
  };

  int LinkRoot(int index) const;
  absl::StatusOr<Content> Plan(const Volume& volume, int32_t source_model);
  int32_t AddModel(const Volume& volume, const Volume* indices, const Box& box);

  const Document& document_;
  const SceneGraph* scene_;
  std::vector<VoxModelSource> models_;
  std::vector<bool> taken_;  // models of the scene that a content writes into
  std::vector<Content> contents_;
  std::vector<int> content_of_layer_;  // by link root; -1: not planned yet
};

}  // namespace voxel
