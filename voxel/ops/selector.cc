#include "voxel/ops/selector.h"

#include "absl/strings/str_cat.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/ops/edit_check.h"
#include "voxel/ops/operations.h"

namespace voxel {
namespace {

absl::Status Bad(const std::string& what, const std::string& field) {
  return Error(Reason::INVALID_FIELD, what, field);
}

absl::Status CheckRange(int64_t value, int64_t low, int64_t high, const std::string& field) {
  if (value >= low && value <= high) return absl::OkStatus();
  return Bad(absl::StrCat(field, " is ", value, "; it takes ", low, " to ", high), field);
}

absl::Status CheckBox(const std::optional<Box>& box, const std::string& field) {
  if (!box) return absl::OkStatus();
  if (box->empty()) {
    return Bad(absl::StrCat(field, " is empty; max must be greater than min on every axis"), field);
  }
  if (kWorld.Contains(*box)) return absl::OkStatus();
  return Error(Reason::OUT_OF_WORLD,
               absl::StrCat(field, " leaves the world, [", kMinCoord, ", ", kMaxCoord, ")"), field);
}

absl::Status CheckSeed(Coord seed, const std::optional<Box>& box) {
  if (!InWorld(seed)) {
    return Error(Reason::OUT_OF_WORLD, "the seed lies outside [-2^30, 2^30)", "seed");
  }
  if (!box || box->Contains(seed)) return absl::OkStatus();
  return Bad("the seed lies outside the box", "seed");
}

class Checker {
 public:
  absl::Status Check(const Selector& selector) {
    if (++parts_ > kMostSelectorParts) {
      return Bad(absl::StrCat("the expression has more than ", kMostSelectorParts, " parts"), {});
    }
    if (++depth_ > kMostSelectorDepth) {
      return Bad(absl::StrCat("the expression is nested more than ", kMostSelectorDepth, " deep"),
                 {});
    }
    const absl::Status status = std::visit(*this, selector.is);
    if (!status.ok()) return InField(NameOf(selector), status);
    --depth_;
    return absl::OkStatus();
  }

  absl::Status operator()(const StoredSelector&) { return absl::OkStatus(); }
  absl::Status operator()(const BoxSelector& s) { return CheckBox(s.box, ""); }
  absl::Status operator()(const SolidSelector&) { return absl::OkStatus(); }
  absl::Status operator()(const ColorSelector& s) {
    VOXEL_RETURN_IF_ERROR(CheckRange(s.tolerance, 0, 255, "tolerance"));
    return CheckBox(s.box, "box");
  }
  absl::Status operator()(const WandSelector& s) {
    VOXEL_RETURN_IF_ERROR(CheckRange(s.tolerance, 0, 255, "tolerance"));
    VOXEL_RETURN_IF_ERROR(CheckBox(s.box, "box"));
    return CheckSeed(s.seed, s.box);
  }
  absl::Status operator()(const ConnectedSelector& s) {
    VOXEL_RETURN_IF_ERROR(CheckSeed(s.seed, std::nullopt));
    return CheckOf(s.of);
  }
  absl::Status operator()(const SurfaceSelector& s) {
    VOXEL_RETURN_IF_ERROR(CheckRange(s.thickness, 1, kMostThickness, "thickness"));
    return CheckOf(s.of);
  }
  absl::Status operator()(const ShapeSelector& s) {
    if (DrawsShape(s.op)) return absl::OkStatus();
    return Bad(absl::StrCat(OperationOf(s.op).name, " draws no shape; accepted are ", ShapeNames()),
               OperationOf(s.op).name);
  }
  absl::Status operator()(const MaskSelector& s) {
    if (const absl::Status status = CheckMask(s.mask); !status.ok()) {
      return InField("mask", status);
    }
    return CheckBox(s.box, "box");
  }
  absl::Status operator()(const GrowSelector& s) { return CheckSteps(s); }
  absl::Status operator()(const ShrinkSelector& s) { return CheckSteps(s); }
  absl::Status operator()(const InvertSelector& s) {
    VOXEL_RETURN_IF_ERROR(CheckBox(s.box, "box"));
    return CheckOf(s.of);
  }
  absl::Status operator()(const CombineSelector& s) {
    if (s.of.empty()) return Bad("of is empty; it takes at least one", "of");
    for (size_t i = 0; i < s.of.size(); ++i) {
      if (const absl::Status status = Check(s.of[i]); !status.ok()) {
        return InField(absl::StrCat("of[", i, "]"), status);
      }
    }
    return absl::OkStatus();
  }

 private:
  static std::string ShapeNames() {
    std::string names;
    VisitShapes(
        [&names](const char* name) { absl::StrAppend(&names, names.empty() ? "" : ", ", name); });
    return names;
  }
  template <typename Fn>
  static void VisitShapes(Fn&& fn) {
#define VOXEL_OPERATION(name, Case, Type, ...) \
  if (DrawsShape(Type())) fn(#name);
#include "voxel/ops/operation_table.inc"
#undef VOXEL_OPERATION
  }

  absl::Status CheckOf(const SelectorPtr& of) {
    if (of == nullptr) return absl::OkStatus();
    const absl::Status status = Check(*of);
    return status.ok() ? status : InField("of", status);
  }
  template <typename Steps>
  absl::Status CheckSteps(const Steps& s) {
    VOXEL_RETURN_IF_ERROR(CheckRange(s.steps, 1, kMostThickness, "steps"));
    return CheckOf(s.of);
  }

  int parts_ = 0;
  int depth_ = 0;
};

}  // namespace

const char* NameOf(const Selector& selector) {
  static constexpr const char* kNames[] = {"selection", "box",       "solid",   "color",
                                           "wand",      "connected", "surface", "shape",
                                           "mask",      "grow",      "shrink",  "invert"};
  static constexpr const char* kOperations[] = {"union", "intersect", "subtract", "xor"};
  if (const auto* combine = std::get_if<CombineSelector>(&selector.is)) {
    return kOperations[static_cast<size_t>(combine->operation)];
  }
  return kNames[selector.is.index()];
}

bool DrawsShape(const EditOp& op) {
  const Operation& operation = OperationOf(op);
  return operation.family == OperationFamily::kShapes && operation.paints &&
         !std::holds_alternative<Replace>(op) && !std::holds_alternative<Repaint>(op);
}

absl::Status CheckSelector(const Selector& selector) { return Checker().Check(selector); }

}  // namespace voxel
