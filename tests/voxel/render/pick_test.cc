#include "voxel/render/pick.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "voxel/base/error.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/image/image.h"

namespace voxel {
namespace {

// One of seven colours by position: some channels full, the others 0. Light dims channels, so a
// pixel still says which ones its voxel has.
Color ColorFor(Coord c) {
  const uint32_t mixed = static_cast<uint32_t>(c.x) * 0x9E3779B1u ^
                         static_cast<uint32_t>(c.y) * 0x85EBCA77u ^
                         static_cast<uint32_t>(c.z) * 0xC2B2AE3Du;
  const uint32_t channels = 1 + (mixed >> 13) % 7;
  return Rgba((channels & 1) * 255, (channels >> 1 & 1) * 255, (channels >> 2) * 255);
}

uint32_t ChannelsOf(uint32_t pixel) {
  return (Red(pixel) > 0 ? 1 : 0) | (Green(pixel) > 0 ? 2 : 0) | (Blue(pixel) > 0 ? 4 : 0);
}

// A ball, a slab with holes and a distant post, all of many colours.
Volume Scene(Coord at) {
  VolumeEditor editor{Volume()};
  const auto set = [&](int32_t x, int32_t y, int32_t z) {
    editor.Set(at + Coord{x, y, z}, ColorFor({x, y, z}));
  };
  for (int32_t z = -9; z <= 9; ++z) {
    for (int32_t y = -9; y <= 9; ++y) {
      for (int32_t x = -9; x <= 9; ++x) {
        if (x * x + y * y + z * z <= 80) set(x, y, z + 14);
      }
    }
  }
  for (int32_t y = -14; y < 14; ++y) {
    for (int32_t x = -14; x < 14; ++x) {
      if ((x * 5 + y * 3) % 7 != 0) set(x, y, 0);
    }
  }
  for (int32_t z = 0; z < 20; ++z) set(30, -20, z);
  return editor.Commit();
}

ViewRequest Request(std::vector<std::string> views, int32_t side) {
  ViewRequest request;
  request.views = std::move(views);
  request.width = side;
  request.height = side - 5;
  request.background = 0;
  request.labels = false;
  return request;
}

PickedVoxel Picked(const Volume& volume, const ViewRequest& request, uint32_t x, uint32_t y) {
  const auto picked = PickVoxel(volume, request, x, y, TaskContext());
  EXPECT_TRUE(picked.ok()) << picked.status();
  return picked.ok() ? *picked : PickedVoxel();
}

constexpr const char* kViews[] = {
    "front", "back", "left", "right", "top", "bottom", "iso", "orbit:33,21,1.7", "camera:door"};

// A camera that looks at the scene from nearby, askew.
SceneCamera Door(Coord at) {
  SceneCamera camera;
  camera.name = "door";
  camera.target = {double(at.x), double(at.y), double(at.z) + 8};
  camera.azimuth = 30;
  camera.elevation = 25;
  camera.roll = 15;
  camera.distance = 40;
  return camera;
}

TEST(PickTest, EveryPixelShowsTheVoxelThatIsPickedThere) {
  for (const Coord at : {Coord{0, 0, 0}, Coord{kMaxCoord - 40, kMinCoord + 40, 1000}}) {
    const Volume volume = Scene(at);
    for (const char* view : kViews) {
      ViewRequest request = Request({view}, 44);  // too small for smoothed outlines
      request.cameras = {Door(at)};
      const Image image = *RenderViews(volume, request, TaskContext());
      for (int32_t y = 0; y < image.height; ++y) {
        for (int32_t x = 0; x < image.width; ++x) {
          const PickedVoxel picked = Picked(volume, request, uint32_t(x), uint32_t(y));
          const uint32_t pixel = image.at(x, y);
          ASSERT_EQ(picked.hit, Alpha(pixel) != 0) << view << " " << x << "," << y;
          if (!picked.hit) continue;
          ASSERT_EQ(ChannelsOf(pixel), ChannelsOf(ColorFor(picked.position - at)))
              << view << " " << x << "," << y;
          EXPECT_EQ(picked.color, volume.Get(picked.position));
          EXPECT_EQ(volume.Get(picked.position + picked.normal), kAir) << "a face that is seen";
        }
      }
    }
  }
}

TEST(PickTest, CamerasAreLookedThrough) {
  VolumeEditor editor{Volume()};
  editor.Set({70, 3, 9}, 0x102030FF);
  editor.Set({-70, 3, 9}, 0x102030FF);
  const Volume volume = editor.Commit();
  ViewRequest request = Request({"front", "camera:door"}, 65);
  request.cameras.resize(1);
  request.cameras[0].name = "door";
  request.cameras[0].target = {70.5, 3, 9.5};
  request.cameras[0].distance = 10;
  const PickedVoxel picked = Picked(volume, request, 65 + 32, 30);  // the middle
  EXPECT_EQ(picked.view, "camera:door");
  EXPECT_EQ(picked.position, (Coord{70, 3, 9}));
  EXPECT_EQ(picked.normal, (Coord{0, -1, 0}));
  EXPECT_FALSE(Picked(volume, request, 32, 30).hit) << "the front view is fitted to both";
  request.views = {"camera:window"};
  EXPECT_EQ(FieldOf(PickVoxel(volume, request, 0, 0, TaskContext()).status()), "views[0]");
}

TEST(PickTest, SmoothedPicturesShowItAwayFromOutlines) {
  const Volume volume = Scene({5, -7, 0});
  ViewRequest request = Request({"iso"}, 230);
  request.focus = Box{{-4, -16, 5}, {14, 2, 23}};  // the ball, near enough for large voxels
  const Image image = *RenderViews(volume, request, TaskContext());
  std::vector<PickedVoxel> picks;
  for (int32_t y = 0; y < image.height; ++y) {
    for (int32_t x = 0; x < image.width; ++x) {
      picks.push_back(Picked(volume, request, uint32_t(x), uint32_t(y)));
    }
  }
  int compared = 0;
  for (int32_t y = 1; y + 1 < image.height; ++y) {
    for (int32_t x = 1; x + 1 < image.width; ++x) {
      const PickedVoxel& here = picks[size_t(y * image.width + x)];
      bool inside = here.hit;
      for (int32_t dy = -1; dy <= 1; ++dy) {
        for (int32_t dx = -1; dx <= 1; ++dx) {
          const PickedVoxel& other = picks[size_t((y + dy) * image.width + x + dx)];
          inside = inside && other.hit && other.position == here.position;
        }
      }
      if (!inside) continue;
      ++compared;
      ASSERT_EQ(ChannelsOf(image.at(x, y)), ChannelsOf(here.color)) << x << "," << y;
    }
  }
  EXPECT_GT(compared, 1000);
}

TEST(PickTest, TheFaceLooksAtTheViewer) {
  const std::map<std::string, Coord> normals = {{"front", {0, -1, 0}}, {"back", {0, 1, 0}},
                                                {"left", {-1, 0, 0}},  {"right", {1, 0, 0}},
                                                {"top", {0, 0, 1}},    {"bottom", {0, 0, -1}}};
  VolumeEditor editor{Volume()};
  editor.PutCube({0, 0, 0}, 16, 0x808080FF);
  const Volume volume = editor.Commit();
  for (const auto& [view, normal] : normals) {
    const PickedVoxel picked = Picked(volume, Request({view}, 64), 32, 29);
    EXPECT_TRUE(picked.hit);
    EXPECT_EQ(picked.normal, normal) << view;
  }
}

TEST(PickTest, InAGridThePixelSaysTheView) {
  const Volume volume = Scene({0, 0, 0});
  const ViewRequest request = Request({"front", "top", "right"}, 64);
  const auto alone = [&](const char* view) { return Picked(volume, Request({view}, 64), 30, 20); };
  EXPECT_EQ(Picked(volume, request, 30, 20).view, "front");
  EXPECT_EQ(Picked(volume, request, 64 + 30, 20).view, "top");
  EXPECT_EQ(Picked(volume, request, 64 + 30, 20).position, alone("top").position);
  EXPECT_EQ(Picked(volume, request, 30, 59 + 20).view, "right");
  EXPECT_EQ(Picked(volume, request, 30, 59 + 20).position, alone("right").position);
  const PickedVoxel gap = Picked(volume, request, 64 + 30, 59 + 20);
  EXPECT_EQ(gap.view, "");
  EXPECT_FALSE(gap.hit);
}

TEST(PickTest, GlassIsPickedBeforeWhatItShows) {
  VolumeEditor editor{Volume()};
  editor.PutCube({0, 0, 0}, 16, 0x3060D001);
  editor.PutCube({0, 16, 0}, 16, 0x808080FF);
  const PickedVoxel picked = Picked(editor.Commit(), Request({"front"}, 64), 32, 29);
  EXPECT_EQ(picked.color, 0x3060D001u);
  EXPECT_EQ(picked.position.y, 0);
}

TEST(PickTest, NothingIsThereAndPixelsOutsideAreRefused) {
  const PickedVoxel picked = Picked(Volume(), Request({"iso"}, 64), 3, 3);
  EXPECT_FALSE(picked.hit);
  EXPECT_EQ(picked.view, "iso");
  const auto refused = [](uint32_t x, uint32_t y) {
    return FieldOf(PickVoxel(Volume(), Request({"iso"}, 64), x, y, TaskContext()).status());
  };
  EXPECT_EQ(refused(64, 0), "x");
  EXPECT_EQ(refused(0, 59), "y");
  EXPECT_EQ(refused(63, 58), "");
}

}  // namespace
}  // namespace voxel
