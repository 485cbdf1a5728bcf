#include "voxel/formats/vox_read.h"

#include <bitset>
#include <string>
#include <utility>
#include <vector>

#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/formats/layer_names.h"
#include "voxel/formats/vox_chunk.h"
#include "voxel/formats/vox_graph.h"
#include "voxel/formats/vox_instances.h"
#include "voxel/formats/vox_model.h"
#include "voxel/formats/vox_palette.h"
#include "voxel/formats/vox_placement.h"
#include "voxel/formats/vox_stage.h"

namespace voxel {
namespace {

// A model's two chunks.
struct ModelChunks {
  Coord size;
  VoxChunk voxels;
  int64_t count = 0;
};

// A file's chunks, sorted by what they are about.
struct SortedChunks {
  std::vector<ModelChunks> models;
  std::vector<VoxChunk> nodes;
  std::vector<VoxChunk> kept;  // carried through as they are
};

absl::Status NoVoxels(const VoxChunk& size) {
  return VoxCorrupt(size.id, size.offset, "no XYZI follows with the model's voxels");
}

absl::StatusOr<SortedChunks> SortChunks(const std::vector<VoxChunk>& chunks) {
  SortedChunks sorted;
  const VoxChunk* size = nullptr;  // the SIZE that waits for its XYZI
  for (const VoxChunk& chunk : chunks) {
    if (chunk.id == "SIZE") {
      if (size != nullptr) return NoVoxels(*size);
      size = &chunk;
    } else if (chunk.id == "XYZI") {
      if (size == nullptr) return VoxCorrupt(chunk.id, chunk.offset, "no SIZE comes before it");
      ModelChunks model;
      VOXEL_ASSIGN_OR_RETURN(model.size, ReadVoxSize(*size));
      VOXEL_ASSIGN_OR_RETURN(model.count, ReadVoxCount(chunk));
      model.voxels = chunk;
      sorted.models.push_back(model);
      size = nullptr;
    } else if (IsVoxNodeChunk(chunk.id)) {
      sorted.nodes.push_back(chunk);
    } else if (!IsVoxPaletteChunk(chunk.id) && chunk.id != "PACK") {
      sorted.kept.push_back(chunk);
    }
  }
  if (size != nullptr) return NoVoxels(*size);
  return sorted;
}

absl::Status CheckVoxels(const SortedChunks& chunks, const std::vector<VoxInstance>& instances,
                         int64_t max_voxels) {
  int64_t stored = 0;
  for (const ModelChunks& model : chunks.models)
    stored += model.count;  // each counted one has 4 bytes: no overflow
  int64_t shown = 0;
  for (const VoxInstance& instance : instances) {
    if (__builtin_add_overflow(shown, chunks.models[static_cast<size_t>(instance.model)].count,
                               &shown)) {
      shown = INT64_MAX;
      break;
    }
  }
  const int64_t most = stored > shown ? stored : shown;
  if (most <= max_voxels) return absl::OkStatus();
  return Error(Reason::LIMIT_VOXELS, StrCat("the file has ", stored, " voxels and its scene shows ",
                                            shown, " of them; at most ", max_voxels));
}

absl::Status ReadModels(const SortedChunks& chunks, const Palette& palette,
                        const TaskContext& context, SceneGraph& scene,
                        std::vector<std::string>& warnings) {
  const VoxIndexColors colors(palette);
  std::bitset<256> used;
  for (size_t i = 0; i < chunks.models.size(); ++i) {
    const ModelChunks& model = chunks.models[i];
    VOXEL_ASSIGN_OR_RETURN(VoxModelResult read,
                           ReadVoxModel(model.size, model.voxels, colors, context));
    scene.models.push_back(std::move(read.model));
    const std::string where = StrCat("model ", i, " (XYZI at byte ", model.voxels.offset, "): ");
    used |= read.used;
    if (read.repeated > 0) {
      warnings.push_back(
          StrCat(where, read.repeated, " voxels repeat the place of another; the last one counts"));
    }
    if (read.index_zero > 0) {
      warnings.push_back(
          StrCat(where, read.index_zero, " voxels have colour index 0, which is air"));
    }
    if (context.progress) {
      context.progress(static_cast<double>(i + 1) / static_cast<double>(chunks.models.size()));
    }
  }
  // Taken at their word such colours would make voxels vanish.
  int transparent = 0;
  for (size_t i = 0; i < kVoxColors; ++i)
    transparent += used[i + 1] && Alpha(palette.entries[i].color) == 0 ? 1 : 0;
  if (transparent > 0) {
    warnings.push_back(
        StrCat(transparent, " colours that voxels use say alpha 0; their voxels are opaque"));
  }
  return absl::OkStatus();
}

RefPtr<Layer> MakeLayer(VoxInstance instance, const SceneGraph& scene, size_t number,
                        LayerIds& ids) {
  RefPtr<Layer> layer = MakeRef<Layer>();
  const SceneModel& model = scene.models[static_cast<size_t>(instance.model)];
  const Coord pivot = VoxPivot(model.size);
  layer->id = ids.Make(instance.title, StrCat("model-", number));
  layer->title = std::move(instance.title);
  layer->group = std::move(instance.group);
  layer->visible = !instance.hidden;
  layer->transform = instance.placement * Translation(Coord{} - pivot);
  layer->volume = model.voxels;
  layer->scene_path = std::move(instance.path);
  return layer;
}

RefPtr<const Document> MakeDocument(RefPtr<const SceneGraph> scene, RefPtr<const Palette> palette,
                                    RefPtr<const Stage> stage, std::vector<VoxInstance> instances) {
  RefPtr<Document> document = MakeRef<Document>();
  LayerIds ids;
  std::vector<std::string> first_of(
      scene->models.size());  // model -> the layer its other instances are linked to
  for (size_t i = 0; i < instances.size(); ++i) {
    std::string& first = first_of[static_cast<size_t>(instances[i].model)];
    RefPtr<Layer> layer = MakeLayer(std::move(instances[i]), *scene, i + 1, ids);
    if (first.empty()) {
      first = layer->id;
    } else {
      layer->linked_to = first;
    }
    document->layers.push_back(RefPtr<const Layer>::Adopt(layer.release()));
  }
  document->scene = std::move(scene);
  document->palette = std::move(palette);
  document->stage = std::move(stage);
  return RefPtr<const Document>::Adopt(document.release());
}

}  // namespace

absl::StatusOr<ImportedFile> ReadVox(std::string_view bytes, const ImportLimits& limits,
                                     const TaskContext& context) {
  ImportedFile result;
  VOXEL_ASSIGN_OR_RETURN(VoxChunks file, WalkVoxChunks(bytes));
  result.warnings = std::move(file.warnings);
  VOXEL_ASSIGN_OR_RETURN(const SortedChunks chunks, SortChunks(file.chunks));

  RefPtr<SceneGraph> scene = MakeRef<SceneGraph>();
  scene->format = "vox";
  scene->version = file.version;
  if (chunks.nodes.empty()) {
    scene->nodes = DefaultVoxGraph(chunks.models.size());
    if (chunks.models.size() > 1) {
      result.warnings.push_back(StrCat("there is no scene graph: of ", chunks.models.size(),
                                       " animation frames only the first is shown"));
    }
  } else {
    VOXEL_ASSIGN_OR_RETURN(scene->nodes,
                           ReadVoxGraph(chunks.nodes, chunks.models.size(), result.warnings));
  }
  VOXEL_ASSIGN_OR_RETURN(const HiddenLayers hidden, ReadHiddenVoxLayers(chunks.kept));
  VOXEL_ASSIGN_OR_RETURN(std::vector<VoxInstance> instances,
                         FindVoxInstances(scene->nodes, hidden, limits.max_layers));
  VOXEL_RETURN_IF_ERROR(CheckVoxels(chunks, instances, limits.max_voxels));

  VOXEL_ASSIGN_OR_RETURN(RefPtr<const Palette> palette, ReadVoxPalette(file.chunks));
  VOXEL_RETURN_IF_ERROR(ReadModels(chunks, *palette, context, *scene, result.warnings));
  VoxStage stage = ReadVoxStage(chunks.kept);
  for (size_t i = 0; i < chunks.kept.size(); ++i) {
    const VoxChunk& chunk = chunks.kept[i];
    if (stage.taken[i]) continue;
    scene->chunks.push_back({std::string(chunk.id), std::string(chunk.content)});
  }
  result.document = MakeDocument(RefPtr<const SceneGraph>::Adopt(scene.release()),
                                 std::move(palette), std::move(stage.stage), std::move(instances));
  return result;
}

}  // namespace voxel
