#include "voxel/render/camera.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "voxel/base/error.h"

namespace voxel {
namespace {

Orientation Parse(std::string_view name) {
  const absl::StatusOr<Orientation> view = ParseView(name, "views[0]");
  EXPECT_TRUE(view.ok()) << view.status();
  return view.ok() ? *view : Orientation();
}

void ExpectNear(Vec3 a, Vec3 b, const std::string& what) {
  for (int axis = 0; axis < 3; ++axis) EXPECT_NEAR(a[axis], b[axis], 1e-12) << what << " " << axis;
}

TEST(CameraTest, NamedViewsLookAsDocumented) {
  struct Case {
    const char* name;
    Vec3 forward, right, up;
  };
  const Case cases[] = {
      {"front", {0, 1, 0}, {1, 0, 0}, {0, 0, 1}},
      {"back", {0, -1, 0}, {-1, 0, 0}, {0, 0, 1}},
      {"left", {1, 0, 0}, {0, -1, 0}, {0, 0, 1}},
      {"right", {-1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
      {"top", {0, 0, -1}, {1, 0, 0}, {0, 1, 0}},
      {"bottom", {0, 0, 1}, {1, 0, 0}, {0, -1, 0}},
      {"iso", Normalize({-1, 1, -1}), Normalize({1, 1, 0}), Normalize({-1, 1, 2})},
  };
  for (const Case& c : cases) {
    const Orientation view = Parse(c.name);
    ExpectNear(view.forward, c.forward, c.name);
    ExpectNear(view.right, c.right, c.name);
    ExpectNear(view.up, c.up, c.name);
    EXPECT_EQ(view.zoom, 1);
  }
}

TEST(CameraTest, OrbitsMeetTheNamedViews) {
  const char* const pairs[][2] = {{"front", "orbit:0,0"},  {"right", "orbit:90,0"},
                                  {"back", "orbit:180,0"}, {"left", "orbit:-90,0"},
                                  {"top", "orbit:0,90"},   {"bottom", "orbit:360,-90"},
                                  {"left", "orbit:270,0"}, {"iso", "orbit:45,35.264389682754654"}};
  for (const auto& [name, orbit] : pairs) {
    ExpectNear(Parse(name).forward, Parse(orbit).forward, orbit);
    ExpectNear(Parse(name).right, Parse(orbit).right, orbit);
    ExpectNear(Parse(name).up, Parse(orbit).up, orbit);
  }
}

TEST(CameraTest, OrbitsAreRightHandedUnitVectors) {
  for (const char* name : {"orbit:17,33", "orbit:-200,-71.5,2.5", "orbit:359,89,0.1", "iso"}) {
    const Orientation view = Parse(name);
    EXPECT_NEAR(Dot(view.right, view.right), 1, 1e-12);
    EXPECT_NEAR(Dot(view.up, view.up), 1, 1e-12);
    EXPECT_NEAR(Dot(view.right, view.up), 0, 1e-12);
    ExpectNear(Cross(view.right, view.up), view.forward * -1, name);
  }
  EXPECT_EQ(Parse("orbit:1,2,2.5").zoom, 2.5);
}

TEST(CameraTest, OtherNamesAreRefusedWithTheAcceptedForms) {
  for (const char* name : {"",
                           "Front",
                           "front ",
                           "orbit",
                           "orbit:",
                           "orbit:1",
                           "orbit:1,",
                           "orbit:,1",
                           "orbit:1,2,",
                           "orbit:1,2,3,4",
                           "orbit:1;2",
                           "orbit: 1,2",
                           "orbit:nan,0",
                           "orbit:0,inf",
                           "orbit:361,0",
                           "orbit:0,90.5",
                           "orbit:0,0,0.09",
                           "orbit:0,0,101",
                           "orbit:0,0,nan",
                           "orbit:1e999,0",
                           "orbit:1,2x"}) {
    const absl::StatusOr<Orientation> view = ParseView(name, "views[3]");
    ASSERT_FALSE(view.ok()) << name;
    EXPECT_EQ(ReasonOf(view.status()), "INVALID_FIELD");
    EXPECT_EQ(FieldOf(view.status()), "views[3]");
    const std::string message(view.status().message());
    EXPECT_NE(message.find(std::string("\"") + name + "\""), std::string::npos) << message;
    EXPECT_NE(message.find("iso, orbit:AZIMUTH,ELEVATION[,ZOOM]"), std::string::npos) << message;
  }
}

TEST(CameraTest, FittedBoxesFillThePictureAndStayInside) {
  const Box boxes[] = {{{-5, 3, 9}, {7, 4, 90}}, {{0, 0, 0}, {1, 1, 1}}, kWorld};
  for (const Box& box : boxes) {
    for (const char* name : {"front", "top", "iso", "orbit:20,-40"}) {
      const Camera camera = FitCamera(Parse(name), box, box.min, 300, 200);
      double most_x = 0;
      double most_y = 0;
      for (int corner = 0; corner < 8; ++corner) {
        Vec3 at;
        for (int axis = 0; axis < 3; ++axis) {
          at[axis] = (corner >> axis & 1) != 0 ? double(box.Size(axis)) : 0;
        }
        const Vec3 from = at - camera.center;
        const double scale = camera.pixels_per_voxel;
        most_x = std::max(most_x, std::abs(Dot(from, camera.orientation.right)) * scale / 150);
        most_y = std::max(most_y, std::abs(Dot(from, camera.orientation.up)) * scale / 100);
      }
      EXPECT_NEAR(std::max(most_x, most_y), 0.92, 1e-9) << name;
      EXPECT_LE(std::min(most_x, most_y), 0.92 + 1e-9) << name;
    }
  }
}

TEST(CameraTest, ZoomShowsASmallerPart) {
  const Box box{{0, 0, 0}, {10, 10, 10}};
  const Camera far = FitCamera(Parse("orbit:30,20"), box, {}, 100, 100);
  const Camera near = FitCamera(Parse("orbit:30,20,4"), box, {}, 100, 100);
  EXPECT_NEAR(near.pixels_per_voxel, 4 * far.pixels_per_voxel, 1e-9);
}

TEST(CameraTest, RayOriginsRunWithThePicture) {
  const Camera camera = FitCamera(Parse("front"), {{0, 0, 0}, {10, 10, 10}}, {}, 100, 100);
  const Vec3 middle = camera.RayOrigin(50, 50);
  ExpectNear(middle, {5, 5, 5}, "middle");
  EXPECT_GT(camera.RayOrigin(60, 50).x, middle.x);
  EXPECT_LT(camera.RayOrigin(50, 60).z, middle.z);
}

}  // namespace
}  // namespace voxel
