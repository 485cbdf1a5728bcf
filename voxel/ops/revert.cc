// RevertChange: undoing one change under later ones.
#include <utility>

#include "voxel/base/status_macros.h"
#include "voxel/grid/diff.h"
#include "voxel/ops/apply.h"
#include "voxel/ops/box_shape.h"
#include "voxel/ops/shape_region.h"

namespace voxel {
namespace {

// Gives the voxels of a cube that hold one colour another.
class RecolorKernel final : public RegionKernel {
 public:
  RecolorKernel(const Box& cube, Color from, Color to)
      : region_(BoxShape(cube)), from_(from), to_(to) {}

  Coverage Classify(const Box& cube) const override { return region_.Classify(cube); }
  void Mask(Coord min, BrickMask& mask) const override { region_.Mask(min, mask); }
  void MapInside(Color* colors, int n) const override {
    std::replace(colors, colors + n, from_, to_);
  }

 private:
  ShapeRegion<BoxShape> region_;
  Color from_;
  Color to_;
};

void Decode(const Cell& cell, DenseBrick& out) {
  if (cell.brick != nullptr) {
    BrickDecode(cell.brick, out);
  } else {
    out.fill(cell.color);
  }
}

bool Same(const Cell& a, const Cell& b) {
  return a.brick == b.brick && (a.brick != nullptr || a.color == b.color);
}

class Reverter {
 public:
  Reverter(const Volume& current, const TaskContext& context, RevertResult& result)
      : current_(current), context_(context), result_(result), editor_(current) {}

  absl::StatusOr<Volume> Run(const Volume& before, const Volume& after) {
    absl::Status status;
    ForEachChangedCell(before, after, kWorld, [&](const Cell& old_cell, const Cell& new_cell) {
      status = context_.Check();
      if (status.ok()) status = RevertCell(old_cell, new_cell);
      return status.ok();
    });
    if (!status.ok()) return status;
    return editor_.Commit();
  }

 private:
  absl::Status RevertCell(const Cell& before, const Cell& after) {
    if (before.brick == nullptr && after.brick == nullptr) {
      MapCount count;
      const RecolorKernel kernel(before.box(), after.color, before.color);
      VOXEL_RETURN_IF_ERROR(editor_.MapRegion(before.box(), kernel, context_, count));
      result_.reverted += count.changed;
      result_.conflicts += count.inside - count.changed;
      return absl::OkStatus();
    }
    RevertBrick(before, after);
    return absl::OkStatus();
  }

  void RevertBrick(const Cell& before, const Cell& after) {
    Decode(before, before_);
    Decode(after, after_);
    const Cell now = current_.CellAt(before.min);
    Decode(now, now_);
    int64_t reverted = 0;
    for (int i = 0; i < kBrickVoxels; ++i) {
      if (before_[i] == after_[i]) continue;
      if (now_[i] != after_[i]) {
        ++result_.conflicts;
        continue;
      }
      now_[i] = before_[i];
      ++reverted;
    }
    result_.reverted += reverted;
    if (Same(now, after) && before.brick != nullptr) {
      editor_.ShareBrick(before.min, before.brick);  // nobody has been here: the old brick itself
    } else if (reverted > 0) {
      editor_.PutBrick(before.min, now_);
    }
  }

  const Volume& current_;
  const TaskContext& context_;
  RevertResult& result_;
  VolumeEditor editor_;
  DenseBrick before_;
  DenseBrick after_;
  DenseBrick now_;
};

const Volume& VolumeOf(const Document& document, const std::string& id, const Volume& none) {
  const int index = document.Find(id);
  return index < 0 ? none : document.layers[index]->volume;
}

// Undoes the change of one layer in `result.document`, which becomes a new one if a voxel goes
// back.
absl::Status RevertLayer(const std::string& id, const Document& before, const Document& after,
                         const TaskContext& context, RevertResult& result) {
  const Volume none;
  const Volume& old_volume = VolumeOf(before, id, none);
  const Volume& new_volume = VolumeOf(after, id, none);
  if (old_volume.SharesRoot(new_volume)) return absl::OkStatus();
  const int index = result.document->Find(id);
  if (index < 0) {
    VOXEL_ASSIGN_OR_RETURN(const VolumeDiff diff, Diff(old_volume, new_volume, context));
    result.conflicts += diff.total();
    return absl::OkStatus();
  }
  const Layer& layer = *result.document->layers[index];
  const int64_t reverted = result.reverted;
  VOXEL_ASSIGN_OR_RETURN(Volume volume,
                         Reverter(layer.volume, context, result).Run(old_volume, new_volume));
  if (result.reverted == reverted) return absl::OkStatus();
  auto* changed = new Layer(layer);
  changed->volume = std::move(volume);
  RefPtr<Document> document = MakeRef<Document>(*result.document);
  document->ReplaceLayer(index, RefPtr<const Layer>::Adopt(changed));
  result.document = RefPtr<const Document>::Adopt(document.release());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RevertResult> RevertChange(const Document& before, const Document& after,
                                          RefPtr<const Document> current,
                                          const TaskContext& context) {
  RevertResult result;
  result.document = std::move(current);
  // Linked layers follow their originals. A layer that became linked or ceased to be has no voxels
  // of its own to revert.
  const auto own = [](const RefPtr<const Layer>& layer) { return layer->linked_to.empty(); };
  for (const RefPtr<const Layer>& layer : after.layers) {
    if (own(layer)) VOXEL_RETURN_IF_ERROR(RevertLayer(layer->id, before, after, context, result));
  }
  for (const RefPtr<const Layer>& layer : before.layers) {
    if (!own(layer) || after.Find(layer->id) >= 0) continue;
    VOXEL_RETURN_IF_ERROR(RevertLayer(layer->id, before, after, context, result));
  }
  return result;
}

}  // namespace voxel
