#include "voxel/ops/mask.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"

namespace voxel {
namespace {

absl::Status Bad(const std::string& what) { return Error(Reason::INVALID_MASK, what); }

class Checker {
 public:
  absl::Status Check(const Mask& mask) {
    if (++parts_ > kMostMaskParts) {
      return Bad(absl::StrCat("the mask has more than ", kMostMaskParts, " parts"));
    }
    if (++depth_ > kMostMaskDepth) {
      return Bad(absl::StrCat("the mask is nested more than ", kMostMaskDepth, " deep"));
    }
    VOXEL_RETURN_IF_ERROR(std::visit(*this, mask.is));
    --depth_;
    return absl::OkStatus();
  }

  absl::Status operator()(const SolidMask&) { return absl::OkStatus(); }
  absl::Status operator()(const SurfaceMask&) { return absl::OkStatus(); }
  absl::Status operator()(const LayerMask&) { return absl::OkStatus(); }
  absl::Status operator()(const SelectionMask&) { return absl::OkStatus(); }
  absl::Status operator()(const ExposedMask&) { return absl::OkStatus(); }
  absl::Status operator()(const ColorMask& m) {
    if (m.tolerance <= 255) return absl::OkStatus();
    return Bad(absl::StrCat("the tolerance is ", m.tolerance, "; accepted is 0 to 255"));
  }
  absl::Status operator()(const InBoxMask& m) {
    if (!m.box.empty() && kWorld.Contains(m.box)) return absl::OkStatus();
    return Bad(absl::StrCat("the box from (", m.box.min.x, ", ", m.box.min.y, ", ", m.box.min.z,
                            ") to (", m.box.max.x, ", ", m.box.max.y, ", ", m.box.max.z,
                            ") is empty or leaves the world; max must be greater than min on every "
                            "axis, and both within [-1073741824, 1073741824]"));
  }
  absl::Status operator()(const HeightMask& m) {
    if (m.low < m.high && m.low >= kMinCoord && m.high <= kMaxCoord) return absl::OkStatus();
    return Bad(absl::StrCat("the height is ", m.low, " to ", m.high,
                            "; the end must be greater than the start, and both within "
                            "[-1073741824, 1073741824]"));
  }
  absl::Status operator()(const NeighboursMask& m) {
    if (m.kind != 6 && m.kind != 18 && m.kind != 26) {
      return Bad(absl::StrCat("neighbours counts ", m.kind, " of them; accepted is 6, 18 or 26"));
    }
    if (m.at_least <= m.at_most && m.at_most <= m.kind) return absl::OkStatus();
    return Bad(absl::StrCat("neighbours takes ", m.at_least, " to ", m.at_most,
                            " of them; accepted are rising numbers from 0 to ", m.kind));
  }
  absl::Status operator()(const NoiseMask& m) {
    if (m.scale < 1 || m.scale > kMostNoiseScale) {
      return Bad(absl::StrCat("the noise has a scale of ", m.scale, "; accepted is 1 to ",
                              kMostNoiseScale));
    }
    return CheckShare(m.threshold, "the noise's threshold");
  }
  absl::Status operator()(const ShareMask& m) { return CheckShare(m.share, "the share"); }
  absl::Status operator()(const BesideMask& m) {
    if (++beside_ > kMostBeside) {
      return Bad(absl::StrCat("above and below are nested more than ", kMostBeside, " deep"));
    }
    VOXEL_RETURN_IF_ERROR(Check(*m.of));
    --beside_;
    return absl::OkStatus();
  }
  absl::Status operator()(const NotMask& m) { return Check(*m.of); }
  absl::Status operator()(const AllOfMask& m) { return CheckParts(m.parts); }
  absl::Status operator()(const AnyOfMask& m) { return CheckParts(m.parts); }

 private:
  absl::Status CheckShare(uint32_t share, const std::string& what) {
    if (share >= 1 && share <= kMillion) return absl::OkStatus();
    return Bad(absl::StrCat(what, " is ", share, " millionths; accepted is 1 to ", kMillion));
  }
  absl::Status CheckParts(const std::vector<Mask>& parts) {
    if (parts.empty()) return Bad("an and or an or has no parts; at least one is needed");
    for (const Mask& part : parts) VOXEL_RETURN_IF_ERROR(Check(part));
    return absl::OkStatus();
  }

  int parts_ = 0;
  int depth_ = 0;
  int beside_ = 0;
};

}  // namespace

absl::Status CheckMask(const Mask& mask) { return Checker().Check(mask); }

}  // namespace voxel
