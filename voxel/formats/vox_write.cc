#include "voxel/formats/vox_write.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/formats/vox_color_table.h"
#include "voxel/formats/vox_encoder.h"
#include "voxel/formats/vox_graph.h"
#include "voxel/formats/vox_palette.h"
#include "voxel/formats/vox_scene_plan.h"
#include "voxel/formats/vox_stage.h"

namespace voxel {
namespace {

constexpr int32_t kPlainVersion = 150;
constexpr int64_t kMaxFileBytes = int64_t{1} << 31;  // sizes in the file are often read as signed
// MagicaVoxel's own world.
constexpr Box kEditorWorld{{-1000, -1000, -1000}, {1000, 1000, 1000}};

ColorCounts CountColors(const std::vector<VoxModelSource>& models) {
  ColorCounts counts;
  std::set<const Volume*> counted;  // parts of one volume are counted together
  for (const VoxModelSource& model : models) {
    if (!counted.insert(model.voxels).second) continue;
    model.voxels->ForEachCell(kWorld, [&](const Cell& cell) {
      if (cell.brick == nullptr) {
        counts[cell.color] += cell.box().Voxels();
      } else {
        BrickForEachColor(cell.brick, [&](Color color, int voxels) { counts[color] += voxels; });
      }
      return true;
    });
  }
  return counts;
}

// What the nodes, chunks and voxels will take, a little too high. LIMIT_BYTES if that is more than
// a file can be.
absl::StatusOr<int64_t> EstimateBytes(const VoxScenePlan& plan, const SceneGraph* scene) {
  int64_t bytes = 65536;
  for (const VoxModelSource& model : plan.models) {
    bytes += 64 + 4 * CountVoxelsIn(model);
    if (bytes > kMaxFileBytes) {
      return Error(Reason::LIMIT_BYTES, StrCat("the voxels would take over ", kMaxFileBytes,
                                               " bytes, more than a .vox file can hold"));
    }
  }
  if (scene != nullptr) {
    for (const SceneChunk& chunk : scene->chunks)
      bytes += 16 + static_cast<int64_t>(chunk.content.size());
  }
  return bytes + 128 * static_cast<int64_t>(plan.nodes.size());
}

bool IsStructureChunk(std::string_view id) {
  return id == "MAIN" || id == "SIZE" || id == "XYZI" || id == "PACK" || IsVoxNodeChunk(id) ||
         IsVoxPaletteChunk(id);
}

// Where a kept chunk stands: before the models, before the palette, right behind it, or at the end
// in the order given.
enum class Place { kFirst, kBeforeColors, kAfterColors, kLast };
Place PlaceOfChunk(std::string_view id) {
  if (id == "META") return Place::kFirst;
  if (id == "LAYR") return Place::kBeforeColors;
  if (id == "IMAP") return Place::kAfterColors;
  return Place::kLast;
}

// The chunks that are carried over. Point into the scene.
std::vector<VoxChunk> KeptChunks(const SceneGraph* scene) {
  std::vector<VoxChunk> chunks;
  if (scene == nullptr) return chunks;
  for (const SceneChunk& chunk : scene->chunks) {
    if (chunk.id.size() == 4 && !IsStructureChunk(chunk.id)) {
      chunks.push_back({chunk.id, chunk.content, 0});
    }
  }
  return chunks;
}

void AddChunks(const std::vector<VoxChunk>& chunks, Place place, VoxEncoder& encoder) {
  for (const VoxChunk& chunk : chunks) {
    if (PlaceOfChunk(chunk.id) == place) encoder.AddChunk(chunk.id, chunk.content);
  }
}

void WarnOfColorNames(const std::vector<VoxChunk>& chunks, const std::vector<PaletteEntry>& entries,
                      std::vector<std::string>& warnings) {
  const absl::StatusOr<std::vector<std::string>> kept = VoxColorNames(chunks);
  int lost = 0;
  for (size_t i = 0; i < entries.size(); ++i) {
    lost += !entries[i].name.empty() && (!kept.ok() || (*kept)[i] != entries[i].name) ? 1 : 0;
  }
  if (lost > 0)
    warnings.push_back(
        StrCat(lost, " colour names are left out: a .vox names rows of eight colours"));
}

void WarnOfLayers(const Document& document, std::vector<std::string>& warnings) {
  int painted = 0;
  int outside = 0;
  for (const auto& layer : document.layers) {
    const bool plain = layer->opacity == 255 && layer->mode == Mode::kOver &&
                       layer->material.empty() && layer->labels.empty();
    painted += plain ? 0 : 1;
    outside += kEditorWorld.Contains(layer->WorldBounds()) ? 0 : 1;
  }
  if (painted > 0) {
    warnings.push_back(StrCat(
        painted,
        " layers have an opacity, a mode, a material or labels, which a .vox does not keep"));
  }
  if (outside > 0) {
    warnings.push_back(
        StrCat(outside, " layers reach out of MagicaVoxel's world, [-1000, 1000) on each axis"));
  }
}

void WarnOfLook(const Document& document, std::vector<std::string>& warnings) {
  if (document.stage && VoxStageLoses(*document.stage)) {
    warnings.push_back(
        "names of cameras, and a light's shadow or that it follows the view, are left out: a .vox "
        "numbers its cameras and has a plain sun");
  }
  const size_t materials = document.palette ? document.palette->materials.size() : 0;
  if (materials > 0) {
    warnings.push_back(
        StrCat(materials, " named materials are left out: in a .vox only colours have materials"));
  }
}

}  // namespace

absl::StatusOr<ExportResult> WriteVox(const Document& document, const ExportOptions& options,
                                      const TaskContext& context) {
  VOXEL_ASSIGN_OR_RETURN(const VoxScenePlan plan, PlanVoxScene(document));
  const SceneGraph* scene = UsableVoxScene(document);
  VOXEL_ASSIGN_OR_RETURN(const int64_t expected_bytes, EstimateBytes(plan, scene));
  const ColorCounts counts = CountColors(plan.models);
  const VoxColorTable colors(document.palette.get(), counts);

  ExportResult result;
  if (colors.merged() > 0) {
    result.warnings.push_back(StrCat(counts.size(), " colours are more than the 255 of a .vox: ",
                                     colors.merged(), " were merged into similar ones"));
  }
  std::vector<VoxChunk> kept = KeptChunks(scene);
  const std::optional<std::string> note = NewVoxNote(kept, colors.entries());
  if (note) {
    std::erase_if(kept, [](const VoxChunk& chunk) { return chunk.id == "NOTE"; });
    kept.push_back({"NOTE", *note, 0});
  }
  WarnOfColorNames(kept, colors.entries(), result.warnings);
  WarnOfLayers(document, result.warnings);
  WarnOfLook(document, result.warnings);

  VoxEncoder encoder(scene != nullptr ? scene->version : kPlainVersion, expected_bytes);
  AddChunks(kept, Place::kFirst, encoder);
  for (size_t i = 0; i < plan.models.size(); ++i) {
    VOXEL_RETURN_IF_ERROR(encoder.AddModel(plan.models[i], colors, context));
    if (context.progress)
      context.progress(static_cast<double>(i + 1) / static_cast<double>(plan.models.size()));
  }
  for (size_t i = 0; i < plan.nodes.size(); ++i)
    encoder.AddNode(static_cast<int32_t>(i), plan.nodes[i]);
  AddChunks(kept, Place::kBeforeColors, encoder);
  encoder.AddColors(colors.entries());
  AddChunks(kept, Place::kAfterColors, encoder);
  for (int i = 0; i < kVoxPaletteEntries; ++i) {
    const PaletteEntry& entry = colors.entries()[static_cast<size_t>(i)];
    if (!entry.material.empty()) encoder.AddMaterial(i, entry);
  }
  if (document.stage) {
    for (const VoxRecord& record : WriteVoxStage(*document.stage)) encoder.AddRecord(record);
  }
  AddChunks(kept, Place::kLast, encoder);
  result.files.push_back({options.base_name + ".vox", encoder.Finish()});
  return result;
}

}  // namespace voxel
