// Positions, boxes, axes, modes and placements between the API's messages and the engine's values.
//
// Errors: `field` is the argument's path in the request; messages name the value and what is
// accepted.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "voxel/grid/box.h"
#include "voxel/grid/mode.h"
#include "voxel/grid/transform.h"
#include "voxel/ops/edit.h"
#include "voxeld/v1/common.pb.h"
#include "voxeld/v1/edit.pb.h"
#include "voxeld/v1/layer.pb.h"

namespace voxeld {

using RepeatedInt = google::protobuf::RepeatedField<int32_t>;

// Exactly three integers. MISSING_FIELD if there are none, INVALID_FIELD for another count.
absl::StatusOr<voxel::Coord> ToVector(const RepeatedInt& values, std::string_view field);
// The same, inside the world. OUT_OF_WORLD.
absl::StatusOr<voxel::Coord> ToCoord(const RepeatedInt& values, std::string_view field);
// 3n integers, all inside the world. MISSING_FIELD, INVALID_FIELD, OUT_OF_WORLD.
absl::StatusOr<std::vector<voxel::Coord>> ToCoords(const RepeatedInt& values,
                                                   std::string_view field);
// The same without the list.
absl::Status CheckCoords(const RepeatedInt& values, std::string_view field);
// Not empty and inside the world. MISSING_FIELD, INVALID_FIELD, OUT_OF_WORLD.
absl::StatusOr<voxel::Box> ToBox(const v1::Box& box, std::string_view field);
// INVALID_FIELD for a number that is no axis; unspecified is `fallback`, or MISSING_FIELD without
// one.
absl::StatusOr<voxel::Axis> ToAxis(v1::Axis axis, std::optional<voxel::Axis> fallback,
                                   std::string_view field);
// INVALID_FIELD for a number that is no mode; unspecified is `fallback`.
absl::StatusOr<voxel::Mode> ToMode(v1::Mode mode, voxel::Mode fallback, std::string_view field);
// INVALID_FIELD, OUT_OF_WORLD.
absl::StatusOr<voxel::Transform> ToTransform(const v1::Transform& transform,
                                             std::string_view field);

// INVALID_FIELD for a number that is no neighbourhood; unspecified is by faces.
absl::StatusOr<voxel::Neighbours> ToNeighbours(v1::Neighbours neighbours, std::string_view field);

void FromCoord(voxel::Coord coord, RepeatedInt* out);
void FromBox(const voxel::Box& box, v1::Box* out);
v1::Mode FromMode(voxel::Mode mode);
void FromTransform(const voxel::Transform& transform, v1::Transform* out);

}  // namespace voxeld
