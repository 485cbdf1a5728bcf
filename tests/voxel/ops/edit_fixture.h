// The small language of the edit tests: documents of one layer, edits in a line, volumes as maps.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "voxel/grid/document.h"
#include "voxel/ops/apply.h"

namespace voxel {

inline RefPtr<const Layer> NewLayer(const std::string& id, Volume volume = Volume(),
                                    Transform transform = Transform()) {
  auto* layer = new Layer;
  layer->id = id;
  layer->volume = std::move(volume);
  layer->transform = transform;
  return RefPtr<const Layer>::Adopt(layer);
}

// Two that edits must not write.
inline RefPtr<const Layer> LockedLayer() {
  auto* layer = new Layer;
  layer->id = "locked";
  layer->locked = true;
  return RefPtr<const Layer>::Adopt(layer);
}
inline RefPtr<const Layer> LinkedLayer(const std::string& to) {
  auto* layer = new Layer;
  layer->id = "linked";
  layer->linked_to = to;
  return RefPtr<const Layer>::Adopt(layer);
}

inline RefPtr<const Document> NewDocument(std::vector<RefPtr<const Layer>> layers) {
  auto* document = new Document;
  document->layers = std::move(layers);
  return RefPtr<const Document>::Adopt(document);
}

inline RefPtr<const Document> OneLayer(Volume volume = Volume(),
                                       Transform transform = Transform()) {
  return NewDocument({NewLayer("main", std::move(volume), transform)});
}

inline Edit EditOf(EditOp op, Mode mode = Mode::kReplace, std::optional<Box> clip = std::nullopt) {
  Edit edit;
  edit.mode = mode;
  edit.clip = clip;
  edit.op = std::move(op);
  return edit;
}

inline Edit EditIn(std::string layer, EditOp op) {
  Edit edit = EditOf(std::move(op));
  edit.layer = std::move(layer);
  return edit;
}

// The result of edits that must succeed.
inline ApplyResult Applied(RefPtr<const Document> document, const std::vector<Edit>& edits,
                           const TaskContext& context = TaskContext()) {
  auto result = ApplyEdits(std::move(document), edits, context);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : ApplyResult();
}

inline Volume AppliedTo(const Volume& volume, const std::vector<Edit>& edits) {
  return Applied(OneLayer(volume), edits).document->layers[0]->volume;
}

// The voxels that are not air.
inline std::map<Coord, Color> VoxelsOf(const Volume& volume, const Box& box = kWorld) {
  std::map<Coord, Color> voxels;
  std::vector<Color> colors;
  volume.ForEachCell(box, [&](const Cell& cell) {
    const Box part = cell.box().Intersection(box);
    colors.resize(static_cast<size_t>(part.Voxels()));
    volume.ReadBox(part, colors.data());
    const Color* color = colors.data();
    for (int z = part.min.z; z < part.max.z; ++z) {
      for (int y = part.min.y; y < part.max.y; ++y) {
        for (int x = part.min.x; x < part.max.x; ++x, ++color) {
          if (*color != kAir) voxels[{x, y, z}] = *color;
        }
      }
    }
    return true;
  });
  return voxels;
}

}  // namespace voxel
