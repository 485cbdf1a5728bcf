// A mask compiled for one layer: judges whole cubes and yields the voxels of bricks.
//
// Data flow: Mask (mask.h) + the layers as they are -> CompileMask -> Classify / Fill.
// Space:     the layer's own; what the expression says about the world has been mapped.
// Threading: kernels are immutable and hold their volumes; any number of threads may ask.
// Cost:      a uniform cube is judged without its voxels wherever the expression allows it, and so
//            costs one descent; a brick that is not costs 0.1 to 20 us for each part.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "voxel/grid/box.h"
#include "voxel/grid/brick.h"
#include "voxel/grid/volume.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/grid/voxel_set.h"
#include "voxel/ops/layer_space.h"
#include "voxel/ops/mask.h"

namespace voxel {

class MaskKernel {
 public:
  virtual ~MaskKernel() = default;
  // As RegionKernel::Classify, for cubes that are aligned as there.
  virtual Coverage Classify(const Box& cube) const = 0;
  // Sets the bits of the voxels that match in the brick at `min`; `mask` comes cleared. Right for
  // every brick, whatever Classify says of it.
  virtual void Fill(Coord min, BrickMask& mask) const = 0;
};
using MaskKernelPtr = std::unique_ptr<const MaskKernel>;

// The voxels of the brick at `min` that match: by Classify where that is enough. `mask` comes
// cleared.
void FillBrick(const MaskKernel& kernel, Coord min, BrickMask& mask);

// What a mask looks at.
class MaskScene {
 public:
  // `volume` is of the edit's layer, before the edit; `space` is that layer's.
  MaskScene(Volume volume, const LayerSpace& space) : volume_(std::move(volume)), space_(space) {}
  virtual ~MaskScene() = default;
  MaskScene(const MaskScene&) = delete;
  MaskScene& operator=(const MaskScene&) = delete;

  const Volume& volume() const { return volume_; }
  const LayerSpace& space() const { return space_; }
  // Another layer's voxels, or a selection's, in the space of the edit's layer. LAYER_NOT_FOUND,
  // SELECTION_NOT_FOUND and what else they may say become the answer of CompileMask.
  virtual absl::StatusOr<Volume> Layer(const std::string& id) = 0;
  virtual absl::StatusOr<VoxelSet> Selection(const std::string& id) = 0;

 private:
  const Volume volume_;
  const LayerSpace& space_;
};

//   INVALID_MASK          as CheckMask
//   LAYER_NOT_FOUND       no layer of that name
//   SELECTION_NOT_FOUND   no selection of that name
absl::StatusOr<MaskKernelPtr> CompileMask(const Mask& mask, MaskScene& scene);

}  // namespace voxel
