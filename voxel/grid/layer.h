// A layer: one volume of a document and how it is shown.
//
// Space: `volume` is in the layer's own space; world = transform.Apply(local). Edits and reads use
//        world positions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
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
  // Of the document's palette, or free text that a format may know.
  std::string material;
  std::map<std::string, std::string> labels;  // the caller's own key-value pairs
  Transform transform;
  // The id of the layer whose volume this one shows; such a layer refuses edits.
  std::string linked_to;
  // Of a linked layer: the same volume as the original's, kept equal by the document.
  Volume volume;
  // SceneGraph node indices from the root to the shape; empty: not from a file.
  std::vector<int32_t> scene_path;

  Box WorldBounds() const { return transform.Apply(volume.Bounds()); }

  // A new layer that says the same; in the steady state without a heap call.
  static RefPtr<Layer> CopyOf(const Layer& layer);
  // The end of the last reference; called by RefCounted.
  static void Recycle(Layer* layer);
};

// Whether two layers differ at most in their ids and voxels.
inline bool SameSettings(const Layer& a, const Layer& b) {
  const auto settings = [](const Layer& l) {
    return std::tie(l.title, l.group, l.visible, l.locked, l.opacity, l.mode, l.material, l.labels,
                    l.transform, l.linked_to, l.scene_path);
  };
  return settings(a) == settings(b);
}

}  // namespace voxel
