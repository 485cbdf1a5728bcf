// Coverage as a logic of three values: what is known of a cube when something is known of its
// parts.
#pragma once

#include "voxel/grid/volume_editor.h"

namespace voxel {

constexpr Coverage Not(Coverage a) {
  if (a == Coverage::kPartial) return a;
  return a == Coverage::kInside ? Coverage::kOutside : Coverage::kInside;
}
constexpr Coverage Both(Coverage a, Coverage b) {
  if (a == Coverage::kOutside || b == Coverage::kOutside) return Coverage::kOutside;
  return a == Coverage::kInside ? b : a == b || b == Coverage::kInside ? a : Coverage::kPartial;
}
constexpr Coverage Either(Coverage a, Coverage b) { return Not(Both(Not(a), Not(b))); }

}  // namespace voxel
