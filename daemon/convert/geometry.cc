#include "daemon/convert/geometry.h"

#include "daemon/convert/enums.h"
#include "voxel/base/error.h"
#include "voxel/base/short_text.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;
using voxel::ShortText;

constexpr std::string_view kWorldRange = "[-1073741824, 1073741824)";

absl::Status CheckTriples(const RepeatedInt& values, std::string_view field) {
  if (values.empty()) return Error(Reason::MISSING_FIELD, ShortText(field, " is missing"), field);
  if (values.size() % 3 == 0) return absl::OkStatus();
  return Error(
      Reason::INVALID_FIELD,
      ShortText(field, " has ", values.size(), " numbers; it takes x, y, z of each position"),
      field);
}

absl::Status OutOfWorld(voxel::Coord c, std::string_view field) {
  return Error(
      Reason::OUT_OF_WORLD,
      ShortText(field, " is [", c.x, ", ", c.y, ", ", c.z, "]; each must be in ", kWorldRange),
      field);
}

bool InClosedWorld(voxel::Coord c) {  // a box's max may be the world's end
  return voxel::InWorld(
      c - voxel::Coord{c.x == voxel::kMaxCoord, c.y == voxel::kMaxCoord, c.z == voxel::kMaxCoord});
}

}  // namespace

absl::StatusOr<voxel::Coord> ToVector(const RepeatedInt& values, std::string_view field) {
  if (values.empty())
    return Error(Reason::MISSING_FIELD, voxel::StrCat(field, " is missing"), field);
  if (values.size() != 3) {
    return Error(Reason::INVALID_FIELD,
                 voxel::StrCat(field, " has ", values.size(), " numbers; it takes 3"), field);
  }
  return voxel::Coord{values[0], values[1], values[2]};
}

absl::StatusOr<voxel::Coord> ToCoord(const RepeatedInt& values, std::string_view field) {
  VOXEL_ASSIGN_OR_RETURN(const voxel::Coord c, ToVector(values, field));
  if (!voxel::InWorld(c)) return OutOfWorld(c, field);
  return c;
}

absl::Status CheckCoords(const RepeatedInt& values, std::string_view field) {
  VOXEL_RETURN_IF_ERROR(CheckTriples(values, field));
  for (int at = 0; at < values.size(); at += 3) {
    const voxel::Coord c{values[at], values[at + 1], values[at + 2]};
    if (!voxel::InWorld(c)) return OutOfWorld(c, ShortText(field, "[", at, "]"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<voxel::Coord>> ToCoords(const RepeatedInt& values,
                                                   std::string_view field) {
  VOXEL_RETURN_IF_ERROR(CheckCoords(values, field));
  std::vector<voxel::Coord> coords(static_cast<size_t>(values.size()) / 3);
  for (size_t i = 0; i < coords.size(); ++i) {
    const int at = static_cast<int>(3 * i);
    coords[i] = {values[at], values[at + 1], values[at + 2]};
  }
  return coords;
}

absl::StatusOr<voxel::Box> ToBox(const v1::Box& box, std::string_view field) {
  const std::string min_field = voxel::StrCat(field, ".min");
  const std::string max_field = voxel::StrCat(field, ".max");
  VOXEL_ASSIGN_OR_RETURN(const voxel::Coord min, ToCoord(box.min(), min_field));
  VOXEL_ASSIGN_OR_RETURN(const voxel::Coord max, ToVector(box.max(), max_field));
  if (!InClosedWorld(max)) return OutOfWorld(max, max_field);
  for (int axis = 0; axis < 3; ++axis) {
    if (min[axis] < max[axis]) continue;
    return Error(Reason::INVALID_FIELD,
                 voxel::StrCat(max_field, "[", axis, "] is ", max[axis], "; it must be above min[",
                               axis, "], ", min[axis], " (boxes are half-open)"),
                 voxel::StrCat(max_field, "[", axis, "]"));
  }
  return voxel::Box{min, max};
}

absl::StatusOr<voxel::Axis> ToAxis(v1::Axis axis, std::optional<voxel::Axis> fallback,
                                   std::string_view field) {
  VOXEL_RETURN_IF_ERROR(CheckEnum(axis, field));
  switch (axis) {
    case v1::AXIS_X:
      return voxel::Axis::kX;
    case v1::AXIS_Y:
      return voxel::Axis::kY;
    case v1::AXIS_Z:
      return voxel::Axis::kZ;
    default:
      break;
  }
  if (fallback.has_value()) return *fallback;
  return Error(Reason::MISSING_FIELD,
               voxel::StrCat(field, " is missing; it takes AXIS_X, AXIS_Y or AXIS_Z"), field);
}

absl::StatusOr<voxel::Mode> ToMode(v1::Mode mode, voxel::Mode fallback, std::string_view field) {
  if (mode == v1::MODE_UNSPECIFIED) return fallback;
  VOXEL_RETURN_IF_ERROR(CheckEnum(mode, field));
  return static_cast<voxel::Mode>(mode);
}

absl::StatusOr<voxel::Transform> ToTransform(const v1::Transform& transform,
                                             std::string_view field) {
  voxel::Transform out;
  if (transform.rotation() != 0) {
    const auto rotation = voxel::Rotation::FromByte(transform.rotation());
    if (!rotation.has_value()) {
      return Error(
          Reason::INVALID_FIELD,
          voxel::StrCat(field, ".rotation is ", transform.rotation(),
                        "; it must be one of the 48 axis-aligned rotations (4 is the identity)"),
          voxel::StrCat(field, ".rotation"));
    }
    out.rotation = *rotation;
  }
  if (!transform.offset().empty()) {
    VOXEL_ASSIGN_OR_RETURN(out.offset,
                           ToCoord(transform.offset(), voxel::StrCat(field, ".offset")));
  }
  return out;
}

absl::StatusOr<voxel::Neighbours> ToNeighbours(v1::Neighbours neighbours, std::string_view field) {
  VOXEL_RETURN_IF_ERROR(CheckEnum(neighbours, field));
  return neighbours == v1::NEIGHBOURS_EDGES     ? voxel::Neighbours::kEdges
         : neighbours == v1::NEIGHBOURS_CORNERS ? voxel::Neighbours::kCorners
                                                : voxel::Neighbours::kFaces;
}

void FromCoord(voxel::Coord coord, RepeatedInt* out) {
  out->Resize(3, 0);  // one by one they would be given memory twice
  out->Set(0, coord.x);
  out->Set(1, coord.y);
  out->Set(2, coord.z);
}

void FromBox(const voxel::Box& box, v1::Box* out) {
  FromCoord(box.min, out->mutable_min());
  FromCoord(box.max, out->mutable_max());
}

v1::Mode FromMode(voxel::Mode mode) { return static_cast<v1::Mode>(mode); }

void FromTransform(const voxel::Transform& transform, v1::Transform* out) {
  out->set_rotation(transform.rotation.byte());
  FromCoord(transform.offset, out->mutable_offset());
}

static_assert(static_cast<int>(voxel::Mode::kOver) == v1::MODE_OVER);
static_assert(static_cast<int>(voxel::Mode::kReplace) == v1::MODE_REPLACE);

}  // namespace voxeld
