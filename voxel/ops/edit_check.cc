#include "voxel/ops/edit_check.h"

#include <algorithm>
#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/ops/color_match.h"
#include "voxel/ops/line.h"
#include "voxel/ops/placement.h"
#include "voxel/ops/torus_shape.h"

namespace voxel {
namespace {

constexpr char kWorldText[] = "the world is [-1073741824, 1073741824) on each axis";

std::string Text(Coord c) { return absl::StrCat("(", c.x, ", ", c.y, ", ", c.z, ")"); }

absl::Status CheckCoord(Coord c, const std::string& field) {
  if (InWorld(c)) return absl::OkStatus();
  return Error(Reason::OUT_OF_WORLD, absl::StrCat(field, " is ", Text(c), "; ", kWorldText), field);
}

absl::Status CheckInWorld(const Block& extent, const std::string& what, const std::string& field) {
  for (int i = 0; i < 3; ++i) {
    if (extent[i].first >= kMinCoord && extent[i].last < kMaxCoord) continue;
    return Error(
        Reason::OUT_OF_WORLD,
        absl::StrCat(what, " reaches from ", extent[i].first, " to ", extent[i].last, " on axis ",
                     std::string(1, static_cast<char>('x' + i)), "; ", kWorldText),
        field);
  }
  return absl::OkStatus();
}

absl::Status CheckBox(const Box& box, const std::string& field) {
  const std::string min_field = absl::StrCat(field, ".min");
  const std::string max_field = absl::StrCat(field, ".max");
  VOXEL_RETURN_IF_ERROR(CheckCoord(box.min, min_field));
  if (std::max({box.max.x, box.max.y, box.max.z}) > kMaxCoord) {
    return Error(Reason::OUT_OF_WORLD,
                 absl::StrCat(max_field, " is ", Text(box.max), "; ", kWorldText), max_field);
  }
  if (!box.empty()) return absl::OkStatus();
  return Error(Reason::INVALID_FIELD,
               absl::StrCat(field, " from ", Text(box.min), " to ", Text(box.max),
                            " is empty; max must be greater than min on every axis"),
               field);
}

class Checker {
 public:
  Checker(const Edit& edit, const TaskContext& context) : edit_(edit), context_(context) {}

  absl::Status operator()(const SetVoxels& op) const {
    if (op.positions.empty())
      return Invalid("set.xyz", "is empty; at least one position is needed");
    const size_t positions = std::min<size_t>(op.positions.size(), kMostVoxels);
    VOXEL_RETURN_IF_ERROR(CheckVoxels(static_cast<int64_t>(positions), "set.xyz", kMostPositions));
    if (op.colors.size() != 1 && op.colors.size() != op.positions.size()) {
      return Invalid("set.rgba",
                     absl::StrCat("holds ", op.colors.size(), " colours for ", op.positions.size(),
                                  " positions; accepted are one, or one for each"));
    }
    const auto out = std::find_if_not(op.positions.begin(), op.positions.end(), InWorld);
    if (out == op.positions.end()) return absl::OkStatus();
    return Error(Reason::OUT_OF_WORLD,
                 absl::StrCat("position ", out - op.positions.begin(), " of set.xyz is ",
                              Text(*out), "; ", kWorldText),
                 "set.xyz");
  }
  absl::Status operator()(const FillBox& op) const { return CheckSolid(op.box, "box.box"); }
  absl::Status operator()(const Ellipsoid& op) const { return CheckSolid(op.box, "ellipsoid.box"); }
  absl::Status operator()(const Cylinder& op) const { return CheckSolid(op.box, "cylinder.box"); }
  absl::Status operator()(const Cone& op) const { return CheckSolid(op.box, "cone.box"); }
  absl::Status operator()(const Torus& op) const {
    VOXEL_RETURN_IF_ERROR(CheckCoord(op.center, "torus.center"));
    if (op.minor == 0) return Invalid("torus.minor", "is 0; a tube needs a radius of at least 1");
    const Block extent = TorusBounds(op.center, op.axis, op.major, op.minor);
    VOXEL_RETURN_IF_ERROR(CheckInWorld(extent, "the torus", "torus"));
    return CheckVoxels(TorusShape(op.center, op.axis, op.major, op.minor).bounds().Voxels(),
                       "torus");
  }
  absl::Status operator()(const Line& op) const {
    if (op.points.empty()) return Invalid("line.points", "is empty; at least one point is needed");
    for (const Coord& point : op.points) {
      VOXEL_RETURN_IF_ERROR(CheckCoord(point, "line.points"));
      Block ball;
      for (int i = 0; i < 3; ++i) {
        ball[i] = {int64_t{point[i]} - op.radius, int64_t{point[i]} + op.radius};
      }
      VOXEL_RETURN_IF_ERROR(CheckInWorld(ball, "the line", "line.radius"));
    }
    return CheckVoxels(LineVoxelsAtMost(op.points, op.radius), "line.points");
  }
  absl::Status operator()(const FloodFill& op) const {
    VOXEL_RETURN_IF_ERROR(CheckCoord(op.seed, "flood_fill.seed"));
    VOXEL_RETURN_IF_ERROR(CheckTolerance(op.tolerance, "flood_fill.tolerance"));
    if (op.max_voxels < 0) {
      return Invalid("flood_fill.max_voxels",
                     absl::StrCat("is ", op.max_voxels, "; accepted is 0 (the limit) or more"));
    }
    if (edit_.clip && !edit_.clip->Contains(op.seed)) {
      return Invalid("flood_fill.seed",
                     absl::StrCat("is ", Text(op.seed), ", which lies outside the clip box"));
    }
    return absl::OkStatus();
  }
  absl::Status operator()(const Replace& op) const {
    VOXEL_RETURN_IF_ERROR(CheckTolerance(op.tolerance, "replace.tolerance"));
    if (op.box) VOXEL_RETURN_IF_ERROR(CheckBox(*op.box, "replace.box"));
    if (!ColorMatch(op.from, op.tolerance)(kAir)) return absl::OkStatus();
    if (!op.box && !edit_.clip) {
      return Invalid("replace.box", "is absent; replacing air needs a box or a clip box");
    }
    const Box part = op.box.value_or(kWorld).Intersection(edit_.clip.value_or(kWorld));
    return CheckVoxels(part.Voxels(), "replace.box");
  }
  absl::Status operator()(const Clear& op) const {
    VOXEL_RETURN_IF_ERROR(CheckModeIsReplace("clear"));
    return op.box ? CheckBox(*op.box, "clear.box") : absl::OkStatus();
  }
  absl::Status operator()(const MoveBox& op) const {
    VOXEL_RETURN_IF_ERROR(CheckModeIsReplace("move"));
    VOXEL_RETURN_IF_ERROR(CheckSolid(op.box, "move.box"));
    return CheckTarget(op.box, op.by, "the moved box", "move.by");
  }
  absl::Status operator()(const CopyBox& op) const {
    VOXEL_RETURN_IF_ERROR(CheckBox(op.box, "copy.box"));
    if (op.count < 1 || op.count > kMostCopies) {
      return Invalid("copy.count",
                     absl::StrCat("is ", op.count, "; accepted is 1 to ", kMostCopies));
    }
    int64_t all = 0;
    if (__builtin_mul_overflow(op.box.Voxels(), int64_t{op.count}, &all)) all = kMostVoxels + 1;
    VOXEL_RETURN_IF_ERROR(CheckVoxels(all, "copy.box"));
    VOXEL_RETURN_IF_ERROR(CheckCoord(op.to, "copy.to"));
    Block target;
    for (int i = 0; i < 3; ++i) {
      const int64_t last = int64_t{op.to[i]} + int64_t{op.step[i]} * (op.count - 1);
      target[i] = {std::min(last, int64_t{op.to[i]}),
                   std::max(last, int64_t{op.to[i]}) + op.box.Size(i) - 1};
    }
    return CheckInWorld(target, "the copy", op.count == 1 ? "copy.to" : "copy.step");
  }
  absl::Status operator()(const Mirror& op) const {
    VOXEL_RETURN_IF_ERROR(CheckModeIsReplace("mirror"));
    return CheckSolid(op.box, "mirror.box");
  }
  absl::Status operator()(const Rotate& op) const {
    VOXEL_RETURN_IF_ERROR(CheckModeIsReplace("rotate"));
    VOXEL_RETURN_IF_ERROR(CheckSolid(op.box, "rotate.box"));
    return CheckInWorld(RotatedExtent(op.box, op.axis, op.quarter_turns), "the turned box",
                        "rotate.box");
  }

 private:
  absl::Status Invalid(const std::string& field, const std::string& what) const {
    return Error(Reason::INVALID_FIELD, absl::StrCat(field, " ", what), field);
  }

  absl::Status CheckVoxels(int64_t voxels, const std::string& field,
                           int64_t cap = kMostVoxels) const {
    const int64_t most = std::min(context_.max_voxels, cap);
    if (voxels <= most) return absl::OkStatus();
    return Error(Reason::LIMIT_VOXELS,
                 absl::StrCat(field, " covers ",
                              voxels > kMostVoxels ? absl::StrCat("over ", kMostVoxels)
                                                   : absl::StrCat("up to ", voxels),
                              " voxels; accepted is at most ", most),
                 field);
  }

  absl::Status CheckSolid(const Box& box, const std::string& field) const {
    VOXEL_RETURN_IF_ERROR(CheckBox(box, field));
    return CheckVoxels(box.Voxels(), field);
  }

  absl::Status CheckTarget(const Box& box, Coord by, const std::string& what,
                           const std::string& field) const {
    Block target = BlockOf(box);
    for (int i = 0; i < 3; ++i) target[i] = target[i].Shifted(by[i]);
    return CheckInWorld(target, what, field);
  }

  absl::Status CheckTolerance(uint32_t tolerance, const std::string& field) const {
    if (tolerance <= 255) return absl::OkStatus();
    return Invalid(field, absl::StrCat("is ", tolerance, "; accepted is 0 to 255"));
  }

  absl::Status CheckModeIsReplace(const std::string& op) const {
    if (edit_.mode == Mode::kReplace) return absl::OkStatus();
    return Error(Reason::INVALID_FIELD,
                 absl::StrCat("mode is not replace; ", op, " does not paint and has no other"),
                 "mode");
  }

  const Edit& edit_;
  const TaskContext& context_;
};

absl::Status CheckPaint(const Edit& edit) {
  if (edit.pattern == nullptr) return absl::OkStatus();
  const bool paints =
      !std::holds_alternative<Clear>(edit.op) && !std::holds_alternative<MoveBox>(edit.op) &&
      !std::holds_alternative<CopyBox>(edit.op) && !std::holds_alternative<Mirror>(edit.op) &&
      !std::holds_alternative<Rotate>(edit.op);
  if (paints) return InField("pattern", CheckPattern(*edit.pattern));
  return Error(Reason::INVALID_FIELD, "pattern is given to an operation that does not paint",
               "pattern");
}

}  // namespace

absl::Status CheckEdit(const Edit& edit, const TaskContext& context) {
  if (edit.mode < Mode::kOver || edit.mode > Mode::kReplace) {
    return Error(Reason::INVALID_FIELD,
                 absl::StrCat("mode is ", static_cast<int>(edit.mode), "; accepted is 1 to 9"),
                 "mode");
  }
  if (edit.clip) VOXEL_RETURN_IF_ERROR(CheckBox(*edit.clip, "clip"));
  if (edit.mask != nullptr) VOXEL_RETURN_IF_ERROR(InField("mask", CheckMask(*edit.mask)));
  VOXEL_RETURN_IF_ERROR(CheckPaint(edit));
  return std::visit(Checker(edit, context), edit.op);
}

}  // namespace voxel
