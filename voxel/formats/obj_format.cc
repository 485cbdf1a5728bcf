#include <charconv>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/base/task_part.h"
#include "voxel/formats/builtin_formats.h"
#include "voxel/formats/format.h"
#include "voxel/formats/obj_writer.h"
#include "voxel/mesh/culled.h"

namespace voxel {
namespace {

absl::Status BadOption(std::string_view key, std::string_view value, std::string_view accepted) {
  return Error(Reason::INVALID_FIELD,
               StrCat("options: ", key, " is \"", absl::CHexEscape(ToAbsl(value)),
                      "\"; accepted is ", accepted),
               StrCat("options.", key));
}

absl::StatusOr<ObjWriter::Options> ParseOptions(const ExportOptions& options) {
  ObjWriter::Options result;
  for (const auto& [key, value] : options.values) {
    if (key == "up") {
      if (value != "y" && value != "z") return BadOption(key, value, "y or z");
      result.y_up = value == "y";
    } else if (key == "scale") {
      const char* end = value.data() + value.size();
      const auto parsed = std::from_chars(value.data(), end, result.scale);
      const bool good =
          parsed.ec == std::errc() && parsed.ptr == end && std::isfinite(result.scale);
      if (!good || result.scale < 1e-6 || result.scale > 1e6) {
        return BadOption(key, value, "a number in [0.000001, 1000000]");
      }
    } else {
      return Error(Reason::INVALID_FIELD,
                   StrCat("options: \"", key, "\" is unknown; obj has up and scale"),
                   StrCat("options.", key));
    }
  }
  return result;
}

// A layer without opacity shows nothing, and its colours would all be air.
bool Shown(const Layer& layer) {
  return layer.visible && layer.opacity > 0 && !layer.volume.empty();
}

absl::Status AddLayer(const Layer& layer, const TaskContext& context, ObjWriter& writer) {
  constexpr double kMeshShare = 0.5;  // of the time; the rest goes into text
  VOXEL_ASSIGN_OR_RETURN(const CulledMesh mesh,
                         MeshCulled(layer.volume, PartTask(context, 0, kMeshShare)));
  VOXEL_RETURN_IF_ERROR(context.CheckMemory(writer.TextBytes() + ObjWriter::EstimateBytes(mesh)));
  return writer.AddObject(layer.id, mesh, layer.transform, layer.opacity,
                          PartTask(context, kMeshShare, 1));
}

class ObjFormat : public Format {
 public:
  const FormatInfo& info() const override { return info_; }
  bool Detect(std::string_view) const override { return false; }
  absl::StatusOr<ImportedFile> Read(std::string_view, const ImportLimits&,
                                    const TaskContext&) const override {
    return Error(Reason::FORMAT_UNSUPPORTED, "format: obj is only written, not read", "format");
  }
  absl::StatusOr<ExportResult> Write(const Document& document, const ExportOptions& options,
                                     const TaskContext& context) const override {
    VOXEL_ASSIGN_OR_RETURN(const ObjWriter::Options writer_options, ParseOptions(options));
    const std::string material_file = options.base_name + ".mtl";
    ObjWriter writer(writer_options, material_file);
    std::vector<double> pieces;  // of the layers that are shown
    for (const auto& layer : document.layers) {
      if (Shown(*layer)) pieces.push_back(static_cast<double>(CulledPieces(layer->volume)));
    }
    const double total = std::accumulate(pieces.begin(), pieces.end(), 0.0);
    double done = 0;
    size_t next = 0;
    int modes = 0;
    for (const auto& layer : document.layers) {
      if (!Shown(*layer)) continue;
      const double begin = done / total;
      done += pieces[next++];
      VOXEL_RETURN_IF_ERROR(AddLayer(*layer, PartTask(context, begin, done / total), writer));
      modes += layer->mode == Mode::kOver ? 0 : 1;
    }
    ExportResult result;
    if (modes > 0) {
      result.warnings.push_back(
          StrCat(modes,
                 " layers have a mode, which an .obj does not keep: they are written as "
                 "they are, not as they meet the layers below"));
    }
    result.files.push_back({options.base_name + ".obj", writer.TakeObjectText()});
    result.files.push_back({material_file, writer.MaterialText()});
    return result;
  }

 private:
  const FormatInfo info_{
      .id = "obj",
      .title = "Wavefront OBJ with MTL",
      .extensions = {"obj"},
      .reads = false,
      .writes = true,
      .keeps = {"visible layers", "transforms", "colours", "opacity"},
      .limits =
          "surfaces only: the sides of voxels that can be seen; options up (y or z) and scale",
  };
};

}  // namespace

std::unique_ptr<Format> MakeObjFormat() { return std::make_unique<ObjFormat>(); }

}  // namespace voxel
