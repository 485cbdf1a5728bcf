// A layer: one volume of a document and how it is shown.
//
// Space: `volume` is in the layer's own space; world = transform.Apply(local). Edits and reads use
//        world positions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "voxel/base/ref_ptr.h"
#include "voxel/grid/mode.h"
#include "voxel/grid/transform.h"
#include "voxel/grid/volume.h"

namespace voxel {

struct Layer : RefCounted<Layer> {
  std::string id;     // [a-z0-9][a-z0-9_.-]{0,62}, unique in the document
  std::string title;  // free text, UTF-8
  std::string group;  // path of groups, "house/roof"; empty: top level
  bool visible = true;
  bool locked = false;      // refuses edits
  uint8_t opacity = 255;    // scales alpha in the composite
  Mode mode = Mode::kOver;  // how it meets the layers below in the composite
  std::string material;
  Transform transform;
  // The id of the layer whose volume this one shows; such a layer refuses edits.
  std::string linked_to;
  // Of a linked layer: the same volume as the original's, kept equal by the document.
  Volume volume;
  // SceneGraph node indices from the root to the shape; empty: not from a file.
  std::vector<int32_t> scene_path;

  Box WorldBounds() const { return transform.Apply(volume.Bounds()); }
};

}  // namespace voxel
