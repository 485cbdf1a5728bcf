#include "voxel/ops/masked_change.h"

#include "voxel/base/status_macros.h"
#include "voxel/grid/diff.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

void Decode(const Cell& cell, DenseBrick& out) {
  if (cell.brick != nullptr) {
    BrickDecode(cell.brick, out);
  } else {
    out.fill(cell.color);
  }
}

// The part of a uniform cell at `min`.
Cell PartOf(const Cell& cell, Coord min, int32_t size) { return {min, size, cell.color, nullptr}; }

class Restorer {
 public:
  Restorer(const Volume& after, const MaskKernel& mask, const TaskContext& context)
      : editor_(after), mask_(mask), context_(context) {}

  // Puts back what the mask leaves out. REQUIRES: equally placed cells; uniform if larger than a
  // brick.
  absl::Status Restore(const Cell& before, const Cell& after) {
    const Coverage coverage = mask_.Classify(before.box());
    if (coverage == Coverage::kInside) return absl::OkStatus();
    VOXEL_RETURN_IF_ERROR(context_.CheckMemory(editor_.new_bytes()));
    if (coverage == Coverage::kOutside) {
      PutBack(before);
    } else if (before.size == kBrickSize) {
      RestoreBrick(before, after);
    } else {
      return RestoreParts(before, after);
    }
    return absl::OkStatus();
  }
  Volume Commit() { return editor_.Commit(); }

 private:
  void PutBack(const Cell& before) {
    if (before.brick != nullptr) {
      editor_.ShareBrick(before.min, before.brick);
    } else {
      editor_.PutCube(before.min, before.size, before.color);
    }
  }
  absl::Status RestoreParts(const Cell& before, const Cell& after) {
    const int32_t size = before.size / 4;
    for (int i = 0; i < 64; ++i) {
      const Coord min = before.min + Coord{(i & 3) * size, (i >> 2 & 3) * size, (i >> 4) * size};
      VOXEL_RETURN_IF_ERROR(Restore(PartOf(before, min, size), PartOf(after, min, size)));
    }
    return absl::OkStatus();
  }
  void RestoreBrick(const Cell& before, const Cell& after) {
    BrickMask inside;
    mask_.Fill(before.min, inside);
    Decode(before, old_);
    Decode(after, new_);
    for (int i = 0; i < kBrickVoxels; ++i) {
      if (!inside.Get(i)) new_[i] = old_[i];
    }
    editor_.PutBrick(before.min, new_);
  }

  VolumeEditor editor_;
  const MaskKernel& mask_;
  const TaskContext& context_;
  DenseBrick old_;
  DenseBrick new_;
};

}  // namespace

absl::StatusOr<Volume> MaskedChange(const Volume& before, const Volume& after,
                                    const MaskKernel& mask, const TaskContext& context) {
  Restorer restorer(after, mask, context);
  absl::Status status;
  ForEachChangedCell(before, after, kWorld, [&](const Cell& old_cell, const Cell& new_cell) {
    status = restorer.Restore(old_cell, new_cell);
    return status.ok();
  });
  if (!status.ok()) return status;
  return restorer.Commit();
}

}  // namespace voxel
