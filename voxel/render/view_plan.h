// What a ViewRequest asks for, read and laid out: which views, where they stand in the picture, and
// their cameras. What RenderViews paints and PickVoxel looks up.
//
// Threading: immutable once made.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "voxel/grid/stage.h"
#include "voxel/render/camera.h"
#include "voxel/render/view.h"

namespace voxel {

struct PlannedView {
  std::string name;
  Orientation orientation;
  std::optional<SceneCamera> camera = {};  // of a view "camera:NAME"
};

class ViewPlan {
 public:
  // What RenderViews refuses of a request.
  static absl::StatusOr<ViewPlan> Make(const ViewRequest& request);

  const std::vector<PlannedView>& views() const { return views_; }
  // The grid of views, each of width() x height() pixels, row by row; the last row may have gaps.
  int32_t columns() const { return columns_; }
  int32_t rows() const { return rows_; }
  int32_t width() const { return width_; }
  int32_t height() const { return height_; }

  // The camera of one view of a volume, relative to `origin`. REQUIRES: the volume is not empty.
  Camera CameraOf(const PlannedView& view, const Volume& volume, Coord origin) const;

 private:
  std::vector<PlannedView> views_;
  int32_t columns_ = 1;
  int32_t rows_ = 1;
  int32_t width_ = 0;
  int32_t height_ = 0;
  std::optional<Box> focus_;
};

}  // namespace voxel
