// Each shape against its inequality, asked voxel by voxel; and the three views of a shape against
// each other.
#include <random>

#include "gtest/gtest.h"
#include "tests/voxel/ops/edit_fixture.h"
#include "tests/voxel/ops/edit_model.h"
#include "voxel/ops/box_shape.h"
#include "voxel/ops/box_shell.h"
#include "voxel/ops/cone_shape.h"
#include "voxel/ops/cylinder_shape.h"
#include "voxel/ops/ellipsoid_shape.h"
#include "voxel/ops/hollow.h"
#include "voxel/ops/prism_shape.h"
#include "voxel/ops/pyramid_shape.h"
#include "voxel/ops/shape_region.h"
#include "voxel/ops/torus_shape.h"

namespace voxel {
namespace {

class Random {
 public:
  explicit Random(uint32_t seed) : rng_(seed) {}
  int Between(int low, int high) {
    return low + static_cast<int>(rng_() % static_cast<uint32_t>(high - low + 1));
  }
  Box BoxOf(int most) {
    Box box;
    for (int i = 0; i < 3; ++i) {
      box.min[i] = Between(-20, 20);
      box.max[i] = box.min[i] + Between(1, most);
    }
    return box;
  }
  Axis AnyAxis() { return static_cast<Axis>(Between(0, 2)); }

 private:
  std::mt19937 rng_;
};

// Rows, masks, counts and the classes of random blocks all say what `want` says.
template <typename S>
void ExpectVoxels(const S& shape, const CoordSet& want, Random& random) {
  CoordSet rows;
  const Box bounds = shape.bounds();
  for (int z = bounds.min.z - 2; z < bounds.max.z + 2; ++z) {
    for (int y = bounds.min.y - 2; y < bounds.max.y + 2; ++y) {
      ForEachInterval(shape, y, z, [&](Interval row) {
        for (int64_t x = row.first; x <= row.last; ++x) {
          EXPECT_TRUE(rows.insert(Coord{static_cast<int32_t>(x), y, z}).second) << "rows overlap";
        }
      });
    }
  }
  ASSERT_EQ(rows, want);

  const ShapeRegion<S> region(shape);
  const TaskContext context;
  EXPECT_EQ(*region.Count(bounds, context), static_cast<int64_t>(want.size()));
  for (int i = 0; i < 20; ++i) {
    const Box box = random.BoxOf(i % 2 == 0 ? 6 : 40);
    int64_t inside = 0;
    for (Coord c : want) inside += box.Contains(c);
    EXPECT_EQ(*region.Count(box, context), inside);
    const Coverage coverage = region.Classify(box);
    if (coverage == Coverage::kInside) {
      EXPECT_EQ(inside, box.Voxels());
    }
    if (coverage == Coverage::kOutside) {
      EXPECT_EQ(inside, 0);
    }
    if constexpr (ConvexShape<S>) {
      if (inside == box.Voxels()) {
        EXPECT_EQ(coverage, Coverage::kInside);
      }
      if (inside == 0 && !box.Intersects(bounds)) {
        EXPECT_EQ(coverage, Coverage::kOutside);
      }
    }
  }
  BrickMask mask;
  region.Mask({0, -16, 16}, mask);
  for (int i = 0; i < kBrickVoxels; ++i) {
    EXPECT_EQ(mask.Get(i), want.contains(Coord{i & 15, (i >> 4 & 15) - 16, (i >> 8) + 16}));
  }
}

TEST(ShapeTest, BoxesAndTheirWalls) {
  Random random(1);
  for (int i = 0; i < 40; ++i) {
    const Box box = random.BoxOf(24);
    ExpectVoxels(BoxShape(box), ShapeVoxels(FillBox{box, 1, 0}), random);
    ExpectVoxels(Hollow(BoxShape(box), 2), ShapeVoxels(FillBox{box, 1, 2}), random);
  }
}

TEST(ShapeTest, EllipsoidsAndTheirWalls) {
  Random random(2);
  for (int i = 0; i < 40; ++i) {
    const Box box = random.BoxOf(24);
    ExpectVoxels(EllipsoidShape(box), ShapeVoxels(Ellipsoid{box, 1, 0}), random);
    ExpectVoxels(Hollow(EllipsoidShape(box), 1), ShapeVoxels(Ellipsoid{box, 1, 1}), random);
    ExpectVoxels(Hollow(EllipsoidShape(box), 3), ShapeVoxels(Ellipsoid{box, 1, 3}), random);
  }
}

TEST(ShapeTest, CylindersAndTheirWalls) {
  Random random(3);
  for (int i = 0; i < 60; ++i) {
    const Box box = random.BoxOf(24);
    const Axis axis = random.AnyAxis();
    ExpectVoxels(CylinderShape(box, axis), ShapeVoxels(Cylinder{box, axis, 1, 0}), random);
    ExpectVoxels(Hollow(CylinderShape(box, axis), 2), ShapeVoxels(Cylinder{box, axis, 1, 2}),
                 random);
  }
}

TEST(ShapeTest, ConesAndTheirWalls) {
  Random random(4);
  for (int i = 0; i < 60; ++i) {
    const Box box = random.BoxOf(24);
    const Axis axis = random.AnyAxis();
    const bool flipped = i % 2 == 0;
    ExpectVoxels(ConeShape(box, axis, flipped), ShapeVoxels(Cone{box, axis, flipped, 1, 0}),
                 random);
    ExpectVoxels(Hollow(ConeShape(box, axis, flipped), 2),
                 ShapeVoxels(Cone{box, axis, flipped, 1, 2}), random);
  }
}

TEST(ShapeTest, PyramidsAndTheirWalls) {
  Random random(6);
  for (int i = 0; i < 60; ++i) {
    const Box box = random.BoxOf(24);
    const Axis axis = random.AnyAxis();
    const bool flipped = i % 2 == 0;
    ExpectVoxels(PyramidShape(box, axis, flipped), ShapeVoxels(Pyramid{box, axis, flipped, 1, 0}),
                 random);
    ExpectVoxels(Hollow(PyramidShape(box, axis, flipped), 2),
                 ShapeVoxels(Pyramid{box, axis, flipped, 1, 2}), random);
  }
}

TEST(ShapeTest, PrismsOfPolygonsThatCrossThemselves) {
  Random random(7);
  for (int i = 0; i < 120; ++i) {
    Prism prism;
    prism.axis = random.AnyAxis();
    prism.length = static_cast<uint32_t>(random.Between(1, 20));
    const int base = random.Between(-20, 20);
    for (int corners = random.Between(3, 8); corners > 0; --corners) {
      Coord corner{random.Between(-20, 20), random.Between(-20, 20), random.Between(-20, 20)};
      corner[prism.axis] = base;
      prism.points.push_back(corner);
    }
    const Interval along{base, base + int64_t{prism.length} - 1};
    ExpectVoxels(PrismShape(prism.points, prism.axis, along), ShapeVoxels(prism), random);
  }
}

TEST(ShapeTest, PrismsAsWideAsTheWorldAreExact) {
  const std::vector<Coord> corners = {
      {kMinCoord, kMinCoord, 0}, {kMaxCoord - 1, kMinCoord, 0}, {kMaxCoord - 1, kMaxCoord - 1, 0}};
  const PrismShape shape(corners, Axis::kZ, {0, 0});
  for (const int64_t y : {int64_t{kMinCoord}, int64_t{-12345}, int64_t{kMaxCoord} - 1}) {
    shape.ForEachInterval(y, 0, [y](Interval row) {
      EXPECT_EQ(row, (Interval{y, kMaxCoord - 1}));
    });
  }
  EXPECT_EQ(shape.Classify(BlockOf({{1024, 0, 0}, {2048, 1024, 1}})), Coverage::kInside);
  EXPECT_EQ(shape.Classify(BlockOf({{-2048, 0, 0}, {-1024, 1024, 1}})), Coverage::kOutside);
}

TEST(ShapeTest, WallsAndFacesOfEveryThickness) {
  Random random(8);
  for (int i = 0; i < 60; ++i) {
    const Box box = random.BoxOf(24);
    const Axis axis = random.AnyAxis();
    const auto thickness = static_cast<uint32_t>(random.Between(1, 9));
    bool thick[3] = {true, true, true};
    ExpectVoxels(BoxShell(box, thickness, thick), ShapeVoxels(Faces{box, 1, thickness}), random);
    thick[static_cast<int>(axis)] = false;
    ExpectVoxels(BoxShell(box, thickness, thick), ShapeVoxels(Walls{box, axis, 1, thickness}),
                 random);
  }
}

TEST(ShapeTest, ConesFillTheirBoxFromBaseToApex) {
  for (const Coord size : {Coord{40, 40, 3}, {8, 8, 40}, {9, 8, 30}, {7, 7, 7}, {1, 6, 6}}) {
    const Box box{{-3, 5, 11}, Coord{-3, 5, 11} + size};
    for (const Axis axis : {Axis::kX, Axis::kY, Axis::kZ}) {
      Volume cone = AppliedTo(Volume(), {EditOf(Cone{box, axis, false, 1, 0})});
      EXPECT_EQ(cone.Bounds(), box);
      Box base = box;
      base.max[axis] = base.min[axis] + 1;
      std::map<Coord, Color> disc;
      for (const Coord c : ShapeVoxels(Cylinder{base, axis, 1, 0})) disc[c] = 1;
      EXPECT_EQ(VoxelsOf(cone, base), disc);
    }
  }
}

TEST(ShapeTest, ToriOfEveryProportion) {
  Random random(5);
  for (int i = 0; i < 60; ++i) {
    const Coord center{random.Between(-9, 9), random.Between(-9, 9), random.Between(-9, 9)};
    const Axis axis = random.AnyAxis();
    const int major = random.Between(0, 9);
    const int minor = random.Between(1, 7);  // wider than the ring as well
    ExpectVoxels(TorusShape(center, axis, major, minor),
                 ShapeVoxels(Torus{center, axis, static_cast<uint32_t>(major),
                                   static_cast<uint32_t>(minor), 1}),
                 random);
  }
}

TEST(ShapeTest, BallOfDiameterThreeIsACubeWithoutCorners) {
  // In half voxels: an edge's middle is sqrt(4 + 4) off, a corner sqrt(12), and the radius is 3.
  const EllipsoidShape ball({{0, 0, 0}, {3, 3, 3}});
  EXPECT_EQ(*ShapeRegion(ball).Count(ball.bounds(), TaskContext()), 19);
  EXPECT_EQ(ball.Row(0, 0), (Interval{1, 1}));
  EXPECT_EQ(ball.Row(0, 1), (Interval{0, 2}));
}

TEST(ShapeTest, WideRowsOfAnEllipsoidAreExactAtTheirEnds) {
  // Sides whose products need 128 bits and have no common factor.
  const Box box{{-(1 << 20), -3, -500'003}, {(1 << 20) + 1, 4, 500'004}};
  const EllipsoidShape shape(box);
  __extension__ using Wide = __int128;
  const Wide a = Wide{box.Size(0)} * box.Size(0);
  const Wide b = Wide{box.Size(1)} * box.Size(1);
  const Wide c = Wide{box.Size(2)} * box.Size(2);
  const auto inside = [&](Wide x, Wide y, Wide z) {
    return 4 * (x * x * b * c + y * y * a * c + z * z * a * b) <=
           a * b * c;  // the middle is the origin
  };
  for (int y : {-3, 0, 2}) {
    for (int z : {-500'003, -433'000, -7, 0, 250'000}) {
      const Interval row = shape.Row(y, z);
      if (row.empty()) {
        EXPECT_FALSE(inside(0, y, z));
        continue;
      }
      EXPECT_EQ(row.first, -row.last);
      EXPECT_TRUE(inside(row.last, y, z)) << y << " " << z;
      EXPECT_FALSE(inside(row.last + 1, y, z)) << y << " " << z;
    }
  }
}

TEST(ShapeTest, ShapesAsLargeAsTheLimitAllowsAreClassifiedWithoutOverflow) {
  // 2^31 * 2^30 voxels in a plane, and a sliver through the whole world.
  const Box plane{{kMinCoord, kMinCoord, 5}, {kMaxCoord, 0, 6}};
  const EllipsoidShape ellipsoid(plane);
  EXPECT_EQ(ellipsoid.Classify(BlockOf({{0, -(1 << 29), 5}, {1024, -(1 << 29) + 1024, 6}})),
            Coverage::kInside);
  EXPECT_EQ(ellipsoid.Classify(
                BlockOf({{kMinCoord, kMinCoord, 0}, {kMinCoord + 16, kMinCoord + 16, 16}})),
            Coverage::kOutside);
  const Box sliver{{kMinCoord, 0, 0}, {kMaxCoord, 1, 1}};
  EXPECT_EQ(ConeShape(sliver, Axis::kX, false).Row(0, 0), (Interval{kMinCoord, kMaxCoord - 1}));
  EXPECT_EQ(CylinderShape(sliver, Axis::kY).Row(0, 0), (Interval{kMinCoord, kMaxCoord - 1}));
  const TorusShape torus({0, 0, 0}, Axis::kZ, (1 << 29), (1 << 28));
  EXPECT_EQ(torus.Classify(BlockOf({{(1 << 29), 0, 0}, {(1 << 29) + 1024, 1024, 1024}})),
            Coverage::kInside);
  EXPECT_EQ(torus.Classify(BlockOf({{0, 0, 0}, {1024, 1024, 1024}})), Coverage::kOutside);
}

}  // namespace
}  // namespace voxel
