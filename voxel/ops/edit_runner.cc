#include "voxel/ops/edit_runner.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/grid/diff.h"
#include "voxel/ops/box_shape.h"
#include "voxel/ops/box_shell.h"
#include "voxel/ops/color_adjust.h"
#include "voxel/ops/combine_layers.h"
#include "voxel/ops/cone_shape.h"
#include "voxel/ops/cylinder_shape.h"
#include "voxel/ops/edit_check.h"
#include "voxel/ops/ellipsoid_shape.h"
#include "voxel/ops/find_layer.h"
#include "voxel/ops/flood.h"
#include "voxel/ops/hollow.h"
#include "voxel/ops/layer_space.h"
#include "voxel/ops/layer_view.h"
#include "voxel/ops/line.h"
#include "voxel/ops/mask_kernel.h"
#include "voxel/ops/mask_sources.h"
#include "voxel/ops/masked_change.h"
#include "voxel/ops/paint.h"
#include "voxel/ops/pattern_kernel.h"
#include "voxel/ops/prism_shape.h"
#include "voxel/ops/pyramid_shape.h"
#include "voxel/ops/recolor.h"
#include "voxel/ops/relocate.h"
#include "voxel/ops/replace.h"
#include "voxel/ops/rest_of_budget.h"
#include "voxel/ops/runs.h"
#include "voxel/ops/scale.h"
#include "voxel/ops/set_voxels.h"
#include "voxel/ops/shape_region.h"
#include "voxel/ops/shells.h"
#include "voxel/ops/torus_shape.h"
#include "voxel/ops/volume_region.h"

namespace voxel {
namespace {

class Runner {
 public:
  // Changes `layer` within a mask that looks at layer `seen`.
  Runner(const Edit& edit, int layer, int seen, Workspace& workspace, const TaskContext& context,
         EditCount& count)
      : edit_(edit),
        layer_(layer),
        seen_(seen),
        workspace_(workspace),
        context_(context),
        count_(count),
        space_(workspace.document().layers[layer]->transform),
        clip_(space_.Clip(edit.clip)) {}

  // The edit, within its mask.
  absl::Status Run() {
    return Masked([this] { return std::visit(*this, edit_.op); });
  }

  absl::Status operator()(const SetVoxels& op);
  absl::Status operator()(const FillBox& op) {
    VOXEL_ASSIGN_OR_RETURN(const Box box, space_.ToLocal(op.box, "box.box"));
    return PaintSolid(BoxShape(box), op.wall, op.color);
  }
  absl::Status operator()(const Ellipsoid& op) {
    VOXEL_ASSIGN_OR_RETURN(const Box box, space_.ToLocal(op.box, "ellipsoid.box"));
    return PaintSolid(EllipsoidShape(box), op.wall, op.color);
  }
  absl::Status operator()(const Cylinder& op) {
    VOXEL_ASSIGN_OR_RETURN(const Box box, space_.ToLocal(op.box, "cylinder.box"));
    return PaintSolid(CylinderShape(box, space_.ToLocal(op.axis)), op.wall, op.color);
  }
  absl::Status operator()(const Cone& op) {
    VOXEL_ASSIGN_OR_RETURN(const Box box, space_.ToLocal(op.box, "cone.box"));
    const bool flipped = op.flipped != space_.Flips(op.axis);
    return PaintSolid(ConeShape(box, space_.ToLocal(op.axis), flipped), op.wall, op.color);
  }
  absl::Status operator()(const Torus& op) {
    const TorusShape in_world(op.center, op.axis, op.major, op.minor);
    VOXEL_RETURN_IF_ERROR(space_.ToLocal(in_world.bounds(), "torus").status());
    VOXEL_ASSIGN_OR_RETURN(const Coord center, space_.ToLocal(op.center, "torus.center"));
    return Paint(ShapeRegion(TorusShape(center, space_.ToLocal(op.axis), op.major, op.minor)),
                 op.color);
  }
  absl::Status operator()(const Line& op) {
    return DrawThrough(op.points, op.radius, op.color, "line.points");
  }
  absl::Status operator()(const FloodFill& op) {
    VOXEL_ASSIGN_OR_RETURN(Volume ink, Flooded(op.seed, op.tolerance, op.max_voxels, "flood_fill"));
    return PaintInk(std::move(ink), op.color);
  }
  absl::Status operator()(const Replace& op) {
    VOXEL_ASSIGN_OR_RETURN(const std::optional<Box> box, OptionalBox(op.box, "replace.box"));
    return ApplyReplace(ColorMatch(op.from, op.tolerance), BrushOf(op.color), box, clip_, editor(),
                        context_, count_);
  }
  absl::Status operator()(const Repaint& op) {
    VOXEL_ASSIGN_OR_RETURN(const std::optional<Box> box, OptionalBox(op.box, "repaint.box"));
    VOXEL_ASSIGN_OR_RETURN(Volume solid,
                           Within(editor().Snapshot(), box.value_or(kWorld), context_));
    return Paint(VolumeRegion(std::move(solid)), op.color);
  }
  absl::Status operator()(const Clear& op) {
    VOXEL_ASSIGN_OR_RETURN(const std::optional<Box> box, OptionalBox(op.box, "clear.box"));
    return ApplyClear(box, clip_, TakeMask(), editor(), context_, count_);
  }
  absl::Status operator()(const MoveBox& op) {
    Relocation relocation;
    relocation.vacate = true;
    relocation.skip_empty = op.skip_empty;
    return Relocate(op.box, WideTransform::Shift(op.by), "move.box", "move.by", relocation);
  }
  absl::Status operator()(const CopyBox& op);
  absl::Status operator()(const Paste& op);
  absl::Status operator()(const Cut& op);
  absl::Status operator()(const Stack& op);
  absl::Status operator()(const Recentre& op);
  absl::Status operator()(const Mirror& op) {
    Relocation relocation;
    relocation.vacate = true;
    return Relocate(op.box, MirrorMap(op), "mirror.box", "mirror.box", relocation);
  }
  absl::Status operator()(const Rotate& op) {
    Relocation relocation;
    relocation.vacate = true;
    return Relocate(op.box, RotateMap(op), "rotate.box", "rotate.box", relocation);
  }

  // More shapes.
  absl::Status operator()(const Pyramid& op) {
    VOXEL_ASSIGN_OR_RETURN(const Box box, space_.ToLocal(op.box, "pyramid.box"));
    const bool flipped = op.flipped != space_.Flips(op.axis);
    return PaintSolid(PyramidShape(box, space_.ToLocal(op.axis), flipped), op.wall, op.color);
  }
  absl::Status operator()(const Capsule& op) {
    return DrawThrough({op.from, op.to}, op.radius, op.color, "capsule");
  }
  absl::Status operator()(const Prism& op);
  absl::Status operator()(const Walls& op) {
    VOXEL_ASSIGN_OR_RETURN(const Box box, space_.ToLocal(op.box, "walls.box"));
    bool thick[3] = {true, true, true};
    thick[static_cast<int>(space_.ToLocal(op.axis))] = false;
    return Paint(ShapeRegion(BoxShell(box, op.thickness, thick)), op.color);
  }
  absl::Status operator()(const Faces& op) {
    VOXEL_ASSIGN_OR_RETURN(const Box box, space_.ToLocal(op.box, "faces.box"));
    return Paint(ShapeRegion(BoxShell(box, op.thickness, {true, true, true})), op.color);
  }
  absl::Status operator()(const Runs& op);
  absl::Status operator()(const Drain& op) {
    VOXEL_ASSIGN_OR_RETURN(Volume ink, Flooded(op.seed, op.tolerance, op.max_voxels, "drain"));
    return PaintInk(std::move(ink), kAir);
  }
  absl::Status operator()(const Crop& op) {
    VOXEL_ASSIGN_OR_RETURN(const Box box, space_.ToLocal(op.box, "crop.box"));
    return EraseOutside(ShapeRegion(BoxShape(box)), TakeMask(), clip_, editor(), context_, count_);
  }
  absl::Status operator()(const Extrude& op);

  // What looks around a voxel. Neighbours are those in both worlds, the layer's and the real one.
  absl::Status operator()(const Outline& op) {
    VOXEL_ASSIGN_OR_RETURN(Volume ink,
                           FindOutline(editor().Snapshot(), op, *space_.Clip(kWorld), context_));
    return PaintInk(std::move(ink), op.color);
  }
  absl::Status operator()(const HollowOut& op) {
    VOXEL_ASSIGN_OR_RETURN(Volume ink, FindCore(editor().Snapshot(), op, context_));
    return PaintInk(std::move(ink), kAir);
  }
  absl::Status operator()(const FillVoids& op) {
    absl::StatusOr<Volume> ink = FindVoids(editor().Snapshot(), *space_.Clip(kWorld), context_);
    if (!ink.ok()) return InField("fill_voids", ink.status());
    return PaintInk(*std::move(ink), op.color);
  }
  absl::Status operator()(const Scale& op);

  // Other layers.
  absl::Status operator()(const Combine& op);
  absl::Status operator()(const Flatten& op);

  // Colours.
  absl::Status operator()(const Remap& op) { return Recolor(MappingOf(op)); }
  absl::Status operator()(const Quantise& op) {
    VOXEL_ASSIGN_OR_RETURN(std::vector<WeightedColor> colors,
                           CountColors(editor().Snapshot(), clip_, context_));
    return Recolor(MappingOf(op, std::move(colors)));
  }
  absl::Status operator()(const MergeColors& op) {
    VOXEL_ASSIGN_OR_RETURN(const std::vector<WeightedColor> colors,
                           CountColors(editor().Snapshot(), clip_, context_));
    VOXEL_ASSIGN_OR_RETURN(const ColorMapping mapping, MappingOf(op, colors, context_));
    return Recolor(mapping);
  }
  absl::Status operator()(const Adjust& op) {
    const auto adjusted = [&op](Color color) { return Adjusted(op, color); };
    return ApplyRecolor(adjusted, clip_, editor(), context_, count_);
  }

 private:
  VolumeEditor& editor() { return workspace_.editor(layer_); }

  absl::Status Paint(const Region& region, Color color) {
    return PaintRegion(region, BrushOf(color), clip_, editor(), context_, count_);
  }
  // Paints the voxels of a scratch volume, whose memory counts as well.
  absl::Status PaintInk(Volume ink, Color color) {
    const RestOfBudget rest(context_, ink.Bytes());
    return rest.OfWhole(PaintRegion(VolumeRegion(std::move(ink)), BrushOf(color), clip_, editor(),
                                    rest.context(), count_));
  }
  // What the edit paints with where the operation says `color`.
  Brush BrushOf(Color color) {
    return {edit_.mode, color, pattern_ ? &*pattern_ : nullptr, TakeMask()};
  }
  // The mask, for an operation that heeds it by itself.
  const MaskKernel* TakeMask() {
    mask_taken_ = true;
    return mask_.get();
  }
  // `work`, and of what it changes only what the mask matches stays.
  absl::Status Masked(absl::FunctionRef<absl::Status()> work);
  absl::Status CompileExpressions();
  // A layer's voxels after the edits so far, in the space of this one.
  absl::StatusOr<Volume> View(int layer) {
    return ViewFrom(space_, workspace_.Current(layer), TransformOf(layer), context_);
  }
  const Transform& TransformOf(int layer) const {
    return workspace_.document().layers[layer]->transform;
  }
  // OUT_OF_WORLD, naming `field`, unless what lies within `bounds` and the clip box of the edit
  // lies in the space of this layer.
  absl::Status CheckView(Block bounds, const std::string& field) const;
  absl::Status MaskWhatChanged(const Volume& before);

  // A line; `field` is what is at fault where the layer's space ends.
  absl::Status DrawThrough(absl::Span<const Coord> points, uint32_t radius, Color color,
                           const std::string& field);
  // The region that the operation `op` floods, in ink.
  absl::StatusOr<Volume> Flooded(Coord from, uint32_t tolerance, int64_t max_voxels,
                                 const std::string& op);
  absl::Status Recolor(const ColorMapping& mapping);

  template <ConvexShape S>
  absl::Status PaintSolid(S shape, uint32_t wall, Color color) {
    // A wall that reaches the middle leaves nothing to hollow out.
    const Box box = shape.bounds();
    const int64_t thinnest = std::min({box.Size(0), box.Size(1), box.Size(2)});
    if (wall == 0 || int64_t{wall} * 2 >= thinnest) {
      return Paint(ShapeRegion<S>(std::move(shape)), color);
    }
    return Paint(ShapeRegion(Hollow<S>(std::move(shape), wall)), color);
  }

  absl::StatusOr<std::optional<Box>> OptionalBox(const std::optional<Box>& box,
                                                 const std::string& field) const {
    if (!box) return std::optional<Box>();
    VOXEL_ASSIGN_OR_RETURN(const Box local, space_.ToLocal(*box, field));
    return std::optional<Box>(local);
  }

  // Of a box in the world, within the layer; the rest of `relocation` is set.
  absl::Status Relocate(const Box& box, const WideTransform& map, const std::string& source_field,
                        const std::string& target_field, Relocation relocation) {
    return RelocateFrom(layer_, box, map, Coord{}, source_field, target_field, relocation);
  }
  absl::Status RelocateFrom(int from, const Box& box, const WideTransform& map, Coord step,
                            const std::string& source_field, const std::string& target_field,
                            Relocation relocation);

  const Edit& edit_;
  const int layer_;
  const int seen_;  // what the mask looks at
  Workspace& workspace_;
  const TaskContext& context_;
  EditCount& count_;
  const LayerSpace space_;
  const std::optional<Box> clip_;  // in the layer's space
  MaskKernelPtr mask_;             // null: none
  bool mask_taken_ = false;
  std::optional<PatternKernel> pattern_;
};

absl::Status Runner::Masked(absl::FunctionRef<absl::Status()> work) {
  VOXEL_RETURN_IF_ERROR(CompileExpressions());
  if (mask_ == nullptr) return work();
  const Volume before = workspace_.Current(layer_);
  VOXEL_RETURN_IF_ERROR(work());
  return mask_taken_ ? absl::OkStatus() : MaskWhatChanged(before);
}

absl::Status Runner::CompileExpressions() {
  if (edit_.pattern != nullptr) pattern_.emplace(*edit_.pattern, space_.to_world());
  if (edit_.mask == nullptr) return absl::OkStatus();
  VOXEL_ASSIGN_OR_RETURN(Volume own, View(seen_));
  const auto current = [this](int layer) { return workspace_.Current(layer); };
  MaskSources sources(workspace_.document(), std::move(own), space_, current, context_);
  VOXEL_ASSIGN_OR_RETURN(mask_, CompileMask(*edit_.mask, sources));
  return absl::OkStatus();
}

absl::Status Runner::MaskWhatChanged(const Volume& before) {
  VOXEL_ASSIGN_OR_RETURN(Volume after,
                         MaskedChange(before, workspace_.Current(layer_), *mask_, context_));
  VOXEL_ASSIGN_OR_RETURN(const VolumeDiff diff, Diff(before, after, context_));
  const int64_t changed = diff.total();
  count_.clipped += count_.changed - changed;
  count_.changed = changed;
  workspace_.Put(layer_, std::move(after));
  return absl::OkStatus();
}

absl::Status Runner::operator()(const SetVoxels& op) {
  VOXEL_RETURN_IF_ERROR(space_.CheckLocal(op.positions, "set.xyz"));
  SetVoxels painted;
  if (pattern_) {
    painted.positions = op.positions;
    for (const Coord& c : op.positions) painted.colors.push_back(pattern_->At(c.x, c.y, c.z));
  }
  return ApplySetVoxels(pattern_ ? painted : op, space_.to_local().Narrow(), edit_.mode, clip_,
                        TakeMask(), editor(), context_, count_);
}

absl::StatusOr<Volume> Runner::Flooded(Coord from, uint32_t tolerance, int64_t max_voxels,
                                       const std::string& op) {
  VOXEL_ASSIGN_OR_RETURN(const Coord seed, space_.ToLocal(from, op + ".seed"));
  const Volume volume = editor().Snapshot();
  const ColorMatch match(volume.Get(seed), tolerance);
  if (match(kAir) && !clip_) {
    return Error(Reason::INVALID_FIELD,
                 absl::StrCat("the region of ", op,
                              ".seed contains air, which has no end; a clip box is needed"),
                 op + ".seed");
  }
  int64_t most = context_.max_voxels;
  if (max_voxels > 0) most = std::min(most, max_voxels);
  absl::StatusOr<Volume> ink =
      FindFlood(volume, seed, match, Neighbours::kFaces, clip_.value_or(kWorld), most, context_);
  if (!ink.ok()) return InField(op, ink.status());
  return ink;
}

absl::Status Runner::DrawThrough(absl::Span<const Coord> points, uint32_t radius, Color color,
                                 const std::string& field) {
  std::vector<Coord> local_points;
  for (const Coord& point : points) {
    const auto r = static_cast<int32_t>(radius);
    const Box ball{point - Coord{r, r, r}, point + Coord{r + 1, r + 1, r + 1}};
    VOXEL_RETURN_IF_ERROR(space_.ToLocal(ball, field).status());
    VOXEL_ASSIGN_OR_RETURN(const Coord local, space_.ToLocal(point, field));
    local_points.push_back(local);
  }
  VOXEL_ASSIGN_OR_RETURN(Volume ink, DrawLine(local_points, radius, context_));
  return PaintInk(std::move(ink), color);
}

absl::Status Runner::operator()(const Prism& op) {
  std::vector<Coord> corners;
  for (const Coord& point : op.points) {
    VOXEL_ASSIGN_OR_RETURN(const Coord corner, space_.ToLocal(point, "prism.points"));
    corners.push_back(corner);
  }
  Box edge = BoxAt(op.points[0]);
  edge.max[op.axis] = static_cast<int32_t>(int64_t{edge.min[op.axis]} + op.length);
  VOXEL_ASSIGN_OR_RETURN(const Box local, space_.ToLocal(edge, "prism.length"));
  const Axis axis = space_.ToLocal(op.axis);
  const PrismShape shape(corners, axis, BlockOf(local)[static_cast<int>(axis)]);
  return Paint(ShapeRegion(shape), op.color);
}

absl::Status Runner::operator()(const Runs& op) {
  std::vector<Box> boxes;
  boxes.reserve(op.runs.size());
  for (const voxel::Run& run : op.runs) {
    Box box = BoxAt(run.start);
    box.max.x = static_cast<int32_t>(int64_t{box.min.x} + run.length);
    VOXEL_ASSIGN_OR_RETURN(box, space_.ToLocal(box, "runs.runs"));
    boxes.push_back(box);
  }
  return ApplyRuns(boxes, op.colors, edit_.mode, clip_, editor(), context_, count_);
}

absl::Status Runner::operator()(const Extrude& op) {
  const int32_t step = op.length > 0 ? 1 : -1;
  Box slice = op.box;
  if (step > 0) {
    slice.min[op.axis] = slice.max[op.axis] - 1;
  } else {
    slice.max[op.axis] = slice.min[op.axis] + 1;
  }
  Coord by;
  by[op.axis] = step;
  Relocation relocation;
  relocation.count = static_cast<uint32_t>(std::abs(op.length));
  relocation.skip_empty = op.skip_empty;
  return RelocateFrom(layer_, slice, WideTransform::Shift(by), by, "extrude.box", "extrude.length",
                      relocation);
}

absl::Status Runner::operator()(const Scale& op) {
  VOXEL_ASSIGN_OR_RETURN(const Box source, space_.ToLocal(op.box, "scale.box"));
  VOXEL_ASSIGN_OR_RETURN(const Box target, space_.ToLocal(BoxOf(ScaledExtent(op)), "scale.box"));
  VOXEL_ASSIGN_OR_RETURN(Volume after, ApplyScale(workspace_.Current(layer_), source, target,
                                                  op.factor, op.down, clip_, context_, count_));
  workspace_.Put(layer_, std::move(after));
  return absl::OkStatus();
}

absl::Status Runner::Recolor(const ColorMapping& mapping) {
  const auto image = [&mapping](Color color) {
    const auto found = mapping.find(color);
    return found == mapping.end() ? color : found->second;
  };
  return ApplyRecolor(image, clip_, editor(), context_, count_);
}

absl::Status Runner::operator()(const CopyBox& op) {
  int from = layer_;
  if (!op.from_layer.empty()) {
    VOXEL_ASSIGN_OR_RETURN(from,
                           FindLayer(workspace_.document(), op.from_layer, "copy.from_layer"));
  }
  Relocation relocation;
  relocation.count = op.count;
  relocation.skip_empty = op.skip_empty;
  const WideTransform map = WideTransform::Onto(Rotation(), op.box, BlockOf(BoxAt(op.to)));
  return RelocateFrom(from, op.box, map, op.step, "copy.box", "copy.to", relocation);
}

absl::Status Runner::operator()(const Paste& op) {
  int from = layer_;
  if (!op.from_layer.empty()) {
    VOXEL_ASSIGN_OR_RETURN(from,
                           FindLayer(workspace_.document(), op.from_layer, "paste.from_layer"));
  }
  if (!op.box) {
    const Box bounds = workspace_.Current(from).Bounds();
    if (bounds.empty()) return absl::OkStatus();
    Edit whole = edit_;
    auto& paste = std::get<Paste>(whole.op);
    paste.box = BoxOf(WideTransform::Of(TransformOf(from)).Apply(BlockOf(bounds)));
    VOXEL_RETURN_IF_ERROR(CheckEdit(whole, context_));
    return (*this)(paste);
  }
  Relocation relocation;
  relocation.skip_empty = op.skip_empty;
  return RelocateFrom(from, *op.box, PasteMap(op, *op.box), Coord{}, "paste.box", "paste.to",
                      relocation);
}

absl::Status Runner::operator()(const Cut& op) {
  VOXEL_ASSIGN_OR_RETURN(const int to,
                         FindWritableLayer(workspace_.document(), op.to_layer, "cut.to_layer"));
  if (to == layer_) {
    return Error(Reason::INVALID_FIELD,
                 absl::StrCat("cut.to_layer is '", op.to_layer,
                              "', the layer that is cut from; accepted is another one"),
                 "cut.to_layer");
  }
  VOXEL_ASSIGN_OR_RETURN(const Box local, space_.ToLocal(op.box, "cut.box"));
  Runner other(edit_, to, layer_, workspace_, context_, count_);
  VOXEL_RETURN_IF_ERROR(other.Masked([&] {
    Relocation relocation;
    relocation.skip_empty = op.skip_empty;
    const Block target = BlockOf(BoxAt(op.to.value_or(op.box.min)));
    return other.RelocateFrom(layer_, op.box, WideTransform::Onto(Rotation(), op.box, target),
                              Coord{}, "cut.box", "cut.to", relocation);
  }));
  return ApplyClear(local, clip_, TakeMask(), editor(), context_, count_);
}

absl::Status Runner::operator()(const Stack& op) {
  const WideTransform map = StackStep(op);
  Relocation relocation;
  relocation.count = op.count;
  relocation.skip_empty = op.skip_empty;
  return RelocateFrom(layer_, op.box, map, map.Narrow().offset, "stack.box", "stack.count",
                      relocation);
}

absl::Status Runner::operator()(const Recentre& op) {
  const Box local = workspace_.Current(layer_).Bounds();
  if (local.empty()) return absl::OkStatus();
  const Block bounds = space_.to_world().Apply(BlockOf(local));
  const WideTransform map = RecentreMap(op, bounds);
  VOXEL_RETURN_IF_ERROR(CheckInWorld(map.Apply(bounds), "the layer", "recentre.to"));
  Relocation relocation;
  relocation.vacate = true;
  relocation.skip_empty = true;
  relocation.whole = true;
  return Relocate(BoxOf(bounds), map, "recentre.to", "recentre.to", relocation);
}

absl::Status Runner::CheckView(Block bounds, const std::string& field) const {
  for (int i = 0; edit_.clip && i < 3; ++i) {
    bounds[i] = bounds[i].Intersection(BlockOf(*edit_.clip)[i]);
  }
  return bounds.empty() ? absl::OkStatus() : space_.CheckBlock(bounds, field);
}

absl::Status Runner::operator()(const Combine& op) {
  VOXEL_ASSIGN_OR_RETURN(const int with,
                         FindLayer(workspace_.document(), op.with_layer, "combine.with_layer"));
  const Block bounds = BlockOf(workspace_.Current(with).Bounds());
  if (op.how == Combination::kUnion || op.how == Combination::kXor) {
    VOXEL_RETURN_IF_ERROR(
        CheckView(WideTransform::Of(TransformOf(with)).Apply(bounds), "combine.with_layer"));
  }
  VOXEL_ASSIGN_OR_RETURN(const Volume other, View(with));
  VOXEL_ASSIGN_OR_RETURN(
      Volume after, ApplyCombine(op, workspace_.Current(layer_), other, clip_, context_, count_));
  workspace_.Put(layer_, std::move(after));
  return absl::OkStatus();
}

absl::Status Runner::operator()(const Flatten& op) {
  RefPtr<const Document> document = workspace_.Present();
  if (!op.layers.empty()) {
    VOXEL_ASSIGN_OR_RETURN(document, OnlyVisible(*document, op.layers, "flatten.layers"));
  }
  VOXEL_ASSIGN_OR_RETURN(const Volume shown, Composite(*document, context_));
  VOXEL_RETURN_IF_ERROR(CheckView(BlockOf(shown.Bounds()), "flatten"));
  VOXEL_ASSIGN_OR_RETURN(const Volume view, ViewFrom(space_, shown, Transform(), context_));
  VOXEL_ASSIGN_OR_RETURN(Volume after,
                         ApplyTakeOver(workspace_.Current(layer_), view, clip_, context_, count_));
  workspace_.Put(layer_, std::move(after));
  return absl::OkStatus();
}

absl::Status Runner::RelocateFrom(int from, const Box& box, const WideTransform& map, Coord step,
                                  const std::string& source_field, const std::string& target_field,
                                  Relocation relocation) {
  const LayerSpace from_space(TransformOf(from));
  VOXEL_ASSIGN_OR_RETURN(relocation.source, from_space.ToLocal(box, source_field));
  WideTransform shift;
  for (int64_t i : {int64_t{0}, int64_t{relocation.count} - 1}) {
    for (int axis = 0; axis < 3; ++axis) shift.offset[axis] = i * step[axis];
    const Block target = (shift * map).Apply(BlockOf(box));
    VOXEL_RETURN_IF_ERROR(space_.CheckBlock(target, target_field));
  }
  relocation.map = (space_.to_local() * map * from_space.to_world()).Narrow();
  relocation.step = space_.to_local().rotation.ApplyToVector(step);
  VOXEL_ASSIGN_OR_RETURN(Volume after,
                         voxel::Relocate(workspace_.Current(from), workspace_.Current(layer_),
                                         relocation, edit_.mode, clip_, context_, count_));
  workspace_.Put(layer_, std::move(after));
  return absl::OkStatus();
}

}  // namespace

absl::Status RunEdit(const Edit& edit, int layer, Workspace& workspace, const TaskContext& context,
                     EditCount& count) {
  return Runner(edit, layer, layer, workspace, context, count).Run();
}

}  // namespace voxel
