// Pictures of a volume: a CPU ray-marcher over the tree's empty cubes and the bricks' occupancy
// bits, with corner ambient occlusion and a sun with shadow. Deterministic: same volume, same
// request, same pixels for any thread count.
//
// Data flow:  ViewRequest -> OccupancyIndex -> one camera per view -> rays, by bands of rows over
//             the threads -> views -> one labelled image.
// Threading:  pure; uses context.threads threads.
// Space:      +z up; "front" looks along +y, "right" along -x; see camera.h.
// Cost:       rays; memory for the picture and about 30 bytes for each brick of the volume.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/stage.h"
#include "voxel/grid/volume.h"
#include "voxel/image/image.h"

namespace voxel {

struct ViewRequest {
  // "front" "back" "left" "right" "top" "bottom" "iso", or "orbit:AZIMUTH,ELEVATION[,ZOOM]" in
  // degrees, or "camera:NAME" for one of `cameras`. Empty: "iso".
  std::vector<std::string> views;
  int32_t width = 512;  // of one view
  int32_t height = 512;
  // What to fit into the picture; the volume's bounds without it. Voxels outside are shown where
  // they come into view.
  std::optional<Box> focus;
  uint32_t background = 0xF2F2F2FF;
  bool labels = true;  // the view's name in its corner
  bool axes = false;   // a small x/y/z cross
  // A camera gives its direction, and, unless it has no distance or there is a focus, also what the
  // picture's centre shows and how much of its height fits in: as much as the camera shows of the
  // plane through its target. All pictures are parallel projections.
  std::vector<SceneCamera> cameras = {};
  std::optional<SceneLight> light = {};  // none: one that suits each view
};

inline constexpr int32_t kMinViewSide = 16;
inline constexpr int32_t kMaxViewSide = 4096;
inline constexpr int32_t kMaxViews = 16;
inline constexpr int64_t kMaxPicturePixels = int64_t{64} << 20;  // of all views together

// What RenderViews refuses of a request.
absl::Status CheckViewRequest(const ViewRequest& request);

// Renders the views side by side in a near-square grid, row by row in the order given; an empty
// volume gives the background. INVALID_FIELD for an unknown view or camera (`views[i]`), a size
// outside [kMinViewSide, kMaxViewSide] (`width`, `height`), more than kMaxViews views (`views`), an
// empty focus (`focus`); LIMIT_BYTES for more than kMaxPicturePixels; CALL_CANCELLED,
// DEADLINE_PASSED.
absl::StatusOr<Image> RenderViews(const Volume& volume, const ViewRequest& request,
                                  const TaskContext& context);

}  // namespace voxel
