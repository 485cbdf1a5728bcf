#include "voxel/grid/transform.h"

#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace voxel {
namespace {

std::vector<Rotation> AllRotations() {
  std::vector<Rotation> all;
  for (uint32_t byte = 0; byte < 256; ++byte) {
    if (const auto rotation = Rotation::FromByte(byte)) all.push_back(*rotation);
  }
  return all;
}

TEST(RotationTest, ThereAre48) {
  EXPECT_EQ(AllRotations().size(), 48u);
  for (Rotation r : AllRotations()) EXPECT_EQ(Rotation::FromByte(r.byte()), r);
  int mirrors = 0;
  for (Rotation r : AllRotations()) mirrors += r.mirrors();
  EXPECT_EQ(mirrors, 24);
  EXPECT_FALSE(Rotation::FromByte(0));     // rows 0 and 1 name one column
  EXPECT_FALSE(Rotation::FromByte(3));     // no such column
  EXPECT_FALSE(Rotation::FromByte(0x84));  // bit 7 means nothing
}

TEST(RotationTest, TurnsAreCounterClockwiseFromThePositiveEnd) {
  EXPECT_EQ(Rotation::Quarter(Axis::kZ, 1).ApplyToVector({1, 0, 0}), (Coord{0, 1, 0}));
  EXPECT_EQ(Rotation::Quarter(Axis::kX, 1).ApplyToVector({0, 1, 0}), (Coord{0, 0, 1}));
  EXPECT_EQ(Rotation::Quarter(Axis::kY, 1).ApplyToVector({0, 0, 1}), (Coord{1, 0, 0}));
  for (Axis axis : {Axis::kX, Axis::kY, Axis::kZ}) {
    const Rotation once = Rotation::Quarter(axis, 1);
    EXPECT_EQ(Rotation::Quarter(axis, 2), once * once);
    EXPECT_EQ(Rotation::Quarter(axis, -1), once.Inverse());
    EXPECT_EQ(Rotation::Quarter(axis, 4), Rotation());
    EXPECT_EQ(Rotation::Quarter(axis, -7), once);
    EXPECT_FALSE(once.mirrors());
    EXPECT_TRUE(Rotation::Mirror(axis).mirrors());
    EXPECT_EQ(Rotation::Mirror(axis) * Rotation::Mirror(axis), Rotation());
  }
}

TEST(RotationTest, CellsMapOntoCells) {
  EXPECT_EQ(Rotation::Mirror(Axis::kX).ApplyToCell({0, 5, 5}), (Coord{-1, 5, 5}));
  EXPECT_EQ(Rotation::Quarter(Axis::kZ, 1).ApplyToCell({0, 0, 0}), (Coord{-1, 0, 0}));
}

TEST(RotationTest, ProductsAndInversesAgreeWithApplying) {
  const Coord p{3, -7, 20};
  for (Rotation a : AllRotations()) {
    EXPECT_EQ(a * a.Inverse(), Rotation());
    EXPECT_EQ(a.Inverse().ApplyToCell(a.ApplyToCell(p)), p);
    for (Rotation b : AllRotations()) {
      EXPECT_EQ((a * b).ApplyToCell(p), a.ApplyToCell(b.ApplyToCell(p)));
      EXPECT_EQ((a * b).ApplyToVector(p), a.ApplyToVector(b.ApplyToVector(p)));
      EXPECT_EQ((a * b).mirrors(), a.mirrors() != b.mirrors());
    }
  }
}

TEST(TransformTest, ABoxMapsToTheBoxOfItsCells) {
  const Box box{{-2, 3, 0}, {1, 5, 4}};
  for (Rotation r : AllRotations()) {
    const Transform transform{r, {100, -20, 7}};
    Box cells;
    for (int z = 0; z < 4; ++z) {
      for (int y = 3; y < 5; ++y) {
        for (int x = -2; x < 1; ++x) cells = cells.Union(BoxAt(transform.Apply(Coord{x, y, z})));
      }
    }
    EXPECT_EQ(transform.Apply(box), cells);
  }
  EXPECT_TRUE((Transform{Rotation::Mirror(Axis::kX), {5, 5, 5}}.Apply(Box()).empty()));
}

TEST(TransformTest, InversesAndProductsAgreeWithApplying) {
  const Coord p{-4, 9, 2};
  for (Rotation r : AllRotations()) {
    const Transform a{r, {1, 2, 3}};
    const Transform b{r.Inverse() * Rotation::Quarter(Axis::kX, 1), {-50, 0, 8}};
    EXPECT_EQ(a.Inverse().Apply(a.Apply(p)), p);
    EXPECT_EQ((a * b).Apply(p), a.Apply(b.Apply(p)));
    EXPECT_TRUE((a * a.Inverse()).identity());
  }
}

}  // namespace
}  // namespace voxel
