#include "voxel/ops/edit_check.h"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/ops/color_match.h"
#include "voxel/ops/line.h"
#include "voxel/ops/operations.h"
#include "voxel/ops/placement.h"
#include "voxel/ops/scale.h"
#include "voxel/ops/torus_shape.h"

namespace voxel {
namespace {

constexpr char kWorldText[] = "the world is [-1073741824, 1073741824) on each axis";

std::string Text(Coord c) { return absl::StrCat("(", c.x, ", ", c.y, ", ", c.z, ")"); }

absl::Status CheckCoord(Coord c, const std::string& field) {
  if (InWorld(c)) return absl::OkStatus();
  return Error(Reason::OUT_OF_WORLD, absl::StrCat(field, " is ", Text(c), "; ", kWorldText), field);
}

Block BallBounds(Coord center, int64_t radius) {
  Block ball;
  for (int i = 0; i < 3; ++i) ball[i] = {center[i] - radius, center[i] + radius};
  return ball;
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
      VOXEL_RETURN_IF_ERROR(CheckInWorld(BallBounds(point, op.radius), "the line", "line.radius"));
    }
    return CheckVoxels(LineVoxelsAtMost(op.points, op.radius), "line.points");
  }
  absl::Status operator()(const FloodFill& op) const {
    return CheckFlood(op.seed, op.tolerance, op.max_voxels, "flood_fill");
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
  absl::Status operator()(const Repaint& op) const {
    return op.box ? CheckBox(*op.box, "repaint.box") : absl::OkStatus();
  }
  absl::Status operator()(const Clear& op) const {
    return op.box ? CheckBox(*op.box, "clear.box") : absl::OkStatus();
  }
  absl::Status operator()(const MoveBox& op) const {
    VOXEL_RETURN_IF_ERROR(CheckSolid(op.box, "move.box"));
    return CheckTarget(op.box, op.by, "the moved box", "move.by");
  }
  absl::Status operator()(const CopyBox& op) const {
    VOXEL_RETURN_IF_ERROR(CheckBox(op.box, "copy.box"));
    VOXEL_RETURN_IF_ERROR(CheckCopies(op.box, op.count, "copy"));
    VOXEL_RETURN_IF_ERROR(CheckCoord(op.to, "copy.to"));
    Block target;
    for (int i = 0; i < 3; ++i) {
      const int64_t last = int64_t{op.to[i]} + int64_t{op.step[i]} * (op.count - 1);
      target[i] = {std::min(last, int64_t{op.to[i]}),
                   std::max(last, int64_t{op.to[i]}) + op.box.Size(i) - 1};
    }
    return CheckInWorld(target, "the copy", op.count == 1 ? "copy.to" : "copy.step");
  }
  absl::Status operator()(const Paste& op) const;
  absl::Status operator()(const Cut& op) const {
    VOXEL_RETURN_IF_ERROR(CheckSolid(op.box, "cut.box"));
    const Coord to = op.to.value_or(op.box.min);
    VOXEL_RETURN_IF_ERROR(CheckCoord(to, "cut.to"));
    return CheckTarget(op.box, to - op.box.min, "what is cut", "cut.to");
  }
  absl::Status operator()(const Stack& op) const;
  absl::Status operator()(const Recentre& op) const { return CheckCoord(op.to, "recentre.to"); }
  absl::Status operator()(const Mirror& op) const { return CheckSolid(op.box, "mirror.box"); }
  absl::Status operator()(const Rotate& op) const {
    VOXEL_RETURN_IF_ERROR(CheckSolid(op.box, "rotate.box"));
    return CheckInWorld(RotatedExtent(op.box, op.axis, op.quarter_turns), "the turned box",
                        "rotate.box");
  }

  // More shapes.
  absl::Status operator()(const Pyramid& op) const { return CheckSolid(op.box, "pyramid.box"); }
  absl::Status operator()(const Capsule& op) const {
    VOXEL_RETURN_IF_ERROR(CheckCoord(op.from, "capsule.from"));
    VOXEL_RETURN_IF_ERROR(CheckCoord(op.to, "capsule.to"));
    VOXEL_RETURN_IF_ERROR(CheckAtLeastOne(op.radius, "capsule.radius"));
    for (const Coord& end : {op.from, op.to}) {
      VOXEL_RETURN_IF_ERROR(
          CheckInWorld(BallBounds(end, op.radius), "the capsule", "capsule.radius"));
    }
    return CheckVoxels(LineVoxelsAtMost({op.from, op.to}, op.radius), "capsule");
  }
  absl::Status operator()(const Prism& op) const;
  absl::Status operator()(const Walls& op) const {
    VOXEL_RETURN_IF_ERROR(CheckAtLeastOne(op.thickness, "walls.thickness"));
    return CheckSolid(op.box, "walls.box");
  }
  absl::Status operator()(const Faces& op) const {
    VOXEL_RETURN_IF_ERROR(CheckAtLeastOne(op.thickness, "faces.thickness"));
    return CheckSolid(op.box, "faces.box");
  }
  absl::Status operator()(const Runs& op) const;
  absl::Status operator()(const Drain& op) const {
    return CheckFlood(op.seed, op.tolerance, op.max_voxels, "drain");
  }
  absl::Status operator()(const Crop& op) const { return CheckBox(op.box, "crop.box"); }
  absl::Status operator()(const Extrude& op) const;

  // What looks around a voxel.
  absl::Status operator()(const Outline& op) const {
    return CheckThickness(op.thickness, "outline.thickness");
  }
  absl::Status operator()(const HollowOut& op) const {
    return CheckThickness(op.thickness, "hollow.thickness");
  }
  absl::Status operator()(const FillVoids&) const { return absl::OkStatus(); }
  absl::Status operator()(const Scale& op) const;

  // Other layers.
  absl::Status operator()(const Combine& op) const {
    if (op.how >= Combination::kUnion && op.how <= Combination::kXor) return absl::OkStatus();
    return Invalid("combine.how",
                   absl::StrCat("is ", static_cast<int>(op.how), "; accepted is 1 to 4"));
  }
  absl::Status operator()(const Flatten& op) const {
    for (auto it = op.layers.begin(); it != op.layers.end(); ++it) {
      if (std::find(op.layers.begin(), it, *it) == it) continue;
      return Invalid("flatten.layers", absl::StrCat("names '", *it, "' again"));
    }
    return absl::OkStatus();
  }

  // Colours.
  absl::Status operator()(const Remap& op) const;
  absl::Status operator()(const Quantise& op) const {
    return CheckRange(op.colors, 1, kMostColors, "quantise.colors");
  }
  absl::Status operator()(const MergeColors& op) const {
    return CheckRange(op.tolerance, 1, 255, "merge_colors.tolerance");
  }
  absl::Status operator()(const Adjust& op) const {
    VOXEL_RETURN_IF_ERROR(CheckRange(op.hue, -360, 360, "adjust.hue"));
    VOXEL_RETURN_IF_ERROR(CheckRange(op.saturation, -100, 100, "adjust.saturation"));
    VOXEL_RETURN_IF_ERROR(CheckRange(op.lightness, -100, 100, "adjust.lightness"));
    return CheckRange(op.contrast, -100, 100, "adjust.contrast");
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

  absl::Status CheckFlood(Coord seed, uint32_t tolerance, int64_t max_voxels,
                          const std::string& op) const {
    VOXEL_RETURN_IF_ERROR(CheckCoord(seed, op + ".seed"));
    VOXEL_RETURN_IF_ERROR(CheckTolerance(tolerance, op + ".tolerance"));
    if (max_voxels < 0) {
      return Invalid(op + ".max_voxels",
                     absl::StrCat("is ", max_voxels, "; accepted is 0 (the limit) or more"));
    }
    if (edit_.clip && !edit_.clip->Contains(seed)) {
      return Invalid(op + ".seed",
                     absl::StrCat("is ", Text(seed), ", which lies outside the clip box"));
    }
    return absl::OkStatus();
  }

  absl::Status CheckTarget(const Box& box, Coord by, const std::string& what,
                           const std::string& field) const {
    Block target = BlockOf(box);
    for (int i = 0; i < 3; ++i) target[i] = target[i].Shifted(by[i]);
    return CheckInWorld(target, what, field);
  }

  absl::Status CheckCopies(const Box& box, uint32_t count, const std::string& op) const {
    VOXEL_RETURN_IF_ERROR(CheckRange(count, 1, kMostCopies, op + ".count"));
    int64_t all = 0;
    if (__builtin_mul_overflow(box.Voxels(), int64_t{count}, &all)) all = kMostVoxels + 1;
    return CheckVoxels(all, op + ".box");
  }

  absl::Status CheckRange(int64_t value, int64_t least, int64_t most,
                          const std::string& field) const {
    if (value >= least && value <= most) return absl::OkStatus();
    return Invalid(field, absl::StrCat("is ", value, "; accepted is ", least, " to ", most));
  }
  absl::Status CheckAtLeastOne(uint32_t value, const std::string& field) const {
    if (value >= 1) return absl::OkStatus();
    return Invalid(field, "is 0; accepted is 1 or more");
  }
  absl::Status CheckThickness(uint32_t thickness, const std::string& field) const {
    return CheckRange(thickness, 1, kMostThickness, field);
  }

  absl::Status CheckTolerance(uint32_t tolerance, const std::string& field) const {
    if (tolerance <= 255) return absl::OkStatus();
    return Invalid(field, absl::StrCat("is ", tolerance, "; accepted is 0 to 255"));
  }

  const Edit& edit_;
  const TaskContext& context_;
};

absl::Status Checker::operator()(const Prism& op) const {
  if (op.points.size() < 3 || op.points.size() > kMostCorners) {
    return Invalid("prism.points", absl::StrCat("holds ", op.points.size(),
                                                " corners; accepted are 3 to ", kMostCorners));
  }
  VOXEL_RETURN_IF_ERROR(CheckAtLeastOne(op.length, "prism.length"));
  Box plane;
  for (const Coord& point : op.points) {
    VOXEL_RETURN_IF_ERROR(CheckCoord(point, "prism.points"));
    if (point[op.axis] != op.points[0][op.axis]) {
      return Invalid("prism.points",
                     absl::StrCat("go from ", Text(op.points[0]), " to ", Text(point),
                                  "; all corners must lie in one plane across the axis"));
    }
    plane = plane.Union(BoxAt(point));
  }
  Block extent = BlockOf(plane);
  Interval& along = extent[static_cast<int>(op.axis)];
  along.last = along.first + op.length - 1;
  VOXEL_RETURN_IF_ERROR(CheckInWorld(extent, "the prism", "prism.length"));
  return CheckVoxels(BoxOf(extent).Voxels(), "prism");
}

absl::Status Checker::operator()(const Runs& op) const {
  if (op.runs.empty()) return Invalid("runs.runs", "is empty; at least one run is needed");
  if (op.colors.size() != 1 && op.colors.size() != op.runs.size()) {
    return Invalid("runs.rgba",
                   absl::StrCat("holds ", op.colors.size(), " colours for ", op.runs.size(),
                                " runs; accepted are one, or one for each"));
  }
  if (op.runs.size() > kMostPositions) {
    return Invalid("runs.runs", absl::StrCat("holds ", op.runs.size(), " runs; accepted are up to ",
                                             kMostPositions));
  }
  int64_t voxels = 0;  // at most 2^32 lengths of 2^32: stops at the first that is out of the world
  for (size_t i = 0; i < op.runs.size(); ++i) {
    const Run& run = op.runs[i];
    const std::string what = absl::StrCat("run ", i);
    if (run.length == 0) return Invalid("runs.runs", what + " has length 0; accepted is 1 or more");
    Block extent = BlockOf(BoxAt(run.start));
    if (!InWorld(run.start)) return CheckCoord(run.start, "runs.runs");
    extent[0].last = extent[0].first + run.length - 1;
    VOXEL_RETURN_IF_ERROR(CheckInWorld(extent, what, "runs.runs"));
    voxels = std::min(voxels + run.length, kMostVoxels + 1);
  }
  return CheckVoxels(voxels, "runs.runs");
}

absl::Status Checker::operator()(const Extrude& op) const {
  VOXEL_RETURN_IF_ERROR(CheckSolid(op.box, "extrude.box"));
  const int64_t length = op.length;
  if (length == 0) return Invalid("extrude.length", "is 0; accepted is 1 or more, or -1 or less");
  VOXEL_RETURN_IF_ERROR(CheckRange(length, -int64_t{kMostCopies}, kMostCopies, "extrude.length"));
  Block extent = BlockOf(op.box);
  Interval& along = extent[static_cast<int>(op.axis)];
  along = length > 0 ? Interval{along.last + 1, along.last + length}
                     : Interval{along.first + length, along.first - 1};
  VOXEL_RETURN_IF_ERROR(CheckInWorld(extent, "the extrusion", "extrude.length"));
  return CheckVoxels(BoxOf(extent).Voxels(), "extrude");
}

absl::Status Checker::operator()(const Paste& op) const {
  if (op.to) VOXEL_RETURN_IF_ERROR(CheckCoord(*op.to, "paste.to"));
  if (!op.box) return absl::OkStatus();  // that of the layer's voxels is checked when it is known
  VOXEL_RETURN_IF_ERROR(CheckSolid(*op.box, "paste.box"));
  const Block target = PasteMap(op, *op.box).Apply(BlockOf(*op.box));
  return CheckInWorld(target, "what is pasted", op.to ? "paste.to" : "paste.box");
}

absl::Status Checker::operator()(const Stack& op) const {
  VOXEL_RETURN_IF_ERROR(CheckBox(op.box, "stack.box"));
  VOXEL_RETURN_IF_ERROR(CheckCopies(op.box, op.count, "stack"));
  for (int i = 0; i < 3; ++i) {
    if (op.direction[i] >= -1 && op.direction[i] <= 1 && op.direction != Coord{}) continue;
    return Invalid(
        "stack.direction",
        absl::StrCat("is ", Text(op.direction), "; accepted are -1, 0 and 1, not all of them 0"));
  }
  const WideTransform step = StackStep(op);
  Block extent = BlockOf(op.box);
  for (int i = 0; i < 3; ++i) {
    const int64_t way = step.offset[i] * op.count;
    extent[i] = {extent[i].first + std::min<int64_t>(way, 0),
                 extent[i].last + std::max<int64_t>(way, 0)};
  }
  return CheckInWorld(extent, "the stack", "stack.count");
}

absl::Status Checker::operator()(const Scale& op) const {
  VOXEL_RETURN_IF_ERROR(CheckSolid(op.box, "scale.box"));
  VOXEL_RETURN_IF_ERROR(CheckRange(op.factor, 2, kMostScale, "scale.factor"));
  for (int i = 0; op.down && i < 3; ++i) {
    if (op.box.Size(i) % op.factor == 0) continue;
    return Invalid("scale.box",
                   absl::StrCat("is ", op.box.Size(i), " voxels long on axis ",
                                std::string(1, static_cast<char>('x' + i)),
                                "; accepted are multiples of the factor, ", op.factor));
  }
  const Block extent = ScaledExtent(op);
  VOXEL_RETURN_IF_ERROR(CheckInWorld(extent, "the scaled box", "scale.box"));
  return CheckVoxels(BoxOf(extent).Voxels(), "scale.box");
}

absl::Status Checker::operator()(const Remap& op) const {
  if (op.from.empty() || op.from.size() > kMostColors) {
    return Invalid("remap.from", absl::StrCat("holds ", op.from.size(),
                                              " colours; accepted are 1 to ", kMostColors));
  }
  if (op.to.size() != op.from.size()) {
    return Invalid("remap.to", absl::StrCat("holds ", op.to.size(), " colours; remap.from holds ",
                                            op.from.size(), ", and each needs one"));
  }
  std::vector<Color> sorted = op.from;
  std::sort(sorted.begin(), sorted.end());
  if (sorted[0] == kAir) return Invalid("remap.from", "names air, which is no colour to remap");
  if (std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end()) return absl::OkStatus();
  return Invalid("remap.from", "names a colour twice; each may become one other only");
}

absl::Status CheckPaint(const Edit& edit) {
  if (edit.pattern == nullptr) return absl::OkStatus();
  const Operation& operation = OperationOf(edit.op);
  // Copies paint what they copy, runs a colour for each.
  const bool one_color = operation.paints && operation.family != OperationFamily::kPlacement &&
                         !std::holds_alternative<Runs>(edit.op);
  if (one_color) return InField("pattern", CheckPattern(*edit.pattern));
  return Error(
      Reason::INVALID_FIELD,
      absl::StrCat("pattern is given to ", operation.name, ", which does not paint one colour"),
      "pattern");
}

}  // namespace

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

absl::Status CheckEdit(const Edit& edit, const TaskContext& context) {
  if (edit.mode < Mode::kOver || edit.mode > Mode::kReplace) {
    return Error(Reason::INVALID_FIELD,
                 absl::StrCat("mode is ", static_cast<int>(edit.mode), "; accepted is 1 to 9"),
                 "mode");
  }
  if (!OperationOf(edit.op).paints && edit.mode != Mode::kReplace) {
    return Error(Reason::INVALID_FIELD,
                 absl::StrCat("mode is not replace; ", OperationOf(edit.op).name,
                              " does not paint and has no other"),
                 "mode");
  }
  if (edit.clip) VOXEL_RETURN_IF_ERROR(CheckBox(*edit.clip, "clip"));
  if (edit.mask != nullptr) VOXEL_RETURN_IF_ERROR(InField("mask", CheckMask(*edit.mask)));
  VOXEL_RETURN_IF_ERROR(CheckPaint(edit));
  return std::visit(Checker(edit, context), edit.op);
}

}  // namespace voxel
