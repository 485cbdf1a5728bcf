#include "voxel/ops/merge_settings.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace voxel {
namespace {

template <typename T>
const T& OrDefault(const RefPtr<const T>& value) {
  static const T* const none = new T;  // never freed: other threads may still read it at exit
  return value ? *value : *none;
}

PaletteEntry EntryAt(const Palette& palette, size_t index) {
  return index < palette.entries.size() ? palette.entries[index] : PaletteEntry();
}

// A name belongs to one entry. Where both sides gave it to different ones, the winner's keeps it.
void DropRepeatedNames(const Palette& winner, MergePicker& picker, Palette& palette) {
  std::set<std::string> taken;
  for (const bool winners : {true, false}) {
    for (size_t i = 0; i < palette.entries.size(); ++i) {
      std::string& name = palette.entries[i].name;
      if (name.empty() || (EntryAt(winner, i).name == name) != winners) continue;
      if (taken.insert(name).second) continue;
      picker.AddConflict(StrCat("palette[", i, "]"));
      name.clear();
    }
  }
}

RefPtr<const Palette> MergePalettes(const RefPtr<const Palette>& base,
                                    const RefPtr<const Palette>& ours,
                                    const RefPtr<const Palette>& theirs, MergePicker& picker) {
  if (theirs == base || theirs == ours) return ours;
  if (ours == base) return theirs;
  const Palette& b = OrDefault(base);
  const Palette& o = OrDefault(ours);
  const Palette& t = OrDefault(theirs);
  auto merged = MakeRef<Palette>();
  const size_t most = std::max({b.entries.size(), o.entries.size(), t.entries.size()});
  size_t used = o.entries.size() == b.entries.size() ? t.entries.size() : o.entries.size();
  for (size_t i = 0; i < most; ++i) {
    merged->entries.push_back(
        picker.Pick(EntryAt(b, i), EntryAt(o, i), EntryAt(t, i), StrCat("palette[", i, "]")));
    if (merged->entries.back() != PaletteEntry()) used = std::max(used, i + 1);
  }
  merged->entries.resize(used);
  DropRepeatedNames(picker.theirs_win() ? t : o, picker, *merged);
  merged->materials = picker.PickMap(b.materials, o.materials, t.materials, "material");
  if (ours && *merged == o) return ours;
  if (!ours && *merged == Palette()) return ours;
  return merged;
}

// Cameras as a map, so that they can be merged one by one.
std::map<std::string, SceneCamera> ByName(const Stage& stage) {
  std::map<std::string, SceneCamera> cameras;
  for (const SceneCamera& camera : stage.cameras) cameras[camera.name] = camera;
  return cameras;
}

RefPtr<const Stage> MergeStages(const RefPtr<const Stage>& base, const RefPtr<const Stage>& ours,
                                const RefPtr<const Stage>& theirs, MergePicker& picker) {
  if (theirs == base || theirs == ours) return ours;
  if (ours == base) return theirs;
  const Stage& b = OrDefault(base);
  const Stage& o = OrDefault(ours);
  const Stage& t = OrDefault(theirs);
  std::map<std::string, SceneCamera> cameras =
      picker.PickMap(ByName(b), ByName(o), ByName(t), "camera");
  auto merged = MakeRef<Stage>();
  for (const Stage* side : {&o, &t}) {  // ours stay where they are, theirs come behind
    for (const SceneCamera& camera : side->cameras) {
      const auto found = cameras.find(camera.name);
      if (found == cameras.end()) continue;
      merged->cameras.push_back(std::move(found->second));
      cameras.erase(found);
    }
  }
  merged->light = picker.Pick(b.light, o.light, t.light, "light");
  if (*merged == o) return ours;
  return merged;
}

// A selection that compares by the voxels it holds.
struct ChosenVoxels {
  RefPtr<const Selection> selection;

  friend bool operator==(const ChosenVoxels& a, const ChosenVoxels& b) {
    return a.selection == b.selection || SameVoxels(a.selection->voxels, b.selection->voxels);
  }
};

std::map<std::string, ChosenVoxels> ById(const std::vector<RefPtr<const Selection>>& selections) {
  std::map<std::string, ChosenVoxels> chosen;
  for (const RefPtr<const Selection>& selection : selections) chosen[selection->id] = {selection};
  return chosen;
}

}  // namespace

void MergeSettings(const Document& base, const Document& ours, const Document& theirs,
                   MergePicker& picker, Document& result) {
  result.title = picker.Pick(base.title, ours.title, theirs.title, "title");
  result.labels = picker.PickMap(base.labels, ours.labels, theirs.labels, "label");
  result.palette = MergePalettes(base.palette, ours.palette, theirs.palette, picker);
  result.stage = MergeStages(base.stage, ours.stage, theirs.stage, picker);
  result.scene = picker.Pick(base.scene, ours.scene, theirs.scene, "scene graph");
  result.selections.clear();
  for (auto& [id, chosen] : picker.PickMap(ById(base.selections), ById(ours.selections),
                                           ById(theirs.selections), "selection")) {
    result.selections.push_back(chosen.selection);
  }
  result.merged = ours.merged;
  for (const auto& [uid, revision] : theirs.merged) {
    int64_t& known = result.merged[uid];
    known = std::max(known, revision);
  }
}

}  // namespace voxel
