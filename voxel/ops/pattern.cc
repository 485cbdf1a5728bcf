#include "voxel/ops/pattern.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "voxel/base/error.h"

namespace voxel {
namespace {

struct Checker {
  absl::Status Bad(const std::string& what) const { return Error(Reason::INVALID_COLOR, what); }

  absl::Status operator()(const MixPattern& mix) const {
    if (mix.parts.empty() || mix.parts.size() > kMostPatternParts) {
      return Bad(absl::StrCat("the pattern has ", mix.parts.size(), " colours; accepted is 1 to ",
                              kMostPatternParts));
    }
    for (const MixPattern::Part& part : mix.parts) {
      if (part.share >= 1 && part.share <= kMostPatternShare) continue;
      return Bad(absl::StrCat("a colour's share is ", part.share, "; accepted is 1 to ",
                              kMostPatternShare));
    }
    return absl::OkStatus();
  }
  absl::Status operator()(const CheckerPattern& checker) const {
    if (checker.size >= 1 && checker.size <= kMaxCoord) return absl::OkStatus();
    return Bad(
        absl::StrCat("the checker's size is ", checker.size, "; accepted is 1 to ", kMaxCoord));
  }
  absl::Status operator()(const GradientPattern& gradient) const {
    const auto in_world = [](int32_t v) { return v >= kMinCoord && v < kMaxCoord; };
    if (gradient.from != gradient.to && in_world(gradient.from) && in_world(gradient.to)) {
      return absl::OkStatus();
    }
    return Bad(absl::StrCat("the gradient runs from ", gradient.from, " to ", gradient.to,
                            "; accepted are two different numbers in [-1073741824, 1073741824)"));
  }
};

}  // namespace

absl::Status CheckPattern(const Pattern& pattern) { return std::visit(Checker(), pattern); }

}  // namespace voxel
