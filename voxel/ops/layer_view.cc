#include "voxel/ops/layer_view.h"

#include <optional>

#include "voxel/ops/relocate.h"

namespace voxel {

absl::StatusOr<Volume> ViewFrom(const LayerSpace& space, const Volume& volume,
                                const Transform& placement, const TaskContext& context) {
  if (volume.empty()) return volume;
  const WideTransform map = space.to_local() * WideTransform::Of(placement);
  if (map.rotation == Rotation() && map.offset[0] == 0 && map.offset[1] == 0 &&
      map.offset[2] == 0) {
    return volume;
  }
  Block target = map.Apply(BlockOf(volume.Bounds()));
  for (int i = 0; i < 3; ++i) target[i] = target[i].Intersection(BlockOf(kWorld)[i]);
  if (target.empty()) return Volume();
  Relocation relocation;
  relocation.source = BoxOf(map.Inverse().Apply(target));
  relocation.map = map.Narrow();
  EditCount unused;
  return Relocate(volume, Volume(), relocation, Mode::kReplace, std::nullopt, context, unused);
}

}  // namespace voxel
