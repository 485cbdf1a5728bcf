#include "voxel/formats/vox_contents.h"

#include <set>
#include <utility>

#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxel {
namespace {

bool Fits(const Box& box) {
  return box.Size(0) <= kVoxMaxSide && box.Size(1) <= kVoxMaxSide && box.Size(2) <= kVoxMaxSide;
}

// The box that a volume takes as one model, near that of the model it came from.
Box WholeBox(const Volume& volume, const Box& old) {
  const Box bounds = volume.Bounds();
  if (bounds.empty()) return old.empty() ? BoxAt({}) : old;
  const Box grown = old.Union(bounds);
  return Fits(grown) ? grown : bounds;
}

int32_t PartIndex(int32_t at, int32_t min) { return (at - min) / kVoxMaxSide; }

// The cubes of kVoxMaxSide, counted from bounds.min, that hold a voxel. Walks cells, so empty space
// costs nothing.
absl::StatusOr<std::set<Coord>> OccupiedParts(const Volume& volume, const Box& bounds) {
  std::set<Coord> parts;
  volume.ForEachCell(bounds, [&](const Cell& cell) {
    const Box box = cell.box().Intersection(bounds);
    const Coord last = box.max - Coord{1, 1, 1};
    for (int32_t x = PartIndex(box.min.x, bounds.min.x); x <= PartIndex(last.x, bounds.min.x);
         ++x) {
      for (int32_t y = PartIndex(box.min.y, bounds.min.y); y <= PartIndex(last.y, bounds.min.y);
           ++y) {
        for (int32_t z = PartIndex(box.min.z, bounds.min.z); z <= PartIndex(last.z, bounds.min.z);
             ++z) {
          parts.insert({x, y, z});
        }
      }
    }
    return static_cast<int64_t>(parts.size()) <= kVoxMaxModels;
  });
  if (static_cast<int64_t>(parts.size()) > kVoxMaxModels) {
    return Error(Reason::LIMIT_LAYERS, StrCat("a layer would take more than ", kVoxMaxModels,
                                              " models of 256 on a side"));
  }
  return parts;
}

}  // namespace

VoxContents::VoxContents(const Document& document, const SceneGraph* scene)
    : document_(document), scene_(scene), content_of_layer_(document.layers.size(), -1) {
  if (scene == nullptr) return;
  for (const SceneModel& model : scene->models)
    AddModel(model.voxels, &model.indices, {{}, model.size});
  taken_.resize(scene->models.size());
}

int VoxContents::LinkRoot(int index) const {
  const Layer& layer = *document_.layers[static_cast<size_t>(index)];
  if (layer.linked_to.empty()) return index;
  const int root = document_.Find(layer.linked_to);
  return root < 0 ? index : root;
}

int32_t VoxContents::AddModel(const Volume& volume, const Volume* indices, const Box& box) {
  models_.push_back({&volume, indices, box});
  return static_cast<int32_t>(models_.size() - 1);
}

absl::StatusOr<const std::vector<VoxPart>*> VoxContents::PartsOf(int index, int32_t source_model) {
  const int root = LinkRoot(index);
  int& content = content_of_layer_[static_cast<size_t>(root)];
  const Volume& volume = document_.layers[static_cast<size_t>(root)]->volume;
  if (content < 0 && source_model >= 0) {
    for (size_t i = 0; i < contents_.size(); ++i) {
      const bool same_source = contents_[i].source_model == source_model;
      if (same_source && contents_[i].volume->ContentHash() == volume.ContentHash())
        content = static_cast<int>(i);
    }
  }
  if (content < 0) {
    VOXEL_ASSIGN_OR_RETURN(Content planned, Plan(volume, source_model));
    content = static_cast<int>(contents_.size());
    contents_.push_back(std::move(planned));
  }
  return &contents_[static_cast<size_t>(content)].parts;
}

absl::StatusOr<VoxContents::Content> VoxContents::Plan(const Volume& volume, int32_t source_model) {
  Content content{.volume = &volume, .source_model = source_model, .parts = {}};
  const auto source = static_cast<size_t>(source_model);
  const Box old = source_model < 0 ? Box{} : Box{{}, scene_->models[source].size};
  const Volume* indices = source_model < 0 ? nullptr : &scene_->models[source].indices;
  const Box whole = WholeBox(volume, old);
  if (Fits(whole)) {
    int32_t model = source_model;
    if (source_model < 0 || taken_[source]) {
      model = AddModel(volume, indices, whole);
    } else {
      models_[source] = {&volume, indices, whole};
      taken_[source] = true;
    }
    content.parts.push_back({model, whole.min, whole.max - whole.min});
  } else {
    VOXEL_ASSIGN_OR_RETURN(const std::set<Coord> occupied, OccupiedParts(volume, whole));
    for (const Coord at : occupied) {
      const Coord min =
          whole.min + Coord{at.x * kVoxMaxSide, at.y * kVoxMaxSide, at.z * kVoxMaxSide};
      const Box box =
          Box{min, min + Coord{kVoxMaxSide, kVoxMaxSide, kVoxMaxSide}}.Intersection(whole);
      content.parts.push_back({AddModel(volume, indices, box), box.min, box.max - box.min});
    }
  }
  if (static_cast<int64_t>(models_.size()) > kVoxMaxModels) {
    return Error(Reason::LIMIT_LAYERS,
                 StrCat("the layers would take more than ", kVoxMaxModels, " models"));
  }
  return content;
}

}  // namespace voxel
