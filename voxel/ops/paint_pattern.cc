#include "voxel/ops/paint_pattern.h"

#include "voxel/base/status_macros.h"
#include "voxel/ops/box_shape.h"
#include "voxel/ops/coverage.h"
#include "voxel/ops/shape_region.h"

namespace voxel {
namespace {

constexpr int64_t kWorldSize = int64_t{kMaxCoord} - kMinCoord;
constexpr int64_t kRegionSize = 1024;  // from here down cubes have quarters of their size

void And(BrickMask& mask, const BrickMask& by) {
  for (size_t i = 0; i < mask.words.size(); ++i) mask.words[i] &= by.words[i];
}

class PatternPainter {
 public:
  PatternPainter(const Region& region, const MaskKernel* mask, const Box& box, Mode mode,
                 const PatternKernel& pattern, VolumeEditor& editor, const TaskContext& context,
                 MapCount& count)
      : region_(region),
        mask_(mask),
        box_(box),
        mode_(mode),
        pattern_(pattern),
        before_(editor.Snapshot()),
        editor_(editor),
        context_(context),
        count_(count) {}

  absl::Status Run() { return PaintParts(kWorld.min, kWorldSize); }

 private:
  absl::Status PaintParts(Coord min, int64_t size) {
    const int parts = size > kRegionSize ? 2 : 4;
    const auto part = static_cast<int32_t>(size / parts);
    for (int z = 0; z < parts; ++z) {
      for (int y = 0; y < parts; ++y) {
        for (int x = 0; x < parts; ++x) {
          const Coord corner = min + Coord{x * part, y * part, z * part};
          VOXEL_RETURN_IF_ERROR(PaintCube({corner, corner + Coord{part, part, part}}));
        }
      }
    }
    return absl::OkStatus();
  }

  absl::Status PaintCube(const Box& cube) {
    if (!cube.Intersects(box_)) return absl::OkStatus();
    const Coverage shape = region_.Classify(cube);
    if (shape == Coverage::kOutside) return absl::OkStatus();
    const Coverage mask = mask_ == nullptr ? Coverage::kInside : mask_->Classify(cube);
    if (mask == Coverage::kOutside) return absl::OkStatus();
    if (cube.Size(0) > kBrickSize) return PaintParts(cube.min, cube.Size(0));
    VOXEL_RETURN_IF_ERROR(context_.CheckMemory(editor_.new_bytes()));
    BrickMask inside;
    ShapeRegion(BoxShape(cube.Intersection(box_))).Mask(cube.min, inside);
    if (shape == Coverage::kPartial) {
      BrickMask part;
      region_.Mask(cube.min, part);
      And(inside, part);
    }
    if (mask == Coverage::kPartial) {
      BrickMask part;
      mask_->Fill(cube.min, part);
      And(inside, part);
    }
    PaintBrick(cube.min, inside);
    return absl::OkStatus();
  }

  void PaintBrick(Coord min, const BrickMask& inside) {
    const int covered = inside.Count();
    if (covered == 0) return;
    const Cell cell = before_.CellAt(min);
    if (cell.brick != nullptr) {
      BrickDecode(cell.brick, voxels_);
    } else {
      voxels_.fill(cell.color);
    }
    pattern_.Paint(min, paint_);
    int64_t changed = 0;
    for (int i = 0; i < kBrickVoxels; ++i) {
      if (!inside.Get(i)) continue;
      const Color now = Blend(mode_, voxels_[i], paint_[i]);
      changed += now != voxels_[i];
      voxels_[i] = now;
    }
    count_.inside += covered;
    count_.changed += changed;
    if (changed != 0) editor_.PutBrick(min, voxels_);
  }

  const Region& region_;
  const MaskKernel* const mask_;
  const Box box_;
  const Mode mode_;
  const PatternKernel& pattern_;
  const Volume before_;
  VolumeEditor& editor_;
  const TaskContext& context_;
  MapCount& count_;
  DenseBrick voxels_;
  DenseBrick paint_;
};

}  // namespace

absl::Status PaintPattern(const Region& region, const MaskKernel* mask, const Box& box, Mode mode,
                          const PatternKernel& pattern, VolumeEditor& editor,
                          const TaskContext& context, MapCount& count) {
  return PatternPainter(region, mask, box, mode, pattern, editor, context, count).Run();
}

}  // namespace voxel
