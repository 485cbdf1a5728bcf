// Which colours count as equal to another: no channel, alpha included, differs by more than the
// tolerance.
#pragma once

#include <algorithm>
#include <cstdint>

#include "voxel/grid/color.h"

namespace voxel {

class ColorMatch {
 public:
  ColorMatch(Color color, uint32_t tolerance) : color_(color), tolerance_(tolerance) {}

  Color color() const { return color_; }
  bool exact() const { return tolerance_ == 0; }

  bool operator()(Color c) const {
    if (tolerance_ == 0) return c == color_;
    return Near(Red(c), Red(color_)) && Near(Green(c), Green(color_)) &&
           Near(Blue(c), Blue(color_)) && Near(Alpha(c), Alpha(color_));
  }

 private:
  bool Near(uint32_t a, uint32_t b) const { return std::max(a, b) - std::min(a, b) <= tolerance_; }

  Color color_;
  uint32_t tolerance_;
};

}  // namespace voxel
