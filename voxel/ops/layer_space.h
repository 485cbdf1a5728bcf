// From the world into a layer's own space: what edits say is mapped, not the voxels.
//
// Exactness: 64-bit, so that a layer far off does not overflow. What the map takes out of the world
//            is OUT_OF_WORLD.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "voxel/grid/transform.h"
#include "voxel/ops/placement.h"

namespace voxel {

class LayerSpace {
 public:
  explicit LayerSpace(const Transform& layer);

  // OUT_OF_WORLD, naming `field`, if the result is not in the world.
  absl::StatusOr<Box> ToLocal(const Box& box, const std::string& field) const;
  absl::StatusOr<Coord> ToLocal(Coord c, const std::string& field) const;
  // The same without the result.
  absl::Status CheckLocal(absl::Span<const Coord> positions, const std::string& field) const;
  absl::Status CheckBlock(const Block& block, const std::string& field) const;
  // What of the clip box lies in the layer's world; may be empty.
  std::optional<Box> Clip(const std::optional<Box>& clip) const;

  Axis ToLocal(Axis axis) const;
  // Whether the positive end of a world axis is the negative end of the local one.
  bool Flips(Axis axis) const;
  // The layer's map to the world and back.
  const WideTransform& to_world() const { return to_world_; }
  const WideTransform& to_local() const { return to_local_; }

 private:
  WideTransform to_world_;
  WideTransform to_local_;
};

}  // namespace voxel
