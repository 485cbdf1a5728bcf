#include "daemon/convert/masks.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include "daemon/convert/color_text.h"
#include "daemon/convert/enums.h"
#include "daemon/convert/geometry.h"
#include "daemon/convert/ids.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/ops/mask_text.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Mask;
using voxel::Reason;
using MaskOr = absl::StatusOr<Mask>;

constexpr double kMillionthsOfPercent = 10'000;

class MaskReader {
 public:
  explicit MaskReader(const voxel::Palette* palette) : palette_(palette) {}

  MaskOr Read(const v1::Mask& mask, const std::string& field) const {
    switch (mask.is_case()) {
      case v1::Mask::kText:
        return Text(mask.text(), field + ".text");
      case v1::Mask::kSolid:
        return Unless(!mask.solid(), Mask{voxel::SolidMask{}});
      case v1::Mask::kColor:
        return Color(mask.color(), field + ".color");
      case v1::Mask::kBox: {
        VOXEL_ASSIGN_OR_RETURN(const voxel::Box box, ToBox(mask.box(), field + ".box"));
        return Mask{voxel::InBoxMask{box}};
      }
      case v1::Mask::kHeight:
        return Checked(Mask{voxel::HeightMask{mask.height().min(), mask.height().max()}},
                       field + ".height");
      case v1::Mask::kLayer:
        VOXEL_RETURN_IF_ERROR(CheckId(mask.layer(), field + ".layer"));
        return Mask{voxel::LayerMask{mask.layer()}};
      case v1::Mask::kSurface:
        return Unless(!mask.surface(), Mask{voxel::SurfaceMask{}});
      case v1::Mask::kExposed:
        return Exposed(mask.exposed(), field + ".exposed");
      case v1::Mask::kNeighbours:
        return Neighbours(mask.neighbours(), field + ".neighbours");
      case v1::Mask::kNoise:
        return Noise(mask.noise(), field + ".noise");
      case v1::Mask::kShare:
        return Share(mask.share(), field + ".share");
      case v1::Mask::kAbove:
        return Beside(true, Read(mask.above(), field + ".above"));
      case v1::Mask::kBelow:
        return Beside(false, Read(mask.below(), field + ".below"));
      case v1::Mask::kNegated: {
        VOXEL_ASSIGN_OR_RETURN(Mask of, Read(mask.negated(), field + ".negated"));
        return Unless(true, std::move(of));
      }
      case v1::Mask::kAllOf:
        return List<voxel::AllOfMask>(mask.all_of(), field + ".all_of.masks");
      case v1::Mask::kAnyOf:
        return List<voxel::AnyOfMask>(mask.any_of(), field + ".any_of.masks");
      case v1::Mask::kSelection:
        VOXEL_RETURN_IF_ERROR(CheckId(mask.selection(), field + ".selection"));
        return Mask{voxel::SelectionMask{mask.selection()}};
      case v1::Mask::IS_NOT_SET:
        break;
    }
    return Error(Reason::MISSING_FIELD,
                 voxel::StrCat(field,
                               " says nothing; it takes one of text, solid, color, box, height, "
                               "layer, selection, surface, exposed, neighbours, noise, share, "
                               "above, below, negated, all_of, any_of"),
                 field);
  }

 private:
  static MaskOr Checked(Mask mask, const std::string& field) {
    const absl::Status status = voxel::CheckMask(mask);
    if (!status.ok()) return AtField(field, status);
    return mask;
  }
  static Mask Unless(bool negated, Mask mask) {
    if (!negated) return mask;
    return Mask{voxel::NotMask{std::make_shared<const Mask>(std::move(mask))}};
  }
  static MaskOr Beside(bool above, MaskOr of) {
    if (!of.ok()) return of;
    return Mask{voxel::BesideMask{above, std::make_shared<const Mask>(*std::move(of))}};
  }

  MaskOr Text(std::string_view text, const std::string& field) const {
    MaskOr mask = voxel::ParseMask(
        text, [this](std::string_view name) { return ParseColor(name, palette_, "the colour"); });
    return mask.ok() ? mask : MaskOr(AtField(field, mask.status()));
  }
  MaskOr Color(const v1::ColorMask& m, const std::string& field) const {
    voxel::ColorMask mask;
    VOXEL_ASSIGN_OR_RETURN(mask.color, ParseColor(m.color(), palette_, field + ".color"));
    mask.tolerance = m.tolerance();
    return Checked(Mask{mask}, field + ".tolerance");
  }
  MaskOr Exposed(v1::Side side, const std::string& field) const {
    VOXEL_RETURN_IF_ERROR(CheckEnum(side, field));
    switch (side) {
      case v1::SIDE_MINUS_X:
      case v1::SIDE_PLUS_X:
        return Mask{voxel::ExposedMask{voxel::Axis::kX, side == v1::SIDE_PLUS_X}};
      case v1::SIDE_MINUS_Y:
      case v1::SIDE_PLUS_Y:
        return Mask{voxel::ExposedMask{voxel::Axis::kY, side == v1::SIDE_PLUS_Y}};
      default:
        return Mask{voxel::ExposedMask{voxel::Axis::kZ, side != v1::SIDE_DOWN}};
    }
  }
  MaskOr Neighbours(const v1::NeighboursMask& m, const std::string& field) const {
    voxel::NeighboursMask mask;
    mask.kind = m.kind() == 0 ? 26 : m.kind();
    mask.at_least = m.least();
    mask.at_most = m.has_most() ? m.most() : mask.kind;
    return Checked(Mask{mask}, field);
  }
  MaskOr Noise(const v1::NoiseMask& m, const std::string& field) const {
    voxel::NoiseMask mask;
    mask.scale = m.scale();
    VOXEL_ASSIGN_OR_RETURN(mask.threshold, Percent(m.percent(), field + ".percent"));
    mask.seed = m.seed();
    return Checked(Mask{mask}, field);
  }
  MaskOr Share(const v1::ShareMask& m, const std::string& field) const {
    VOXEL_ASSIGN_OR_RETURN(const uint32_t share, Percent(m.percent(), field + ".percent"));
    return Mask{voxel::ShareMask{share, m.seed()}};
  }
  // In millionths, at least one; NaN is refused with the rest.
  absl::StatusOr<uint32_t> Percent(double percent, const std::string& field) const {
    if (percent > 0 && percent <= 100) {
      return std::max<uint32_t>(static_cast<uint32_t>(std::llround(percent * kMillionthsOfPercent)),
                                1);
    }
    return Error(Reason::INVALID_MASK,
                 voxel::StrCat(field, " is ", percent, "; it takes a number above 0, up to 100"),
                 field);
  }
  template <typename Parts>
  MaskOr List(const v1::MaskList& list, const std::string& field) const {
    Parts out;
    for (int i = 0; i < list.masks_size(); ++i) {
      VOXEL_ASSIGN_OR_RETURN(Mask part, Read(list.masks(i), voxel::StrCat(field, "[", i, "]")));
      out.parts.push_back(std::move(part));
    }
    if (!out.parts.empty()) return Mask{std::move(out)};
    return Error(Reason::MISSING_FIELD,
                 voxel::StrCat(field, " is empty; it takes at least one mask"), field);
  }

  const voxel::Palette* palette_;
};

}  // namespace

absl::StatusOr<voxel::Mask> ToMask(const v1::Mask& mask, const voxel::Palette* palette,
                                   std::string_view field) {
  return MaskReader(palette).Read(mask, std::string(field));
}

}  // namespace voxeld
