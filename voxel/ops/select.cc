#include "voxel/ops/select.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/grid/combine.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/ops/box_shape.h"
#include "voxel/ops/color_match.h"
#include "voxel/ops/edit_check.h"
#include "voxel/ops/edit_runner.h"
#include "voxel/ops/flood.h"
#include "voxel/ops/mask_kernel.h"
#include "voxel/ops/mask_sources.h"
#include "voxel/ops/paint.h"
#include "voxel/ops/set_algebra.h"
#include "voxel/ops/shape_region.h"
#include "voxel/ops/workspace.h"

namespace voxel {
namespace {

bool IsSolid(Color color) { return color != kAir; }

absl::Status NeedsBox(const char* what) {
  return Error(Reason::INVALID_FIELD,
               absl::StrCat(what, " contains air, which has no end; a box is needed"), "box");
}

// One visit for each part of the expression. Field paths start within the part.
class Evaluation {
 public:
  using Result = absl::StatusOr<VoxelSet>;

  Evaluation(const Document& document, const TaskContext& context)
      : document_(document), context_(context) {}

  Result Of(const Selector& selector) {
    VOXEL_RETURN_IF_ERROR(context_.Check());
    Result set = std::visit(*this, selector.is);
    return set.ok() ? set : Result(InField(NameOf(selector), set.status()));
  }

  Result operator()(const StoredSelector& s) {
    if (const Selection* found = document_.FindSelection(s.id)) return found->voxels;
    return Error(Reason::SELECTION_NOT_FOUND, absl::StrCat("there is no selection '", s.id, "'"));
  }
  Result operator()(const BoxSelector& s) { return Ink(FullBox(s.box)); }
  Result operator()(const SolidSelector& s) { return Solid(s.layer); }
  Result operator()(const ColorSelector& s);
  Result operator()(const WandSelector& s);
  Result operator()(const ConnectedSelector& s);
  Result operator()(const SurfaceSelector& s);
  Result operator()(const ShapeSelector& s);
  Result operator()(const MaskSelector& s);
  Result operator()(const GrowSelector& s) {
    VOXEL_ASSIGN_OR_RETURN(VoxelSet of, Within(s.of));
    return Grow(std::move(of), s.steps, s.neighbours, context_);
  }
  Result operator()(const ShrinkSelector& s) {
    VOXEL_ASSIGN_OR_RETURN(VoxelSet of, Within(s.of));
    return Shrink(std::move(of), s.steps, s.neighbours, context_);
  }
  Result operator()(const InvertSelector& s) {
    VOXEL_ASSIGN_OR_RETURN(VoxelSet of, Within(s.of));
    if (!s.box) return Complement(std::move(of));
    VOXEL_ASSIGN_OR_RETURN(const VoxelSet box, Ink(FullBox(*s.box, "box")));
    return Difference(box, of, context_);
  }
  Result operator()(const CombineSelector& s);

 private:
  // The set `of` of a part; without one, what is solid.
  Result Within(const SelectorPtr& of) {
    if (of == nullptr) return Solid("");
    Result set = Of(*of);
    return set.ok() ? set : Result(InField("of", set.status()));
  }
  Result Solid(const std::string& layer) {
    VOXEL_ASSIGN_OR_RETURN(const Volume volume, Layer(layer));
    return Ink(InkOf(volume, IsSolid, context_));
  }
  static Result Ink(absl::StatusOr<Volume> volume) {
    if (!volume.ok()) return volume.status();
    return VoxelSet{*std::move(volume)};
  }
  // A layer in the world, or the visible composite.
  absl::StatusOr<Volume> Layer(const std::string& id);
  absl::StatusOr<Volume> FullBox(const Box& box, const char* field = "") {
    VOXEL_RETURN_IF_ERROR(CheckSize(box, field));
    return InkBox(box, context_);
  }
  absl::Status CheckSize(const Box& box, const char* field) const {
    if (box.Voxels() <= context_.max_voxels) return absl::OkStatus();
    return Error(Reason::LIMIT_VOXELS,
                 absl::StrCat("the box holds ", box.Voxels(), " voxels; at most ",
                              context_.max_voxels, " are accepted"),
                 field);
  }

  const Document& document_;
  const TaskContext& context_;
  std::map<std::string, Volume> layers_;
};

absl::StatusOr<Volume> Evaluation::Layer(const std::string& id) {
  if (const auto seen = layers_.find(id); seen != layers_.end()) return seen->second;
  Volume volume;
  if (id.empty()) {
    VOXEL_ASSIGN_OR_RETURN(volume, Composite(document_, context_));
  } else {
    const int index = document_.Find(id);
    if (index < 0) {
      return Error(Reason::LAYER_NOT_FOUND, absl::StrCat("there is no layer '", id, "'"), "layer");
    }
    const voxel::Layer& layer = *document_.layers[index];
    VOXEL_ASSIGN_OR_RETURN(volume, TransformVolume(layer.volume, layer.transform, context_));
  }
  return layers_.emplace(id, std::move(volume)).first->second;
}

Evaluation::Result Evaluation::operator()(const ColorSelector& s) {
  VOXEL_ASSIGN_OR_RETURN(const Volume volume, Layer(s.layer));
  const ColorMatch match(s.color, s.tolerance);
  if (!match(kAir)) {
    VOXEL_ASSIGN_OR_RETURN(const Volume ink, InkOf(volume, match, context_));
    return Ink(s.box ? voxel::Within(ink, *s.box, context_) : ink);
  }
  if (!s.box) return NeedsBox("the search");
  // What is air in a volume is the rest of the box.
  const auto differs = [&match](Color color) { return !match(color); };
  VOXEL_ASSIGN_OR_RETURN(const VoxelSet others, Ink(InkOf(volume, differs, context_)));
  VOXEL_ASSIGN_OR_RETURN(const VoxelSet box, Ink(FullBox(*s.box, "box")));
  return Difference(box, others, context_);
}

Evaluation::Result Evaluation::operator()(const WandSelector& s) {
  VOXEL_ASSIGN_OR_RETURN(const Volume volume, Layer(s.layer));
  const ColorMatch match(volume.Get(s.seed), s.tolerance);
  if (match(kAir) && !s.box) return NeedsBox("the region of the seed");
  return Ink(FindFlood(volume, s.seed, match, s.neighbours, s.box.value_or(kWorld),
                       context_.max_voxels, context_));
}

Evaluation::Result Evaluation::operator()(const ConnectedSelector& s) {
  VOXEL_ASSIGN_OR_RETURN(const VoxelSet of, Within(s.of));
  if (of.complement) {
    return Error(Reason::INVALID_FIELD,
                 "the set is an inverted one, which has no end; invert it within a box", "of");
  }
  return Ink(FindFlood(of.ink, s.seed, ColorMatch(kInk, 0), s.neighbours, kWorld,
                       context_.max_voxels, context_));
}

Evaluation::Result Evaluation::operator()(const SurfaceSelector& s) {
  VOXEL_ASSIGN_OR_RETURN(const VoxelSet of, Within(s.of));
  if (s.outside) {
    VOXEL_ASSIGN_OR_RETURN(const VoxelSet grown, Grow(of, s.thickness, s.neighbours, context_));
    return Difference(grown, of, context_);
  }
  VOXEL_ASSIGN_OR_RETURN(const VoxelSet core, Shrink(of, s.thickness, s.neighbours, context_));
  return Difference(of, core, context_);
}

Evaluation::Result Evaluation::operator()(const ShapeSelector& s) {
  Edit edit;
  edit.op = s.op;
  VOXEL_RETURN_IF_ERROR(CheckEdit(edit, context_));
  RefPtr<Document> paper = MakeRef<Document>();
  paper->layers.push_back(RefPtr<const voxel::Layer>(MakeRef<voxel::Layer>()));
  Workspace workspace{RefPtr<const Document>(std::move(paper))};
  EditCount unused;
  VOXEL_RETURN_IF_ERROR(RunEdit(edit, 0, workspace, context_, unused));
  return Ink(InkOf(workspace.Current(0), IsSolid, context_));
}

Evaluation::Result Evaluation::operator()(const MaskSelector& s) {
  VOXEL_ASSIGN_OR_RETURN(const Volume volume, Layer(s.layer));
  const Box box = s.box.value_or(volume.Bounds());
  VOXEL_RETURN_IF_ERROR(CheckSize(box, "box"));
  const LayerSpace world{Transform()};
  const auto layer = [this](int index) { return document_.layers[index]->volume; };
  MaskSources sources(document_, volume, world, layer, context_);
  absl::StatusOr<MaskKernelPtr> kernel = CompileMask(s.mask, sources);
  if (!kernel.ok()) return kernel.status();
  Brush brush;
  brush.color = kInk;
  brush.mask = kernel->get();
  VolumeEditor editor{Volume()};
  EditCount unused;
  VOXEL_RETURN_IF_ERROR(
      PaintRegion(ShapeRegion(BoxShape(box)), brush, std::nullopt, editor, context_, unused));
  return Ink(editor.Commit());
}

Evaluation::Result Evaluation::operator()(const CombineSelector& s) {
  static constexpr decltype(&Union) kOperations[] = {&Union, &Intersection, &Difference,
                                                     &SymmetricDifference};
  VoxelSet all;
  for (size_t i = 0; i < s.of.size(); ++i) {
    Result one = Of(s.of[i]);
    if (!one.ok()) return InField(absl::StrCat("of[", i, "]"), one.status());
    if (i == 0) {
      all = *std::move(one);
      continue;
    }
    VOXEL_ASSIGN_OR_RETURN(all, kOperations[static_cast<size_t>(s.operation)](all, *one, context_));
  }
  return all;
}

}  // namespace

absl::StatusOr<VoxelSet> Select(const Selector& selector, const Document& document,
                                const TaskContext& context) {
  VOXEL_RETURN_IF_ERROR(CheckSelector(selector));
  return Evaluation(document, context).Of(selector);
}

}  // namespace voxel
