#include "voxel/render/view.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "voxel/base/error.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

constexpr uint32_t kPaper = 0xF2F2F2FF;
constexpr Color kGrey = 0xA0A0A0FF;

Volume With(const std::map<Coord, Color>& voxels) {
  VolumeEditor editor{Volume()};
  for (const auto& [at, color] : voxels) editor.Set(at, color);
  return editor.Commit();
}

void Fill(VolumeEditor& editor, const Box& box, Color color) {
  for (int32_t z = box.min.z; z < box.max.z; ++z) {
    for (int32_t y = box.min.y; y < box.max.y; ++y) {
      for (int32_t x = box.min.x; x < box.max.x; ++x) editor.Set({x, y, z}, color);
    }
  }
}

// Hills with a red ball over them and a pool of glass.
Volume Landscape() {
  VolumeEditor editor{Volume()};
  for (int32_t y = -40; y < 40; ++y) {
    for (int32_t x = -40; x < 40; ++x) {
      const int32_t height = 6 + (x * x - y * y) / 300 + (x * 7 + y * 13) % 3;
      Fill(editor, {{x, y, -4}, {x + 1, y + 1, height}}, (x ^ y) & 4 ? 0x4F9F3FFF : 0x6FAF4FFF);
    }
  }
  for (int32_t z = 10; z < 40; ++z) {
    for (int32_t y = -15; y < 15; ++y) {
      for (int32_t x = -15; x < 15; ++x) {
        if (x * x + y * y + (z - 25) * (z - 25) < 200) editor.Set({x, y, z}, 0xD04030FF);
      }
    }
  }
  Fill(editor, {{20, -30, 0}, {36, -20, 14}}, 0x3060D060);
  return editor.Commit();
}

ViewRequest Plain(std::vector<std::string> views, int32_t side) {
  ViewRequest request;
  request.views = std::move(views);
  request.width = side;
  request.height = side;
  request.labels = false;
  return request;
}

Image Render(const Volume& volume, const ViewRequest& request, int threads = 1) {
  TaskContext context;
  context.threads = threads;
  absl::StatusOr<Image> image = RenderViews(volume, request, context);
  EXPECT_TRUE(image.ok()) << image.status();
  return image.ok() ? *std::move(image) : Image();
}

int Painted(const Image& image) {
  int n = 0;
  for (const uint32_t pixel : image.pixels) n += pixel != kPaper;
  return n;
}

int Brightness(uint32_t pixel) { return int(Red(pixel) + Green(pixel) + Blue(pixel)); }

uint64_t HashOf(const Image& image) {  // FNV-1a over the pixels
  uint64_t hash = 14695981039346656037u;
  for (const uint32_t pixel : image.pixels) hash = (hash ^ pixel) * 1099511628211u;
  return hash;
}

TEST(ViewTest, OneVoxelFromTheFrontIsASquare) {
  const Image image = Render(With({{{5, -3, 70}, kGrey}}), Plain({"front"}, 512));
  // 92 % of 512 is 471.04: the border pixels at both ends are touched.
  EXPECT_EQ(Painted(image), 472 * 472);
  EXPECT_EQ(image.at(19, 256), kPaper);
  EXPECT_NE(image.at(20, 256), kPaper);
}

TEST(ViewTest, OneVoxelFromTheIsoViewIsAHexagon) {
  const Image image = Render(With({{{0, 0, 0}, kGrey}}), Plain({"iso"}, 512));
  const double scale = 512 * 0.92 / (4 / std::sqrt(6.0));
  EXPECT_NEAR(Painted(image), std::sqrt(3.0) * scale * scale,
              1500);  // half of the outline's pixels
}

TEST(ViewTest, IsoShowsTopBrighterThanFrontBrighterThanRight) {
  const Image image = Render(With({{{0, 0, 0}, kGrey}}), Plain({"iso"}, 512));
  const int top = Brightness(image.at(256, 140));
  const int front = Brightness(image.at(150, 320));
  const int right = Brightness(image.at(360, 320));
  EXPECT_GT(top, front + 20);
  EXPECT_GT(front, right + 20);
}

TEST(ViewTest, EachViewShowsItsOwnFace) {
  // A dark cube with one bright voxel on each side; only the view of that side has it in its
  // middle.
  const std::map<std::string, std::pair<Coord, Color>> sides = {
      {"front", {{0, -2, 0}, 0xFF0000FF}}, {"back", {{0, 2, 0}, 0x00FF00FF}},
      {"left", {{-2, 0, 0}, 0x0000FFFF}},  {"right", {{2, 0, 0}, 0xFFFF00FF}},
      {"top", {{0, 0, 2}, 0x00FFFFFF}},    {"bottom", {{0, 0, -2}, 0xFF00FFFF}}};
  VolumeEditor editor{Volume()};
  Fill(editor, {{-1, -1, -1}, {2, 2, 2}}, 0x202020FF);
  for (const auto& [name, side] : sides) editor.Set(side.first, side.second);
  const Volume volume = editor.Commit();
  for (const auto& [name, side] : sides) {
    const uint32_t pixel = Render(volume, Plain({name}, 101)).at(50, 50);
    for (int shift = 8; shift < 32; shift += 8) {
      const bool bright = (pixel >> shift & 255) > 80;
      EXPECT_EQ(bright, (side.second >> shift & 255) == 255) << name;
    }
  }
}

TEST(ViewTest, FlatFacesAreLitEvenly) {
  // Shadow rays start on the faces themselves, which must not shade them; here they are also the
  // volume's bounds.
  for (const Coord at : {Coord{0, 0, 0}, Coord{-7, 1000, 13}}) {
    VolumeEditor editor{Volume()};
    Fill(editor, {at, at + Coord{30, 30, 30}}, kGrey);
    const Volume volume = editor.Commit();
    const std::pair<const char*, size_t> faces[] = {
        {"front", 1},     {"back", 1},       {"left", 1},      {"right", 1},
        {"top", 1},       {"bottom", 1},     {"iso", 3},       {"orbit:20,30", 3},
        {"orbit:0,5", 2}, {"orbit:0,33", 2}, {"orbit:90,7", 2}};
    for (const auto& [view, count] : faces) {
      std::map<uint32_t, int> tones;
      for (const uint32_t pixel : Render(volume, Plain({view}, 47)).pixels) ++tones[pixel];
      EXPECT_EQ(tones.size(), count + 1) << view;  // and the background
    }
  }
}

TEST(ViewTest, CornersBesideWallsAreDarker) {
  VolumeEditor editor{Volume()};
  Fill(editor, {{0, 0, 0}, {9, 9, 1}}, kGrey);
  const Image open = Render(editor.Snapshot(), Plain({"top"}, 91));
  editor.Set({4, 5, 1}, kGrey);
  const Image walled = Render(editor.Commit(), Plain({"top"}, 91));
  // Just below the wall's foot, on the side away from the sun's shadow; and far from it.
  EXPECT_LT(Brightness(walled.at(45, 43)), Brightness(open.at(45, 43)) - 15);
  EXPECT_EQ(walled.at(10, 80), open.at(10, 80));
}

TEST(ViewTest, ThingsCastShadowsAwayFromTheSun) {
  VolumeEditor editor{Volume()};
  Fill(editor, {{0, 0, 0}, {21, 21, 1}}, kGrey);
  editor.Set({10, 10, 6}, kGrey);  // floats: no occlusion on the floor
  const Image image = Render(editor.Commit(), Plain({"top"}, 210));
  std::map<int, int> tones;
  for (const uint32_t pixel : image.pixels) ++tones[Brightness(pixel)];
  // The sun is at the picture's upper left or lower left, so that the shadow lies right of the
  // middle.
  int dark_left = 0;
  int dark_right = 0;
  const int lit = Brightness(image.at(20, 20));
  for (int32_t y = 12; y < 198; ++y) {
    for (int32_t x = 12; x < 198; ++x) {
      if (Brightness(image.at(x, y)) < lit * 3 / 4) ++(x < 100 ? dark_left : dark_right);
    }
  }
  EXPECT_EQ(dark_left, 0);
  EXPECT_GT(dark_right, 40);
}

TEST(ViewTest, GlassTintsWhatIsBehindItOncePerBody) {
  const auto seen = [](int32_t thickness, Color glass) {
    VolumeEditor editor{Volume()};
    Fill(editor, {{0, 20, 0}, {9, 21, 9}}, 0xFFFFFFFF);
    if (thickness > 0) Fill(editor, {{0, 4, 0}, {9, 4 + thickness, 9}}, glass);
    ViewRequest request = Plain({"front"}, 90);
    request.focus = Box{{0, 0, 0}, {9, 21, 9}};
    return Render(editor.Commit(), request).at(44, 44);
  };
  const uint32_t bare = seen(0, kAir);
  const uint32_t thin = seen(1, 0xFF000080);
  EXPECT_LT(Green(thin), Green(bare) * 3 / 4);
  EXPECT_GT(Green(thin), Green(bare) / 4);
  EXPECT_EQ(seen(7, 0xFF000080), thin);
  EXPECT_LT(Green(seen(1, 0xFF0000FF)), 10u);
}

TEST(ViewTest, GlassLetsSunThrough) {
  // A wall seen from the front, under a roof between it and the sun.
  const auto wall_under = [](Color roof) {
    VolumeEditor editor{Volume()};
    Fill(editor, {{0, 20, 0}, {30, 21, 30}}, kGrey);
    if (roof != kAir) Fill(editor, {{-40, -40, 40}, {30, 20, 41}}, roof);
    ViewRequest request = Plain({"front"}, 64);
    request.focus = Box{{0, 20, 0}, {30, 21, 30}};
    return Brightness(Render(editor.Commit(), request).at(32, 32));
  };
  const int shadow = wall_under(kGrey);
  const int tinted = wall_under(0xA0A0A080);
  const int clear = wall_under(0xA0A0A010);
  EXPECT_GT(tinted, shadow + 10);
  EXPECT_GT(clear, tinted + 10);
  EXPECT_GT(wall_under(kAir), clear);
}

TEST(ViewTest, AnyNumberOfThreadsPaintsTheSamePixels) {
  const Volume volume = Landscape();
  for (const int32_t side : {64, 320}) {
    ViewRequest request = Plain({"iso", "front", "orbit:200,15", "bottom"}, side);
    request.labels = true;
    request.axes = true;
    const Image one = Render(volume, request, 1);
    EXPECT_EQ(one, Render(volume, request, 2));
    EXPECT_EQ(one, Render(volume, request, 5));
  }
}

TEST(ViewTest, PixelsArePinned) {
  // Changes only when the look is meant to change: look at the pictures then.
  ViewRequest request = Plain({"iso", "top", "left"}, 256);
  request.labels = true;
  request.axes = true;
  EXPECT_EQ(HashOf(Render(Landscape(), request)), 0xbcc3b893ce72a925u);
}

TEST(ViewTest, ManyViewsFormANearSquareGrid) {
  const Volume volume = With({{{0, 0, 0}, kGrey}});
  const auto size = [&](size_t n) {
    const Image image = Render(volume, Plain(std::vector<std::string>(n, "iso"), 20));
    return std::make_pair(image.width / 20, image.height / 20);
  };
  EXPECT_EQ(size(0), std::make_pair(1, 1));
  EXPECT_EQ(size(1), std::make_pair(1, 1));
  EXPECT_EQ(size(2), std::make_pair(2, 1));
  EXPECT_EQ(size(4), std::make_pair(2, 2));
  EXPECT_EQ(size(5), std::make_pair(3, 2));
  EXPECT_EQ(size(7), std::make_pair(3, 3));
  EXPECT_EQ(size(16), std::make_pair(4, 4));
}

TEST(ViewTest, ViewsStandInTheOrderGiven) {
  const Volume volume = Landscape();
  const Image both = Render(volume, Plain({"top", "front"}, 100));
  const Image top = Render(volume, Plain({"top"}, 100));
  const Image front = Render(volume, Plain({"front"}, 100));
  for (int32_t y = 0; y < 100; ++y) {
    for (int32_t x = 1; x < 100; ++x) {  // the rule between the two covers column 100
      ASSERT_EQ(both.at(x, y), top.at(x, y));
      ASSERT_EQ(both.at(100 + x, y), front.at(x, y));
    }
  }
}

TEST(ViewTest, AnEmptyVolumeIsTheBackgroundWithItsLabel) {
  ViewRequest request = Plain({"iso"}, 64);
  request.background = 0x102030FF;
  const Image plain = Render(Volume(), request);
  EXPECT_EQ(plain, Image(64, 64, 0x102030FF));
  request.labels = true;
  EXPECT_NE(Render(Volume(), request), plain);
  request.focus = Box{{0, 0, 0}, {9, 9, 9}};
  EXPECT_NE(Render(Volume(), request), plain);
}

TEST(ViewTest, FocusFramesAPartAndClipsNothing) {
  VolumeEditor editor{Volume()};
  editor.Set({0, 0, 0}, 0xFF0000FF);
  editor.Set({100, 0, 0}, 0x00FF00FF);
  const Volume volume = editor.Commit();
  ViewRequest request = Plain({"front"}, 100);
  EXPECT_LT(Painted(Render(volume, request)), 10);
  request.focus = Box{{100, 0, 0}, {101, 1, 1}};
  const Image close = Render(volume, request);
  EXPECT_GT(Painted(close), 92 * 92 - 1);
  EXPECT_GT(Green(close.at(50, 50)), Red(close.at(50, 50)));
}

TEST(ViewTest, TransparentBackgroundsStayTransparent) {
  ViewRequest request = Plain({"orbit:30,20"}, 128);
  request.background = 0;
  const Image image = Render(With({{{0, 0, 0}, kGrey}}), request);
  EXPECT_EQ(image.at(0, 0), 0u);
  EXPECT_EQ(Alpha(image.at(64, 64)), 255u);
  std::map<uint32_t, int> alphas;
  for (const uint32_t pixel : image.pixels) ++alphas[Alpha(pixel)];
  EXPECT_GT(alphas.size(), 2u);  // the outline is smoothed
}

TEST(ViewTest, LargeUniformCubesAndFarAwayVoxelsRender) {
  VolumeEditor editor{Volume()};
  editor.PutCube({0, 0, 0}, 1024, kGrey);
  editor.PutCube({1024, 0, 0}, 1024, kGrey);
  editor.Set({kMaxCoord - 1, kMaxCoord - 1, kMaxCoord - 1}, kGrey);
  ViewRequest request = Plain({"iso"}, 128);
  request.focus = Box{{0, 0, 0}, {2048, 1024, 1024}};
  EXPECT_GT(Painted(Render(editor.Commit(), request)), 128 * 128 / 3);
}

void ExpectRefused(const ViewRequest& request, const std::string& reason,
                   const std::string& field) {
  for (const Volume& volume : {Volume(), With({{{0, 0, 0}, kGrey}})}) {
    const absl::Status status = RenderViews(volume, request, {}).status();
    EXPECT_EQ(ReasonOf(status), reason);
    EXPECT_EQ(FieldOf(status), field);
  }
}

TEST(ViewTest, BadRequestsNameTheField) {
  ExpectRefused(Plain({"iso", "sideways"}, 64), "INVALID_FIELD", "views[1]");
  ExpectRefused(Plain({}, 15), "INVALID_FIELD", "width");
  ExpectRefused(Plain({}, 4097), "INVALID_FIELD", "width");
  ExpectRefused(Plain(std::vector<std::string>(17, "iso"), 64), "INVALID_FIELD", "views");
  ExpectRefused(Plain(std::vector<std::string>(16, "iso"), 4096), "LIMIT_BYTES", "views");
  ViewRequest request = Plain({}, 64);
  request.height = -1;
  ExpectRefused(request, "INVALID_FIELD", "height");
  request.height = 64;
  request.focus = Box{{3, 3, 3}, {3, 9, 9}};
  ExpectRefused(request, "INVALID_FIELD", "focus");
}

TEST(ViewTest, CancelledPicturesEndEarly) {
  const Volume volume = Landscape();
  CancelToken cancel;
  int bands = 0;
  TaskContext context;
  context.threads = 3;
  context.cancel = &cancel;
  context.progress = [&](double) {
    if (++bands == 5) cancel.Cancel();
  };
  const absl::StatusOr<Image> image = RenderViews(volume, Plain({"iso"}, 2048), context);
  EXPECT_EQ(ReasonOf(image.status()), "CALL_CANCELLED");
  EXPECT_LT(bands, 100);
}

TEST(ViewTest, ProgressRisesToTheEnd) {
  std::vector<double> seen;
  TaskContext context;
  context.progress = [&](double fraction) { seen.push_back(fraction); };
  ASSERT_TRUE(RenderViews(Landscape(), Plain({"iso", "top"}, 300), context).ok());
  ASSERT_GT(seen.size(), 50u);
  for (size_t i = 1; i < seen.size(); ++i) EXPECT_GT(seen[i], seen[i - 1]);
  EXPECT_EQ(seen.back(), 1);
}

SceneCamera Door() {
  SceneCamera camera;
  camera.name = "door";
  return camera;
}

Image Rendered(const Volume& volume, const ViewRequest& request) {
  auto image = RenderViews(volume, request, TaskContext());
  EXPECT_TRUE(image.ok()) << image.status();
  return image.ok() ? *std::move(image) : Image();
}

TEST(StoredCameraTest, WithoutADistanceItIsTheViewOfItsAngles) {
  const Volume volume = Landscape();
  ViewRequest named = Plain({"camera:door"}, 64);
  named.cameras = {Door()};
  named.cameras[0].azimuth = 30;
  named.cameras[0].elevation = 20;
  named.cameras[0].target = {1000, 0, 0};
  EXPECT_EQ(Rendered(volume, named).pixels, Rendered(volume, Plain({"orbit:30,20"}, 64)).pixels);
  // A focus is fitted whatever the camera's distance.
  named.cameras[0].distance = 5;
  named.focus = volume.Bounds();
  EXPECT_EQ(Rendered(volume, named).pixels, Rendered(volume, Plain({"orbit:30,20"}, 64)).pixels);
}

TEST(StoredCameraTest, ShowsWhatItSeesAtItsTarget) {
  // From the front, 40 voxels away at 90 degrees: 80 voxels high, the target in the middle.
  const Volume volume = With({{{100, 0, 7}, kGrey}});
  ViewRequest request = Plain({"camera:door"}, 80);
  request.cameras = {Door()};
  request.cameras[0].target = {100.5, 0.5, 7.5};
  request.cameras[0].distance = 40;
  request.cameras[0].fov = 90;
  Image image = Rendered(volume, request);
  int seen = 0;
  for (int32_t y = 0; y < 80; ++y) {
    for (int32_t x = 0; x < 80; ++x) seen += image.at(x, y) == kPaper ? 0 : 1;
  }
  EXPECT_GE(seen, 1);
  EXPECT_LE(seen, 4);
  const bool in_the_middle = image.at(39, 39) != kPaper || image.at(40, 40) != kPaper ||
                             image.at(39, 40) != kPaper || image.at(40, 39) != kPaper;
  EXPECT_TRUE(in_the_middle);
  request.cameras[0].target = {500, 0, 0};
  image = Rendered(volume, request);
  EXPECT_EQ(image.at(40, 40), kPaper) << "it looks elsewhere";
}

TEST(StoredCameraTest, RollTurnsThePictureClockwise) {
  const Volume volume = With({{{0, 0, 9}, kGrey}});  // straight above the target
  ViewRequest request = Plain({"camera:door"}, 40);
  request.cameras = {Door()};
  request.cameras[0].target = {0.5, 0.5, 0.5};
  request.cameras[0].distance = 20;
  request.cameras[0].fov = 53.13010235;  // 20 voxels high: 2 pixels a voxel
  request.cameras[0].roll = 90;
  const Image image = Rendered(volume, request);
  EXPECT_NE(image.at(20 + 18, 20), kPaper) << "what was above is on the right";
  EXPECT_EQ(image.at(20, 2), kPaper);
}

TEST(StoredCameraTest, UnknownOnesAreToldWithTheKnown) {
  ViewRequest request = Plain({"front", "camera:roof"}, 32);
  request.cameras = {Door()};
  const absl::Status status = RenderViews(Landscape(), request, TaskContext()).status();
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELD");
  EXPECT_EQ(FieldOf(status), "views[1]");
  EXPECT_NE(status.message().find("there are door"), std::string::npos) << status;
  EXPECT_EQ(CheckViewRequest(request), status);
}

TEST(StoredLightTest, LightsFacesByWhereTheSunStands) {
  const Volume volume = With({{{0, 0, 0}, 0xFFFFFFFF}});
  const auto lit = [&](SceneLight light) {
    ViewRequest request = Plain({"front"}, 32);
    request.light = light;
    return Red(Rendered(volume, request).at(16, 16));
  };
  SceneLight light;
  light.azimuth = 0;
  light.elevation = 0;
  light.intensity = 0.5;
  light.ambient = 0.25;
  EXPECT_NEAR(lit(light), 191, 1) << "into the face";
  light.azimuth = 180;
  EXPECT_NEAR(lit(light), 64, 1) << "from behind";
  light.azimuth = 60;
  EXPECT_NEAR(lit(light), 128, 1) << "at an angle";
  light.azimuth = 0;
  light.color = Rgba(0, 255, 255);
  EXPECT_NEAR(lit(light), 64, 1) << "the sun has no red";
}

TEST(StoredLightTest, FollowsTheViewAndShadesAsMuchAsItSays) {
  // A wall with a beam before it that keeps the sun off.
  VolumeEditor editor{Volume()};
  Fill(editor, {{-8, 0, -8}, {8, 1, 8}}, 0xFFFFFFFF);
  Fill(editor, {{-8, -6, 2}, {8, -5, 3}}, 0xFFFFFFFF);
  const Volume volume = editor.Commit();
  ViewRequest request = Plain({"front"}, 160);
  request.light = SceneLight();
  request.light->azimuth = 0;
  request.light->elevation = 45;
  request.light->intensity = 0.7;
  request.light->ambient = 0.2;
  const auto darkest = [&](double shadow) {
    request.light->shadow = shadow;
    const Image image = Rendered(volume, request);
    uint32_t least = 255;
    for (int32_t y = 40; y < 120; ++y) least = std::min(least, Red(image.at(80, y)));
    return least;
  };
  const uint32_t full = darkest(1);
  const uint32_t half = darkest(0.5);
  const uint32_t none = darkest(0);
  EXPECT_NEAR(full, 51, 6);
  EXPECT_GT(half, full + 30);
  EXPECT_GT(none, half + 30);

  const Volume one = With({{{0, 0, 0}, 0xFFFFFFFF}});
  request.light->shadow = 1;
  request.light->elevation = 0;
  for (const char* view : {"front", "left", "top"}) {
    request.views = {view};
    request.light->follows_view = true;
    EXPECT_NEAR(Red(Rendered(one, request).at(80, 80)), 229, 2) << view;
  }
  request.light->follows_view = false;
  EXPECT_NEAR(Red(Rendered(one, request).at(80, 80)), 51, 2)
      << "the top, with a sun at the horizon";
}

}  // namespace
}  // namespace voxel
