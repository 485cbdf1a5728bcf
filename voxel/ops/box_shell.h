// A box without a box inside it: walls and faces.
#pragma once

#include <optional>

#include "voxel/ops/box_shape.h"

namespace voxel {

// A RowShape.
class BoxShell {
 public:
  // `box` without what is farther than `thickness` from its sides; only the sides across the axes
  // that are `thick` count. REQUIRES: thickness >= 1.
  BoxShell(const Box& box, int64_t thickness, const bool (&thick)[3]) : outer_(box) {
    Block inner = BlockOf(box);
    for (int i = 0; i < 3; ++i) {
      if (thick[i]) inner[i] = {inner[i].first + thickness, inner[i].last - thickness};
    }
    if (!inner.empty()) inner_.emplace(BoxOf(inner));
  }

  Box bounds() const { return outer_.bounds(); }

  Coverage Classify(const Block& block) const {
    const Coverage outer = outer_.Classify(block);
    if (outer == Coverage::kOutside || !inner_) return outer;
    const Coverage inner = inner_->Classify(block);
    if (inner == Coverage::kInside) return Coverage::kOutside;
    return inner == Coverage::kOutside ? outer : Coverage::kPartial;
  }

  template <typename Fn>
  void ForEachInterval(int64_t y, int64_t z, Fn&& fn) const {
    const Interval outer = outer_.Row(y, z);
    if (outer.empty()) return;
    const Interval inner = inner_ ? inner_->Row(y, z) : Interval();
    if (inner.empty()) {
      fn(outer);
      return;
    }
    fn(Interval{outer.first, inner.first - 1});
    fn(Interval{inner.last + 1, outer.last});
  }

 private:
  BoxShape outer_;
  std::optional<BoxShape> inner_;
};

}  // namespace voxel
