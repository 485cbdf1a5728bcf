#include <utility>

#include "voxel/base/error.h"
#include "voxel/base/str_cat.h"
#include "voxel/formats/builtin_formats.h"
#include "voxel/formats/format.h"
#include "voxel/formats/vox_chunk.h"
#include "voxel/formats/vox_read.h"
#include "voxel/formats/vox_write.h"

namespace voxel {
namespace {

class VoxFormat : public Format {
 public:
  const FormatInfo& info() const override { return info_; }
  bool Detect(std::string_view bytes) const override {
    return bytes.substr(0, kVoxMagic.size()) == kVoxMagic;
  }
  absl::StatusOr<ImportedFile> Read(std::string_view bytes, const ImportLimits& limits,
                                    const TaskContext& context) const override {
    return ReadVox(bytes, limits, context);
  }
  absl::StatusOr<ExportResult> Write(const Document& document, const ExportOptions& options,
                                     const TaskContext& context) const override {
    if (!options.values.empty()) {
      const std::string& key = options.values.begin()->first;
      return Error(Reason::INVALID_FIELD,
                   StrCat("options: \"", key, "\" is unknown; vox has no options"),
                   StrCat("options.", key));
    }
    return WriteVox(document, options, context);
  }

 private:
  const FormatInfo info_{
      .id = "vox",
      .title = "MagicaVoxel",
      .extensions = {"vox"},
      .reads = true,
      .writes = true,
      .keeps = {"layers", "groups", "instances", "transforms", "visibility", "names", "palette",
                "materials", "cameras", "light", "animation"},
      .limits =
          "255 colours, more are merged; models over 256 on a side are split; no layer opacity or "
          "modes",
  };
};

}  // namespace

std::unique_ptr<Format> MakeVoxFormat() { return std::make_unique<VoxFormat>(); }

}  // namespace voxel
