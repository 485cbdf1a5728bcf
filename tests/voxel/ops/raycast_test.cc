#include <cmath>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/colors.h"
#include "tests/voxel/ops/edit_fixture.h"
#include "tests/voxel/ops/random_edits.h"

namespace voxel {
namespace {

constexpr double kFar = 1e9;

RayHit Cast(const Document& document, const double (&origin)[3], const double (&direction)[3],
            double most = kFar) {
  return Raycast(document, origin, direction, most);
}

RefPtr<const Document> WithVoxels(const std::vector<Coord>& positions) {
  return Applied(OneLayer(), {EditOf(SetVoxels{positions, {kRed}})}).document;
}

TEST(RaycastTest, HitsTheFaceItEnters) {
  const auto document = WithVoxels({{5, 5, 5}, {9, 5, 5}});
  const RayHit right = Cast(*document, {0.5, 5.5, 5.5}, {2, 0, 0});
  ASSERT_TRUE(right.hit);
  EXPECT_EQ(right.position, (Coord{5, 5, 5}));
  EXPECT_EQ(right.normal, (Coord{-1, 0, 0}));
  EXPECT_DOUBLE_EQ(right.distance, 4.5);
  EXPECT_EQ(right.color, kRed);
  EXPECT_EQ(right.layer, "main");
  const RayHit left = Cast(*document, {20, 5.5, 5.5}, {-1, 0, 0});
  EXPECT_EQ(left.position, (Coord{9, 5, 5}));
  EXPECT_EQ(left.normal, (Coord{1, 0, 0}));
  EXPECT_DOUBLE_EQ(left.distance, 10);
  const RayHit down = Cast(*document, {5.5, 5.5, 100}, {0, 0, -1});
  EXPECT_EQ(down.normal, (Coord{0, 0, 1}));
  EXPECT_DOUBLE_EQ(down.distance, 94);
}

TEST(RaycastTest, MissesAndDistances) {
  const auto document = WithVoxels({{5, 5, 5}});
  EXPECT_FALSE(Cast(*document, {0, 0, 0}, {-1, 0, 0}).hit);
  EXPECT_FALSE(Cast(*document, {0, 5.5, 5.5}, {1, 0, 0}, 4.9).hit);
  EXPECT_TRUE(Cast(*document, {0, 5.5, 5.5}, {1, 0, 0}, 5).hit);
  EXPECT_FALSE(Cast(*OneLayer(), {0, 0, 0}, {1, 1, 1}).hit);
  EXPECT_FALSE(Cast(*document, {0, 7, 5.5}, {1, 0, 0}).hit);
}

TEST(RaycastTest, InsideAVoxelIsAtOnce) {
  const RayHit hit = Cast(*WithVoxels({{5, 5, 5}}), {5.5, 5.5, 5.5}, {0, 1, 0});
  ASSERT_TRUE(hit.hit);
  EXPECT_EQ(hit.normal, Coord());
  EXPECT_EQ(hit.distance, 0);
}

TEST(RaycastTest, CrossesTheWorldInAFewSteps) {
  const Coord low{kMinCoord, 0, 0};
  const Coord high{kMaxCoord - 1, 0, 0};
  const auto document = WithVoxels({low, high});
  const RayHit hit = Cast(*document, {-kMaxCoord + 1.5, 0.5, 0.5}, {1, 0, 0}, 1e12);
  ASSERT_TRUE(hit.hit);
  EXPECT_EQ(hit.position, high);
}

TEST(RaycastTest, HiddenLayersDoNotStopIt) {
  const Volume near = AppliedTo(Volume(), {EditOf(SetVoxels{{{2, 0, 0}}, {kBlue}})});
  const Volume far = AppliedTo(Volume(), {EditOf(SetVoxels{{{4, 0, 0}}, {kRed}})});
  auto* hidden = new Layer;
  hidden->id = "hidden";
  hidden->volume = near;
  hidden->visible = false;
  const auto document = NewDocument(
      {NewLayer("far", far, {Rotation(), {3, 0, 0}}), RefPtr<const Layer>::Adopt(hidden)});
  const RayHit hit = Cast(*document, {0, 0.5, 0.5}, {1, 0, 0});
  EXPECT_EQ(hit.layer, "far");
  EXPECT_EQ(hit.position, (Coord{7, 0, 0}));
}

TEST(RaycastTest, AVoxelTakenAwayByAnotherLayerIsNoHit) {
  const Volume two = AppliedTo(Volume(), {EditOf(SetVoxels{{{2, 0, 0}, {4, 0, 0}}, {kRed}})});
  const Volume one = AppliedTo(Volume(), {EditOf(SetVoxels{{{2, 0, 0}}, {kBlue}})});
  auto* eraser = new Layer;
  eraser->id = "eraser";
  eraser->volume = one;
  eraser->mode = Mode::kSub;
  const auto document = NewDocument({NewLayer("main", two), RefPtr<const Layer>::Adopt(eraser)});
  EXPECT_EQ(Cast(*document, {0, 0.5, 0.5}, {1, 0, 0}).position, (Coord{4, 0, 0}));
}

// The nearest voxel by intersecting the ray with each one's cube.
double NearestByForce(const Document& document, const double (&origin)[3], const double (&d)[3]) {
  double nearest = kFar;
  for (const auto& layer : document.layers) {
    for (const auto& [local, color] : VoxelsOf(layer->volume)) {
      const Coord c = layer->transform.Apply(local);
      double first = 0;
      double last = kFar;
      for (int i = 0; i < 3; ++i) {
        const double a = (c[i] - origin[i]) / d[i];
        const double b = (c[i] + 1 - origin[i]) / d[i];
        first = std::max(first, std::min(a, b));
        last = std::min(last, std::max(a, b));
      }
      if (first < last) nearest = std::min(nearest, first);
    }
  }
  return nearest;
}

TEST(RaycastTest, FindsTheNearestOfAll) {
  std::mt19937 rng(3);
  std::uniform_real_distribution<double> anywhere(-30, 30);
  for (uint64_t seed = 0; seed < 20; ++seed) {
    RandomEdits random(seed, {-14, -14, -14});
    std::vector<RefPtr<const Layer>> layers;
    for (const char* id : {"a", "b"}) {
      const Volume volume =
          AppliedTo(Volume(), {EditOf(Ellipsoid{random.AnyBox(8), kRed, 0}),
                               EditOf(FillBox{random.AnyBox(4), kBlue, 0}),
                               EditOf(Line{{random.AnyCoord(), random.AnyCoord()}, 0, kRed})});
      layers.push_back(NewLayer(id, volume, {Rotation::Quarter(random.AnyAxis(), 1), {2, 0, -1}}));
    }
    const auto document = NewDocument(std::move(layers));
    for (int i = 0; i < 100; ++i) {
      const double origin[3] = {anywhere(rng), anywhere(rng), anywhere(rng)};
      double direction[3] = {anywhere(rng) - origin[0], anywhere(rng) - origin[1],
                             anywhere(rng) - origin[2]};
      const double length = std::hypot(direction[0], direction[1], direction[2]);
      for (double& v : direction) v /= length;
      const double want = NearestByForce(*document, origin, direction);
      const RayHit hit = Cast(*document, origin, direction, 1e6);
      ASSERT_EQ(hit.hit, want < kFar) << seed << " " << i;
      if (!hit.hit) continue;
      EXPECT_NEAR(hit.distance, want, 1e-9);
      EXPECT_EQ(hit.color, CompositeAt(*document, hit.position));
    }
  }
}

}  // namespace
}  // namespace voxel
