// The chunks of a MagicaVoxel file: the outermost layer of the format, as a pure function of the
// bytes.
//
// Format:    docs/formats/vox.md, "Chunks".
// Ownership: chunks point into the bytes given.
// Cost:      one small record per chunk, which takes at least 12 bytes of the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "voxel/base/error.h"

namespace voxel {

inline constexpr std::string_view kVoxMagic = "VOX ";
inline constexpr size_t kVoxHeaderBytes = 8;        // magic and version
inline constexpr size_t kVoxChunkHeaderBytes = 12;  // id, content bytes, children bytes

struct VoxChunk {
  std::string_view id;  // 4 bytes
  std::string_view content;
  size_t offset = 0;  // of the chunk's id in the file

  size_t content_offset() const { return offset + kVoxChunkHeaderBytes; }
};

struct VoxChunks {
  int32_t version = 0;
  std::vector<VoxChunk> chunks;       // MAIN's children, in file order
  std::vector<std::string> warnings;  // parts that were passed over
};

// Splits a whole file. FORMAT_CORRUPT if the magic, the version or any chunk's size is not what the
// file's length allows; nothing behind such a place can be trusted, so nothing of it is returned.
absl::StatusOr<VoxChunks> WalkVoxChunks(std::string_view bytes);

// FORMAT_CORRUPT with "<part> at byte <offset>: <what>". Bytes of `part` that do not print are
// escaped.
absl::Status VoxCorrupt(std::string_view part, size_t offset, std::string_view what,
                        SourcePlace place = SourcePlace::current());

}  // namespace voxel
