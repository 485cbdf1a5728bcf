// The text of a Wavefront OBJ file and of the MTL file beside it, mesh by mesh.
//
// Format: docs/formats/obj.md. Numbers are written as short as they can be read back, whatever the
// locale.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/transform.h"
#include "voxel/mesh/culled.h"

namespace voxel {

class ObjWriter {
 public:
  struct Options {
    bool y_up = true;    // (x, y, z) is written as (x, z, -y); else as it is
    double scale = 1.0;  // size of a voxel; positive
  };
  // `material_file` is the name that the OBJ refers to.
  ObjWriter(const Options& options, std::string_view material_file);

  // Appends one object: the mesh moved by `placement`, its squares grouped by colour. `opacity`
  // scales alpha. CALL_CANCELLED, DEADLINE_PASSED.
  absl::Status AddObject(std::string_view name, const CulledMesh& mesh, const Transform& placement,
                         uint8_t opacity, const TaskContext& context);

  // Bytes of text so far, and about how many more an object of that mesh will take.
  int64_t TextBytes() const { return static_cast<int64_t>(text_.size()); }
  static int64_t EstimateBytes(const CulledMesh& mesh);
  // The text of the OBJ file; the writer is empty afterwards.
  std::string TakeObjectText() { return std::move(text_); }
  std::string MaterialText() const;

 private:
  void AppendNumber(double value);
  void AppendCorner(uint64_t vertex, int normal);
  void AppendSquare(const MeshSquare& square, const Transform& placement);
  void AppendPoint(std::string_view keyword, Coord at, double scale);
  // The number of the normal line (1..6) of a side of a placed mesh.
  static int NormalNumber(Side side, const Transform& placement);

  const Options options_;
  std::string text_;
  std::set<Color> colors_;
  uint64_t vertices_ = 0;  // written so far; faces count from 1 over the whole file
};

}  // namespace voxel
