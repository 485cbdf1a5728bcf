#include "voxel/grid/brick_palette.h"

#include "voxel/grid/brick_rep.h"

namespace voxel {

absl::Span<const Color> BrickPalette(const Brick* brick) {
  if (brick->width() == Brick::Width::kRaw) return {};
  return {brick->palette(), brick->colors};
}

}  // namespace voxel
