#include "daemon/service/merge_import.h"

#include <map>
#include <string>
#include <utility>

#include "voxel/base/error.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Document;
using voxel::Error;
using voxel::Layer;
using voxel::Reason;
using voxel::RefPtr;

constexpr size_t kMaxIdBytes = 63;

bool IsBlank(const Document& document) {
  return document.layers.size() == 1 && document.layers[0]->volume.empty() &&
         !document.layers[0]->locked && !document.scene;
}

// `wanted`, or the first of wanted-2, wanted-3, ... that is free.
std::string FreeId(const Document& document, const std::string& wanted) {
  std::string id = wanted;
  for (int n = 2; document.Find(id) >= 0; ++n) {
    const std::string suffix = voxel::StrCat("-", n);
    id = voxel::StrCat(wanted.substr(0, kMaxIdBytes - suffix.size()), suffix);
  }
  return id;
}

// In 64 bits, so that no offset can wrap.
bool StaysInWorld(const voxel::Box& bounds, voxel::Coord offset) {
  for (int axis = 0; axis < 3; ++axis) {
    if (bounds.empty()) continue;
    if (int64_t{bounds.min[axis]} + offset[axis] < voxel::kMinCoord) return false;
    if (int64_t{bounds.max[axis]} + offset[axis] > voxel::kMaxCoord) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<RefPtr<const Document>> MovedBy(RefPtr<const Document> document,
                                               voxel::Coord offset) {
  if (offset == voxel::Coord{}) return document;
  auto moved = voxel::MakeRef<Document>(*document);
  for (RefPtr<const Layer>& layer : moved->layers) {
    if (!StaysInWorld(layer->WorldBounds(), offset)) {
      return Error(Reason::OUT_OF_WORLD,
                   voxel::StrCat("header.at would move layer \"", layer->id, "\" out of the world"),
                   "header.at");
    }
    auto copy = voxel::MakeRef<Layer>(*layer);
    copy->transform.offset = copy->transform.offset + offset;
    layer = std::move(copy);
  }
  if (moved->stage) {
    auto stage = voxel::MakeRef<voxel::Stage>(*moved->stage);
    for (voxel::SceneCamera& camera : stage->cameras) {
      for (int axis = 0; axis < 3; ++axis) camera.target[static_cast<size_t>(axis)] += offset[axis];
    }
    moved->stage = std::move(stage);
  }
  return RefPtr<const Document>(std::move(moved));
}

absl::StatusOr<MergedImport> MergeImport(const Document& document, const Document& imported,
                                         int32_t max_layers) {
  const bool blank = IsBlank(document);
  const size_t kept = blank ? 0 : document.layers.size();
  if (kept + imported.layers.size() > static_cast<size_t>(max_layers)) {
    return Error(Reason::LIMIT_LAYERS,
                 voxel::StrCat("the import would make ", kept + imported.layers.size(),
                               " layers; a project has at most ", max_layers));
  }
  auto merged = voxel::MakeRef<Document>(document);
  // A file without voxels brings no layers: the blank one stays then.
  if (blank && !imported.layers.empty()) merged->layers.clear();
  if (blank) merged->scene = imported.scene;
  if (!merged->palette) merged->palette = imported.palette;
  if (!merged->stage) merged->stage = imported.stage;
  const auto first_new = static_cast<int>(merged->layers.size());
  std::map<std::string, std::string> renamed;
  for (const RefPtr<const Layer>& layer : imported.layers) {
    auto copy = voxel::MakeRef<Layer>(*layer);
    copy->id = FreeId(*merged, layer->id);
    renamed[layer->id] = copy->id;
    if (const auto original = renamed.find(layer->linked_to); original != renamed.end()) {
      copy->linked_to = original->second;
    }
    if (!blank) copy->scene_path.clear();
    merged->layers.push_back(std::move(copy));
  }
  return MergedImport{std::move(merged), first_new};
}

}  // namespace voxeld
