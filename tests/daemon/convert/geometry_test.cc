#include "daemon/convert/geometry.h"

#include <gtest/gtest.h>

#include "voxel/base/error.h"

namespace voxeld {
namespace {

v1::Box MakeBox(std::initializer_list<int32_t> min, std::initializer_list<int32_t> max) {
  v1::Box box;
  for (const int32_t v : min) box.add_min(v);
  for (const int32_t v : max) box.add_max(v);
  return box;
}

std::string ReasonFor(const v1::Box& box) { return voxel::ReasonOf(ToBox(box, "box").status()); }

TEST(GeometryTest, TheWholeWorldIsABox) {
  const auto box = ToBox(MakeBox({voxel::kMinCoord, voxel::kMinCoord, voxel::kMinCoord},
                                 {voxel::kMaxCoord, voxel::kMaxCoord, voxel::kMaxCoord}),
                         "box");
  ASSERT_TRUE(box.ok()) << box.status();
  EXPECT_EQ(*box, voxel::kWorld);
}

TEST(GeometryTest, BoxesOutsideTheWorldAreRefused) {
  EXPECT_EQ(ReasonFor(MakeBox({0, 0, 0}, {1, voxel::kMaxCoord + 1, 1})), "OUT_OF_WORLD");
  EXPECT_EQ(ReasonFor(MakeBox({voxel::kMinCoord - 1, 0, 0}, {1, 1, 1})), "OUT_OF_WORLD");
  EXPECT_EQ(ReasonFor(MakeBox({0, 0, voxel::kMaxCoord}, {1, 1, voxel::kMaxCoord})), "OUT_OF_WORLD");
}

TEST(GeometryTest, EmptyAndReversedBoxesNameTheAxis) {
  const absl::Status status = ToBox(MakeBox({0, 5, 0}, {1, 5, 1}), "clip").status();
  EXPECT_EQ(voxel::ReasonOf(status), "INVALID_FIELD");
  EXPECT_EQ(voxel::FieldOf(status), "clip.max[1]");
}

TEST(GeometryTest, CornersTakeExactlyThreeNumbers) {
  EXPECT_EQ(ReasonFor(MakeBox({}, {1, 1, 1})), "MISSING_FIELD");
  EXPECT_EQ(ReasonFor(MakeBox({0, 0}, {1, 1, 1})), "INVALID_FIELD");
  EXPECT_EQ(ReasonFor(MakeBox({0, 0, 0}, {1, 1, 1, 1})), "INVALID_FIELD");
}

TEST(GeometryTest, PositionListsTakeTriples) {
  RepeatedInt values;
  EXPECT_EQ(voxel::ReasonOf(ToCoords(values, "xyz").status()), "MISSING_FIELD");
  for (const int32_t v : {1, 2, 3, 4}) values.Add(v);
  EXPECT_EQ(voxel::ReasonOf(ToCoords(values, "xyz").status()), "INVALID_FIELD");
  for (const int32_t v : {5, voxel::kMaxCoord}) values.Add(v);
  const absl::Status status = ToCoords(values, "xyz").status();
  EXPECT_EQ(voxel::ReasonOf(status), "OUT_OF_WORLD");
  EXPECT_EQ(voxel::FieldOf(status), "xyz[3]");
}

TEST(GeometryTest, EveryRotationComesBackAndNoOtherByteIsTaken) {
  int taken = 0;
  for (uint32_t byte = 1; byte < 300; ++byte) {
    v1::Transform transform;
    transform.set_rotation(byte);
    const auto read = ToTransform(transform, "transform");
    if (!read.ok()) continue;
    ++taken;
    v1::Transform written;
    FromTransform(*read, &written);
    EXPECT_EQ(written.rotation(), byte);
  }
  EXPECT_EQ(taken, 48);
}

TEST(GeometryTest, ModesOutsideTheListAreRefused) {
  EXPECT_EQ(*ToMode(v1::MODE_UNSPECIFIED, voxel::Mode::kOver, "mode"), voxel::Mode::kOver);
  EXPECT_EQ(*ToMode(v1::MODE_MULT_ALPHA, voxel::Mode::kOver, "mode"), voxel::Mode::kMultAlpha);
  EXPECT_EQ(voxel::ReasonOf(ToMode(static_cast<v1::Mode>(10), voxel::Mode::kOver, "mode").status()),
            "INVALID_FIELD");
}

}  // namespace
}  // namespace voxeld
