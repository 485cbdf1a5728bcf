// File formats behind one registry: bytes in, a document out, and back. No format touches files or
// the network.
//
// Detection:  by content, never by a file's name; the name's extension only chooses what to write.
// Safety:     every size in a file is checked before memory is taken; reading costs at most a small
//             multiple of the input plus the voxels' own bricks.
// Threading:  formats are stateless.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/document.h"

namespace voxel {

struct FormatInfo {
  std::string id;                       // "vox"
  std::string title;                    // "MagicaVoxel"
  std::vector<std::string> extensions;  // without the dot, first is the preferred one
  bool reads = false;
  bool writes = false;
  // what survives a round trip: "layers", "palette", "materials", ...
  std::vector<std::string> keeps;
  std::string limits;  // in words
};

struct ImportLimits {
  int64_t max_voxels = int64_t{64} << 20;
  int32_t max_layers = 4096;
};

struct ImportedFile {
  RefPtr<const Document> document;
  std::vector<std::string> warnings;  // one sentence each: what was not kept or was put right
};

struct ExportedFile {
  std::string name;  // "castle.obj", "castle.mtl"
  std::string data;
};
struct ExportResult {
  std::vector<ExportedFile> files;  // the main file first
  std::vector<std::string> warnings;
};
struct ExportOptions {
  std::string base_name = "model";            // file names without the extension
  std::map<std::string, std::string> values;  // format options; an unknown key is INVALID_FIELD
};

class Format {
 public:
  virtual ~Format() = default;
  virtual const FormatInfo& info() const = 0;
  // Whether `bytes` (the whole file) begin like this format.
  virtual bool Detect(std::string_view bytes) const = 0;
  // FORMAT_CORRUPT: the message says what is wrong, the byte offset and the part of the file;
  // LIMIT_VOXELS, LIMIT_LAYERS. FORMAT_UNSUPPORTED if the format cannot be read.
  virtual absl::StatusOr<ImportedFile> Read(std::string_view bytes, const ImportLimits& limits,
                                            const TaskContext& context) const = 0;
  // FORMAT_UNSUPPORTED if it cannot be written; INVALID_FIELD for an unknown option.
  virtual absl::StatusOr<ExportResult> Write(const Document& document, const ExportOptions& options,
                                             const TaskContext& context) const = 0;
};

// All formats that voxeld knows. Built once by whoever owns the daemon's parts.
class FormatRegistry {
 public:
  FormatRegistry();  // every built-in format
  absl::Span<const std::unique_ptr<Format>> formats() const { return formats_; }
  // By id ("vox") or extension ("mtl" is not one: it is a side file). FORMAT_UNKNOWN, with the list
  // of ids.
  absl::StatusOr<const Format*> Find(std::string_view id) const;
  // By content. FORMAT_UNKNOWN, with the first bytes and the list of formats that can be read.
  absl::StatusOr<const Format*> Detect(std::string_view bytes) const;

 private:
  std::vector<std::unique_ptr<Format>> formats_;
};

}  // namespace voxel
