#include "voxel/ops/line.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "voxel/base/status_macros.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/ops/capsule_kernel.h"
#include "voxel/ops/floor_sqrt.h"
#include "voxel/ops/volume_region.h"

namespace voxel {
namespace {

constexpr int64_t kStepsBetweenChecks = 4096;

int64_t Steps(Coord from, Coord to) {
  int64_t longest = 0;
  for (int i = 0; i < 3; ++i) longest = std::max(longest, std::abs(int64_t{to[i]} - from[i]));
  return longest;
}

// Voxel `step` of `steps` (at least 1) along one axis.
int32_t At(int64_t from, int64_t to, int64_t step, int64_t steps) {
  const int64_t distance = std::abs(to - from);
  // Rounds half down: the absolute value is what makes it the same in both directions of the axis.
  const int64_t moved = (2 * distance * step + steps - 1) / (2 * steps);
  return static_cast<int32_t>(to >= from ? from + moved : from - moved);
}

absl::Status DrawThin(Coord from, Coord to, VolumeEditor& editor, const TaskContext& context) {
  const int64_t steps = std::max<int64_t>(Steps(from, to), 1);
  for (int64_t step = 0; step <= steps; ++step) {
    editor.Set({At(from.x, to.x, step, steps), At(from.y, to.y, step, steps),
                At(from.z, to.z, step, steps)},
               kInk);
    if (step % kStepsBetweenChecks == 0) {
      VOXEL_RETURN_IF_ERROR(context.CheckMemory(editor.new_bytes()));
    }
  }
  return absl::OkStatus();
}

absl::Status DrawThick(Coord from, Coord to, uint32_t radius, VolumeEditor& editor,
                       const TaskContext& context) {
  const CapsuleKernel kernel(from, to, radius);
  MapCount count;
  VOXEL_RETURN_IF_ERROR(editor.MapRegion(kernel.bounds(), kernel, context, count));
  return context.CheckMemory(editor.new_bytes());
}

}  // namespace

int64_t LineVoxelsAtMost(absl::Span<const Coord> points, uint32_t radius) {
  const Int128 width = Int128{2} * radius + 1;
  Int128 total = 0;
  for (size_t i = 0; i < points.size(); ++i) {
    const int64_t steps = i == 0 ? 0 : Steps(points[i - 1], points[i]);
    // A segment is at most sqrt(3) times as long as its longest side, and pi sqrt(3) r^2 < 2 (2r +
    // 1)^2.
    total += radius == 0 ? steps + 1 : (2 * steps + width) * width * width;
    if (total > std::numeric_limits<int64_t>::max()) return std::numeric_limits<int64_t>::max();
  }
  return static_cast<int64_t>(total);
}

absl::StatusOr<Volume> DrawLine(absl::Span<const Coord> points, uint32_t radius,
                                const TaskContext& context) {
  VolumeEditor editor{Volume()};
  for (size_t i = points.size() == 1 ? 0 : 1; i < points.size(); ++i) {
    const Coord from = points[i == 0 ? 0 : i - 1];
    if (radius == 0) {
      VOXEL_RETURN_IF_ERROR(DrawThin(from, points[i], editor, context));
    } else {
      VOXEL_RETURN_IF_ERROR(DrawThick(from, points[i], radius, editor, context));
    }
  }
  return editor.Commit();
}

}  // namespace voxel
