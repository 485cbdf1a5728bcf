#include "daemon/convert/selectors.h"

#include <memory>
#include <string>
#include <utility>

#include "daemon/convert/color_text.h"
#include "daemon/convert/edits.h"
#include "daemon/convert/enums.h"
#include "daemon/convert/geometry.h"
#include "daemon/convert/ids.h"
#include "daemon/convert/masks.h"
#include "google/protobuf/descriptor.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using voxel::Error;
using voxel::Reason;
using voxel::Selector;
using voxel::SetOperation;
using SelectorOr = absl::StatusOr<Selector>;

uint32_t OneIfAbsent(uint32_t value) { return value == 0 ? 1 : value; }

// A shape is an edit of which only the operation counts: it takes no colours, and gets one.
absl::StatusOr<v1::Edit> Inked(const v1::Edit& shape, const std::string& field) {
  v1::Edit edit = shape;
  const auto* reflection = edit.GetReflection();
  std::vector<const FieldDescriptor*> present;
  reflection->ListFields(edit, &present);
  for (const FieldDescriptor* other : present) {
    if (other->containing_oneof() != nullptr) continue;
    const std::string path = voxel::StrCat(field, ".", other->name());
    return Error(Reason::INVALID_FIELD,
                 voxel::StrCat(path, " is given; a shape takes an edit's operation alone"), path);
  }
  const auto* op = reflection->GetOneofFieldDescriptor(edit, edit.GetDescriptor()->oneof_decl(0));
  if (op == nullptr) return edit;
  Message* message = reflection->MutableMessage(&edit, op);
  for (const char* name : {"color", "rgba", "rgba_le"}) {
    const FieldDescriptor* color = message->GetDescriptor()->FindFieldByName(name);
    if (color == nullptr) continue;
    const bool given = color->is_repeated()
                           ? message->GetReflection()->FieldSize(*message, color) > 0
                           : message->GetReflection()->HasField(*message, color);
    if (!given) continue;
    const std::string path = voxel::StrCat(field, ".", op->name(), ".", name);
    return Error(Reason::INVALID_FIELD,
                 voxel::StrCat(path, " is given; a selection has places, but no colours"), path);
  }
  if (const auto* color = message->GetDescriptor()->FindFieldByName("color"); color != nullptr) {
    message->GetReflection()->SetString(message, color, FormatColor(voxel::kInk));
  }
  return edit;
}

class SelectorReader {
 public:
  explicit SelectorReader(const voxel::Palette* palette) : palette_(palette) {}

  SelectorOr Read(const v1::Selector& m, const std::string& field) const;

 private:
  SelectorOr Read(const v1::SolidSelector& m, const std::string& field) const {
    VOXEL_RETURN_IF_ERROR(CheckLayer(m.layer(), field));
    return Selector{voxel::SolidSelector{m.layer()}};
  }
  SelectorOr Read(const v1::ColorSelector& m, const std::string& field) const {
    voxel::ColorSelector out;
    VOXEL_ASSIGN_OR_RETURN(out.color, ParseColor(m.color(), palette_, field + ".color"));
    out.tolerance = m.tolerance();
    VOXEL_RETURN_IF_ERROR(ReadPlace(m, field, out));
    return Selector{std::move(out)};
  }
  SelectorOr Read(const v1::WandSelector& m, const std::string& field) const {
    voxel::WandSelector out;
    VOXEL_ASSIGN_OR_RETURN(out.seed, ToCoord(m.seed(), field + ".seed"));
    out.tolerance = m.tolerance();
    VOXEL_ASSIGN_OR_RETURN(out.neighbours, ToNeighbours(m.neighbours(), field));
    VOXEL_RETURN_IF_ERROR(ReadPlace(m, field, out));
    return Selector{std::move(out)};
  }
  SelectorOr Read(const v1::ConnectedSelector& m, const std::string& field) const {
    voxel::ConnectedSelector out;
    VOXEL_ASSIGN_OR_RETURN(out.seed, ToCoord(m.seed(), field + ".seed"));
    VOXEL_ASSIGN_OR_RETURN(out.neighbours, ToNeighbours(m.neighbours(), field));
    if (m.has_of()) {
      VOXEL_ASSIGN_OR_RETURN(out.of, Part(m.of(), field));
    }
    return Selector{std::move(out)};
  }
  SelectorOr Read(const v1::SurfaceSelector& m, const std::string& field) const {
    voxel::SurfaceSelector out;
    VOXEL_ASSIGN_OR_RETURN(out.neighbours, ToNeighbours(m.neighbours(), field));
    out.thickness = OneIfAbsent(m.thickness());
    out.outside = m.outside();
    if (m.has_of()) {
      VOXEL_ASSIGN_OR_RETURN(out.of, Part(m.of(), field));
    }
    return Selector{std::move(out)};
  }
  SelectorOr Read(const v1::Edit& m, const std::string& field) const {
    VOXEL_ASSIGN_OR_RETURN(const v1::Edit inked, Inked(m, field));
    VOXEL_ASSIGN_OR_RETURN(voxel::Edit edit, ToEdit(inked, palette_, field));
    return Selector{voxel::ShapeSelector{std::move(edit.op)}};
  }
  SelectorOr Read(const v1::MaskSelector& m, const std::string& field) const {
    voxel::MaskSelector out;
    VOXEL_ASSIGN_OR_RETURN(out.mask, ToMask(m.mask(), palette_, field + ".mask"));
    VOXEL_RETURN_IF_ERROR(ReadPlace(m, field, out));
    return Selector{std::move(out)};
  }
  template <typename Steps>
  SelectorOr ReadSteps(const v1::GrowSelector& m, const std::string& field) const {
    Steps out;
    VOXEL_ASSIGN_OR_RETURN(out.of, Part(m.of(), field));
    out.steps = OneIfAbsent(m.steps());
    VOXEL_ASSIGN_OR_RETURN(out.neighbours, ToNeighbours(m.neighbours(), field));
    return Selector{std::move(out)};
  }
  SelectorOr Read(const v1::InvertSelector& m, const std::string& field) const {
    voxel::InvertSelector out;
    VOXEL_ASSIGN_OR_RETURN(out.of, Part(m.of(), field));
    if (m.has_box()) {
      VOXEL_ASSIGN_OR_RETURN(out.box, ToBox(m.box(), field + ".box"));
    }
    return Selector{std::move(out)};
  }
  SelectorOr Read(const v1::SelectorList& m, SetOperation operation,
                  const std::string& field) const {
    voxel::CombineSelector out{operation, {}};
    for (int i = 0; i < m.of_size(); ++i) {
      VOXEL_ASSIGN_OR_RETURN(Selector part, Read(m.of(i), voxel::StrCat(field, ".of[", i, "]")));
      out.of.push_back(std::move(part));
    }
    if (!out.of.empty()) return Selector{std::move(out)};
    return Error(Reason::MISSING_FIELD,
                 voxel::StrCat(field, ".of is empty; it takes at least one selector"),
                 field + ".of");
  }

  absl::StatusOr<voxel::SelectorPtr> Part(const v1::Selector& m, const std::string& field) const {
    VOXEL_ASSIGN_OR_RETURN(Selector part, Read(m, field + ".of"));
    return std::make_shared<const Selector>(std::move(part));
  }
  // The layer and the box of a selector that has both.
  template <typename From, typename To>
  static absl::Status ReadPlace(const From& m, const std::string& field, To& out) {
    VOXEL_RETURN_IF_ERROR(CheckLayer(m.layer(), field));
    out.layer = m.layer();
    if (m.has_box()) {
      VOXEL_ASSIGN_OR_RETURN(out.box, ToBox(m.box(), field + ".box"));
    }
    return absl::OkStatus();
  }
  static absl::Status CheckLayer(const std::string& layer, const std::string& field) {
    return layer.empty() ? absl::OkStatus() : CheckId(layer, field + ".layer");
  }
  static absl::StatusOr<voxel::Neighbours> ToNeighbours(v1::Neighbours neighbours,
                                                        const std::string& field) {
    return voxeld::ToNeighbours(neighbours, field + ".neighbours");
  }

  const voxel::Palette* palette_;
};

SelectorOr SelectorReader::Read(const v1::Selector& m, const std::string& field) const {
  const auto in = [&field](const char* name) { return voxel::StrCat(field, ".", name); };
  switch (m.is_case()) {
    case v1::Selector::kSelection:
      VOXEL_RETURN_IF_ERROR(CheckId(m.selection(), in("selection")));
      return Selector{voxel::StoredSelector{m.selection()}};
    case v1::Selector::kBox: {
      VOXEL_ASSIGN_OR_RETURN(const voxel::Box box, ToBox(m.box(), in("box")));
      return Selector{voxel::BoxSelector{box}};
    }
    case v1::Selector::kSolid:
      return Read(m.solid(), in("solid"));
    case v1::Selector::kColor:
      return Read(m.color(), in("color"));
    case v1::Selector::kWand:
      return Read(m.wand(), in("wand"));
    case v1::Selector::kConnected:
      return Read(m.connected(), in("connected"));
    case v1::Selector::kSurface:
      return Read(m.surface(), in("surface"));
    case v1::Selector::kShape:
      return Read(m.shape(), in("shape"));
    case v1::Selector::kMask:
      return Read(m.mask(), in("mask"));
    case v1::Selector::kGrow:
      return ReadSteps<voxel::GrowSelector>(m.grow(), in("grow"));
    case v1::Selector::kShrink:
      return ReadSteps<voxel::ShrinkSelector>(m.shrink(), in("shrink"));
    case v1::Selector::kInvert:
      return Read(m.invert(), in("invert"));
    case v1::Selector::kUnion:
      return Read(m.union_(), SetOperation::kUnion, in("union"));
    case v1::Selector::kIntersect:
      return Read(m.intersect(), SetOperation::kIntersect, in("intersect"));
    case v1::Selector::kSubtract:
      return Read(m.subtract(), SetOperation::kSubtract, in("subtract"));
    case v1::Selector::kXor:
      return Read(m.xor_(), SetOperation::kXor, in("xor"));
    case v1::Selector::IS_NOT_SET:
      break;
  }
  return Error(Reason::MISSING_FIELD,
               voxel::StrCat(field,
                             " says nothing; it takes one of selection, box, solid, color, wand, "
                             "connected, surface, shape, mask, grow, shrink, invert, union, "
                             "intersect, subtract, xor"),
               field);
}

}  // namespace

absl::StatusOr<voxel::Selector> ToSelector(const v1::Selector& selector,
                                           const voxel::Palette* palette, std::string_view field) {
  return SelectorReader(palette).Read(selector, std::string(field));
}

void FromSelection(const voxel::Selection& selection, v1::Selection* out) {
  const voxel::Volume& ink = selection.voxels.ink;
  out->set_selection(selection.id);
  out->set_voxels(ink.CountVoxels());
  if (!ink.empty()) FromBox(ink.Bounds(), out->mutable_bounds());
  out->set_inverted(selection.voxels.complement);
}

}  // namespace voxeld
