#include "tests/voxel/grid/pinned_volume.h"

#include <vector>

#include "gtest/gtest.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {

void PinnedVolume::CheckBox(const Box& box) const {
  if (box == BoxAt(box.min)) {  // the common case, and Get is the quicker way
    ASSERT_EQ(volume.Get(box.min), model.Get(box.min));
    return;
  }
  std::vector<Color> got(static_cast<size_t>(box.Voxels()));
  volume.ReadBox(box, got.data());
  const Color* color = got.data();
  for (int32_t z = box.min.z; z < box.max.z; ++z) {
    for (int32_t y = box.min.y; y < box.max.y; ++y) {
      for (int32_t x = box.min.x; x < box.max.x; ++x, ++color) {
        ASSERT_TRUE(*color == model.Get({x, y, z})) << x << "," << y << "," << z;
      }
    }
  }
}

void PinnedVolume::CheckAll() const {
  ASSERT_EQ(volume.CountVoxels(), model.CountVoxels());
  ASSERT_EQ(volume.Bounds(), model.Bounds());
  model.ForEachCube([&](Coord min, const ModelVolume::Cube& cube) {
    constexpr int kSize = ModelVolume::kCubeSize;
    ModelVolume::Cube got;
    volume.ReadBox({min, min + Coord{kSize, kSize, kSize}}, got.data());
    ASSERT_TRUE(got == cube) << "the cube at " << min.x << "," << min.y << "," << min.z;
  });
}

void PinnedVolume::CheckHash() const {
  VolumeEditor again{Volume()};
  VolumeReader reader(volume);
  model.ForEach([&](Coord c, Color color) {
    ASSERT_EQ(reader.Get(c), color) << c.x << "," << c.y << "," << c.z;
    again.Set(c, color);
  });
  ASSERT_EQ(again.Commit().ContentHash(), volume.ContentHash());
}

}  // namespace voxel
