#include "daemon/convert/edits.h"

#include <utility>

#include "daemon/convert/color_text.h"
#include "daemon/convert/enums.h"
#include "daemon/convert/geometry.h"
#include "daemon/convert/ids.h"
#include "daemon/convert/masks.h"
#include "daemon/convert/voxel_lists.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/ops/operations.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;

constexpr uint32_t kMaxChannel = 255;
constexpr uint32_t kMaxRadius = 1u << 29;

// What the parts of one edit share: where it is in the request, and the names its colours may use.
struct Reader {
  const voxel::Palette* palette;
  std::string field;                               // "edits[3].box"
  std::shared_ptr<const voxel::Pattern>& pattern;  // what Paint finds

  std::string At(std::string_view name) const { return voxel::StrCat(field, ".", name); }
  absl::StatusOr<voxel::Color> Color(std::string_view text, std::string_view name) const {
    return ParseColor(text, palette, At(name));
  }
  // The operation's colour, or its pattern as the edit's.
  absl::StatusOr<voxel::Color> Paint(std::string_view text) const {
    VOXEL_ASSIGN_OR_RETURN(voxeld::Paint paint, ParsePaint(text, palette, At("color")));
    pattern = std::move(paint.pattern);
    return paint.color;
  }
  absl::StatusOr<voxel::Box> Box(const v1::Box& box) const { return ToBox(box, At("box")); }
  absl::StatusOr<voxel::Axis> Axis(v1::Axis axis) const {
    return ToAxis(axis, voxel::Axis::kZ, At("axis"));
  }
  // The id of another layer.
  absl::StatusOr<std::string> Layer(const std::string& id, std::string_view name) const {
    VOXEL_RETURN_IF_ERROR(CheckId(id, At(name)));
    return id;
  }
  absl::StatusOr<std::string> OptionalLayer(const std::string& id, std::string_view name) const {
    return id.empty() ? absl::StatusOr<std::string>(id) : Layer(id, name);
  }
  absl::Status AtMost(uint64_t value, uint64_t most, std::string_view name) const {
    if (value <= most) return absl::OkStatus();
    return Error(Reason::INVALID_FIELD,
                 voxel::StrCat(At(name), " is ", value, "; it takes 0 to ", most), At(name));
  }
};

uint32_t OneIfAbsent(uint32_t value) { return value == 0 ? 1 : value; }

using OpOr = absl::StatusOr<voxel::EditOp>;

OpOr Convert(const v1::SetVoxels& m, const Reader& r) {
  return ToSetVoxels(m, r.palette, r.field, r.pattern);
}

OpOr Convert(const v1::FillBox& m, const Reader& r) {
  voxel::FillBox op;
  VOXEL_ASSIGN_OR_RETURN(op.box, r.Box(m.box()));
  VOXEL_ASSIGN_OR_RETURN(op.color, r.Paint(m.color()));
  op.wall = m.wall();
  return op;
}

OpOr Convert(const v1::Ellipsoid& m, const Reader& r) {
  voxel::Ellipsoid op;
  VOXEL_ASSIGN_OR_RETURN(op.box, r.Box(m.box()));
  VOXEL_ASSIGN_OR_RETURN(op.color, r.Paint(m.color()));
  op.wall = m.wall();
  return op;
}

OpOr Convert(const v1::Cylinder& m, const Reader& r) {
  voxel::Cylinder op;
  VOXEL_ASSIGN_OR_RETURN(op.box, r.Box(m.box()));
  VOXEL_ASSIGN_OR_RETURN(op.axis, r.Axis(m.axis()));
  VOXEL_ASSIGN_OR_RETURN(op.color, r.Paint(m.color()));
  op.wall = m.wall();
  return op;
}

OpOr Convert(const v1::Cone& m, const Reader& r) {
  voxel::Cone op;
  VOXEL_ASSIGN_OR_RETURN(op.box, r.Box(m.box()));
  VOXEL_ASSIGN_OR_RETURN(op.axis, r.Axis(m.axis()));
  VOXEL_ASSIGN_OR_RETURN(op.color, r.Paint(m.color()));
  op.flipped = m.flipped();
  op.wall = m.wall();
  return op;
}

OpOr Convert(const v1::Torus& m, const Reader& r) {
  voxel::Torus op;
  VOXEL_ASSIGN_OR_RETURN(op.center, ToCoord(m.center(), r.At("center")));
  VOXEL_ASSIGN_OR_RETURN(op.axis, r.Axis(m.axis()));
  VOXEL_ASSIGN_OR_RETURN(op.color, r.Paint(m.color()));
  VOXEL_RETURN_IF_ERROR(r.AtMost(m.major(), kMaxRadius, "major"));
  VOXEL_RETURN_IF_ERROR(r.AtMost(m.minor(), kMaxRadius, "minor"));
  op.major = m.major();
  op.minor = m.minor();
  return op;
}

OpOr Convert(const v1::Line& m, const Reader& r) {
  voxel::Line op;
  VOXEL_ASSIGN_OR_RETURN(op.points, ToCoords(m.points(), r.At("points")));
  VOXEL_RETURN_IF_ERROR(r.AtMost(m.radius(), kMaxRadius, "radius"));
  op.radius = m.radius();
  VOXEL_ASSIGN_OR_RETURN(op.color, r.Paint(m.color()));
  return op;
}

OpOr Convert(const v1::FloodFill& m, const Reader& r) {
  voxel::FloodFill op;
  VOXEL_ASSIGN_OR_RETURN(op.seed, ToCoord(m.seed(), r.At("seed")));
  VOXEL_ASSIGN_OR_RETURN(op.color, r.Paint(m.color()));
  VOXEL_RETURN_IF_ERROR(r.AtMost(m.tolerance(), kMaxChannel, "tolerance"));
  op.tolerance = m.tolerance();
  if (m.max_voxels() < 0) {
    return Error(Reason::INVALID_FIELD,
                 voxel::StrCat(r.At("max_voxels"), " is ", m.max_voxels(), "; it takes 0 or more"),
                 r.At("max_voxels"));
  }
  op.max_voxels = m.max_voxels();
  return op;
}

OpOr Convert(const v1::Replace& m, const Reader& r) {
  voxel::Replace op;
  if (!m.from().empty()) {
    VOXEL_ASSIGN_OR_RETURN(op.from, r.Color(m.from(), "from"));
  }
  VOXEL_ASSIGN_OR_RETURN(op.color, r.Paint(m.color()));
  VOXEL_RETURN_IF_ERROR(r.AtMost(m.tolerance(), kMaxChannel, "tolerance"));
  op.tolerance = m.tolerance();
  if (m.has_box()) {
    VOXEL_ASSIGN_OR_RETURN(op.box, r.Box(m.box()));
  }
  return op;
}

OpOr Convert(const v1::ClearBox& m, const Reader& r) {
  voxel::Clear op;
  if (m.has_box()) {
    VOXEL_ASSIGN_OR_RETURN(op.box, r.Box(m.box()));
  }
  return op;
}

OpOr Convert(const v1::MoveBox& m, const Reader& r) {
  voxel::MoveBox op;
  VOXEL_ASSIGN_OR_RETURN(op.box, r.Box(m.box()));
  VOXEL_ASSIGN_OR_RETURN(op.by, ToVector(m.by(), r.At("by")));
  op.skip_empty = m.skip_empty();
  return op;
}

OpOr Convert(const v1::CopyBox& m, const Reader& r) {
  voxel::CopyBox op;
  VOXEL_ASSIGN_OR_RETURN(op.box, r.Box(m.box()));
  VOXEL_ASSIGN_OR_RETURN(op.from_layer, r.OptionalLayer(m.from_layer(), "from_layer"));
  VOXEL_ASSIGN_OR_RETURN(op.to, ToCoord(m.to(), r.At("to")));
  op.count = m.count() == 0 ? 1 : m.count();
  if (op.count > 1 || !m.step().empty()) {
    VOXEL_ASSIGN_OR_RETURN(op.step, ToVector(m.step(), r.At("step")));
  }
  op.skip_empty = m.skip_empty();
  return op;
}

OpOr Convert(const v1::Mirror& m, const Reader& r) {
  voxel::Mirror op;
  VOXEL_ASSIGN_OR_RETURN(op.box, r.Box(m.box()));
  VOXEL_ASSIGN_OR_RETURN(op.axis, ToAxis(m.axis(), std::nullopt, r.At("axis")));
  return op;
}

OpOr Convert(const v1::Rotate& m, const Reader& r) {
  voxel::Rotate op;
  VOXEL_ASSIGN_OR_RETURN(op.box, r.Box(m.box()));
  VOXEL_ASSIGN_OR_RETURN(op.axis, r.Axis(m.axis()));
  op.quarter_turns = m.quarter_turns();
  return op;
}

OpOr Convert(const v1::Pyramid& m, const Reader& r) {
  voxel::Pyramid op;
  VOXEL_ASSIGN_OR_RETURN(op.box, r.Box(m.box()));
  VOXEL_ASSIGN_OR_RETURN(op.axis, r.Axis(m.axis()));
  VOXEL_ASSIGN_OR_RETURN(op.color, r.Paint(m.color()));
  op.flipped = m.flipped();
  op.wall = m.wall();
  return op;
}

OpOr Convert(const v1::Capsule& m, const Reader& r) {
  voxel::Capsule op;
  VOXEL_ASSIGN_OR_RETURN(op.from, ToCoord(m.from(), r.At("from")));
  VOXEL_ASSIGN_OR_RETURN(op.to, ToCoord(m.to(), r.At("to")));
  VOXEL_RETURN_IF_ERROR(r.AtMost(m.radius(), kMaxRadius, "radius"));
  op.radius = m.radius();
  VOXEL_ASSIGN_OR_RETURN(op.color, r.Paint(m.color()));
  return op;
}

OpOr Convert(const v1::Prism& m, const Reader& r) {
  voxel::Prism op;
  VOXEL_ASSIGN_OR_RETURN(op.points, ToCoords(m.points(), r.At("points")));
  VOXEL_ASSIGN_OR_RETURN(op.axis, r.Axis(m.axis()));
  op.length = OneIfAbsent(m.length());
  VOXEL_ASSIGN_OR_RETURN(op.color, r.Paint(m.color()));
  return op;
}

OpOr Convert(const v1::Walls& m, const Reader& r) {
  voxel::Walls op;
  VOXEL_ASSIGN_OR_RETURN(op.box, r.Box(m.box()));
  VOXEL_ASSIGN_OR_RETURN(op.axis, r.Axis(m.axis()));
  VOXEL_ASSIGN_OR_RETURN(op.color, r.Paint(m.color()));
  op.thickness = OneIfAbsent(m.thickness());
  return op;
}

OpOr Convert(const v1::Faces& m, const Reader& r) {
  voxel::Faces op;
  VOXEL_ASSIGN_OR_RETURN(op.box, r.Box(m.box()));
  VOXEL_ASSIGN_OR_RETURN(op.color, r.Paint(m.color()));
  op.thickness = OneIfAbsent(m.thickness());
  return op;
}

OpOr Convert(const v1::Runs& m, const Reader& r) {
  voxel::Runs op;
  if (m.runs_size() % 4 != 0) {
    return Error(Reason::INVALID_FIELD,
                 voxel::StrCat(r.At("runs"), " has ", m.runs_size(),
                               " numbers; it takes four for each run: x, y, z, length"),
                 r.At("runs"));
  }
  for (int i = 0; i < m.runs_size(); i += 4) {
    if (m.runs(i + 3) < 1) {
      return Error(Reason::INVALID_FIELD,
                   voxel::StrCat(r.At("runs"), "[", i + 3, "] is ", m.runs(i + 3),
                                 "; a length is 1 or more"),
                   voxel::StrCat(r.At("runs"), "[", i + 3, "]"));
    }
    op.runs.push_back(
        {{m.runs(i), m.runs(i + 1), m.runs(i + 2)}, static_cast<uint32_t>(m.runs(i + 3))});
  }
  VOXEL_RETURN_IF_ERROR(OneForm(!m.rgba().empty(), !m.color().empty(), "rgba and color", r.field));
  if (m.rgba().empty()) {
    VOXEL_ASSIGN_OR_RETURN(const voxel::Color color, r.Color(m.color(), "color"));
    op.colors = {color};
  } else {
    op.colors = NormalizedColors(m.rgba());
  }
  return op;
}

OpOr Convert(const v1::Drain& m, const Reader& r) {
  voxel::Drain op;
  VOXEL_ASSIGN_OR_RETURN(op.seed, ToCoord(m.seed(), r.At("seed")));
  op.tolerance = m.tolerance();
  op.max_voxels = m.max_voxels();
  return op;
}

OpOr Convert(const v1::Crop& m, const Reader& r) {
  voxel::Crop op;
  VOXEL_ASSIGN_OR_RETURN(op.box, r.Box(m.box()));
  return op;
}

OpOr Convert(const v1::Extrude& m, const Reader& r) {
  voxel::Extrude op;
  VOXEL_ASSIGN_OR_RETURN(op.box, r.Box(m.box()));
  VOXEL_ASSIGN_OR_RETURN(op.axis, r.Axis(m.axis()));
  op.length = m.length();
  op.skip_empty = m.skip_empty();
  return op;
}

OpOr Convert(const v1::Outline& m, const Reader& r) {
  voxel::Outline op;
  VOXEL_ASSIGN_OR_RETURN(op.color, r.Paint(m.color()));
  VOXEL_ASSIGN_OR_RETURN(op.neighbours, ToNeighbours(m.neighbours(), r.At("neighbours")));
  op.inside = m.inside();
  op.thickness = OneIfAbsent(m.thickness());
  return op;
}

OpOr Convert(const v1::HollowOut& m, const Reader&) {
  return voxel::HollowOut{OneIfAbsent(m.thickness())};
}

OpOr Convert(const v1::FillVoids& m, const Reader& r) {
  voxel::FillVoids op;
  VOXEL_ASSIGN_OR_RETURN(op.color, r.Paint(m.color()));
  return op;
}

OpOr Convert(const v1::Scale& m, const Reader& r) {
  voxel::Scale op;
  VOXEL_ASSIGN_OR_RETURN(op.box, r.Box(m.box()));
  op.factor = m.factor();
  op.down = m.down();
  return op;
}

OpOr Convert(const v1::Remap& m, const Reader& r) {
  voxel::Remap op;
  for (int i = 0; i < m.from_size(); ++i) {
    VOXEL_ASSIGN_OR_RETURN(op.from.emplace_back(),
                           r.Color(m.from(i), voxel::StrCat("from[", i, "]")));
  }
  for (int i = 0; i < m.to_size(); ++i) {
    VOXEL_ASSIGN_OR_RETURN(op.to.emplace_back(), r.Color(m.to(i), voxel::StrCat("to[", i, "]")));
  }
  return op;
}

OpOr Convert(const v1::Quantise& m, const Reader&) { return voxel::Quantise{m.colors()}; }

OpOr Convert(const v1::MergeColors& m, const Reader&) { return voxel::MergeColors{m.tolerance()}; }

OpOr Convert(const v1::Adjust& m, const Reader&) {
  return voxel::Adjust{m.hue(), m.saturation(), m.lightness(), m.contrast()};
}

OpOr Convert(const v1::Paste& m, const Reader& r) {
  voxel::Paste op;
  VOXEL_ASSIGN_OR_RETURN(op.from_layer, r.OptionalLayer(m.from_layer(), "from_layer"));
  if (m.has_box()) {
    VOXEL_ASSIGN_OR_RETURN(op.box, r.Box(m.box()));
  }
  if (!m.to().empty()) {
    VOXEL_ASSIGN_OR_RETURN(op.to, ToCoord(m.to(), r.At("to")));
  }
  VOXEL_ASSIGN_OR_RETURN(op.axis, r.Axis(m.axis()));
  op.quarter_turns = m.quarter_turns();
  for (int i = 0; i < m.flip_size(); ++i) {
    const std::string field = voxel::StrCat(r.At("flip"), "[", i, "]");
    VOXEL_ASSIGN_OR_RETURN(const voxel::Axis axis, ToAxis(m.flip(i), std::nullopt, field));
    bool& flips = op.flip[static_cast<int>(axis)];
    if (flips) {
      return Error(Reason::INVALID_FIELD,
                   voxel::StrCat(field, " names an axis again; it takes each at most once"), field);
    }
    flips = true;
  }
  op.skip_empty = m.skip_empty();
  return op;
}

OpOr Convert(const v1::Cut& m, const Reader& r) {
  voxel::Cut op;
  VOXEL_ASSIGN_OR_RETURN(op.box, r.Box(m.box()));
  VOXEL_ASSIGN_OR_RETURN(op.to_layer, r.Layer(m.to_layer(), "to_layer"));
  if (!m.to().empty()) {
    VOXEL_ASSIGN_OR_RETURN(op.to, ToCoord(m.to(), r.At("to")));
  }
  op.skip_empty = m.skip_empty();
  return op;
}

OpOr Convert(const v1::Stack& m, const Reader& r) {
  voxel::Stack op;
  VOXEL_ASSIGN_OR_RETURN(op.box, r.Box(m.box()));
  VOXEL_ASSIGN_OR_RETURN(op.direction, ToVector(m.direction(), r.At("direction")));
  op.count = OneIfAbsent(m.count());
  op.skip_empty = m.skip_empty();
  return op;
}

OpOr Convert(const v1::Recentre& m, const Reader& r) {
  voxel::Recentre op;
  VOXEL_ASSIGN_OR_RETURN(op.to, ToCoord(m.to(), r.At("to")));
  VOXEL_RETURN_IF_ERROR(CheckEnum(m.anchor(), r.At("anchor")));
  op.anchor = m.anchor() == v1::ANCHOR_BASE  ? voxel::Anchor::kBase
              : m.anchor() == v1::ANCHOR_MIN ? voxel::Anchor::kMin
                                             : voxel::Anchor::kCentre;
  return op;
}

OpOr Convert(const v1::Combine& m, const Reader& r) {
  voxel::Combine op;
  VOXEL_ASSIGN_OR_RETURN(op.with_layer, r.Layer(m.with_layer(), "with_layer"));
  VOXEL_RETURN_IF_ERROR(CheckEnum(m.how(), r.At("how")));
  if (m.how() == v1::COMBINATION_UNSPECIFIED) {
    return Error(Reason::MISSING_FIELD,
                 voxel::StrCat(r.At("how"),
                               " is missing; it takes COMBINATION_UNION, "
                               "COMBINATION_SUBTRACT, COMBINATION_INTERSECT or "
                               "COMBINATION_XOR"),
                 r.At("how"));
  }
  op.how = static_cast<voxel::Combination>(m.how());
  op.take_colors = m.take_colors();
  return op;
}

OpOr Convert(const v1::Flatten& m, const Reader& r) {
  voxel::Flatten op;
  for (int i = 0; i < m.layers_size(); ++i) {
    VOXEL_ASSIGN_OR_RETURN(op.layers.emplace_back(),
                           r.Layer(m.layers(i), voxel::StrCat("layers[", i, "]")));
  }
  return op;
}

OpOr Convert(const v1::Repaint& m, const Reader& r) {
  voxel::Repaint op;
  VOXEL_ASSIGN_OR_RETURN(op.color, r.Paint(m.color()));
  if (m.has_box()) {
    VOXEL_ASSIGN_OR_RETURN(op.box, r.Box(m.box()));
  }
  return op;
}

std::string OperationNames() {
  std::string names;
  for (const voxel::Operation& operation : voxel::Operations()) {
    names += voxel::StrCat(names.empty() ? "" : ", ", operation.name);
  }
  return names;
}

OpOr ConvertOp(const v1::Edit& edit, const voxel::Palette* palette, std::string_view field,
               std::shared_ptr<const voxel::Pattern>& pattern) {
  const auto reader = [&](std::string_view name) {
    return Reader{palette, voxel::StrCat(field, ".", name), pattern};
  };
  switch (edit.op_case()) {
#define VOXEL_OPERATION(name, Case, ...) \
  case v1::Edit::k##Case:                \
    return Convert(edit.name(), reader(#name));
#include "voxel/ops/operation_table.inc"
#undef VOXEL_OPERATION
    case v1::Edit::OP_NOT_SET:
      break;
  }
  return Error(Reason::MISSING_FIELD,
               voxel::StrCat(field, " says no operation; it takes one of ", OperationNames()),
               field);
}

}  // namespace

absl::StatusOr<voxel::Edit> ToEdit(const v1::Edit& edit, const voxel::Palette* palette,
                                   std::string_view field) {
  voxel::Edit out;
  if (!edit.layer().empty())
    VOXEL_RETURN_IF_ERROR(CheckId(edit.layer(), voxel::StrCat(field, ".layer")));
  out.layer = edit.layer();
  VOXEL_ASSIGN_OR_RETURN(out.mode,
                         ToMode(edit.mode(), voxel::Mode::kReplace, voxel::StrCat(field, ".mode")));
  if (edit.has_clip()) {
    VOXEL_ASSIGN_OR_RETURN(out.clip, ToBox(edit.clip(), voxel::StrCat(field, ".clip")));
  }
  if (edit.has_mask()) {
    VOXEL_ASSIGN_OR_RETURN(voxel::Mask mask,
                           ToMask(edit.mask(), palette, voxel::StrCat(field, ".mask")));
    out.mask = std::make_shared<const voxel::Mask>(std::move(mask));
  }
  VOXEL_ASSIGN_OR_RETURN(out.op, ConvertOp(edit, palette, field, out.pattern));
  return out;
}

absl::StatusOr<std::vector<voxel::Edit>> ToEdits(
    const google::protobuf::RepeatedPtrField<v1::Edit>& edits, const voxel::Palette* palette) {
  std::vector<voxel::Edit> out;
  out.reserve(static_cast<size_t>(edits.size()));
  for (int i = 0; i < edits.size(); ++i) {
    VOXEL_ASSIGN_OR_RETURN(voxel::Edit edit,
                           ToEdit(edits[i], palette, voxel::StrCat("edits[", i, "]")));
    out.push_back(std::move(edit));
  }
  return out;
}

}  // namespace voxeld
