// Pictures of a volume: a CPU ray-marcher over the tree's empty cubes and the bricks' occupancy bits, with corner
// ambient occlusion and a sun with shadow. Deterministic: same volume, same request, same pixels for any thread count.
//
// Data flow:  ViewRequest -> one camera per view -> rays, by rows over the threads -> tiles -> one labelled image.
// Threading:  pure; uses context.threads threads.
// Space:      +z up; "front" looks along +y, "right" along -x; see camera.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/volume.h"
#include "voxel/image/image.h"

namespace voxel {

struct ViewRequest {
  // "front" "back" "left" "right" "top" "bottom" "iso", or "orbit:AZIMUTH,ELEVATION[,ZOOM]" in degrees. Empty: "iso".
  std::vector<std::string> views;
  int32_t width = 512;   // of one view
  int32_t height = 512;
  std::optional<Box> focus;      // what to fit into the picture; the volume's bounds without it
  uint32_t background = 0xF2F2F2FF;
  bool labels = true;            // the view's name in its corner
  bool axes = false;             // a small x/y/z cross
};

inline constexpr int32_t kMaxViewSide = 4096;
inline constexpr int32_t kMaxViews = 16;

// Renders the views side by side in a near-square grid, in the order given. INVALID_FIELD for an unknown view, a size
// outside [16, kMaxViewSide], more than kMaxViews views; CALL_CANCELLED, DEADLINE_PASSED.
absl::StatusOr<Image> RenderViews(const Volume& volume, const ViewRequest& request, const TaskContext& context);

}  // namespace voxel
