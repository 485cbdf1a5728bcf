#include "voxel/formats/vox_chunk.h"

#include "absl/strings/escaping.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/formats/little_endian.h"

namespace voxel {
namespace {

struct ChunkHeader {
  VoxChunk chunk;
  size_t children_bytes = 0;
};

// The chunk at `offset`, whose content and children must end at or before `end`.
absl::StatusOr<ChunkHeader> ReadHeader(std::string_view bytes, size_t offset, size_t end) {
  if (end - offset < kVoxChunkHeaderBytes) {
    return VoxCorrupt("chunk header", offset, StrCat("needs 12 bytes, ", end - offset, " left"));
  }
  ChunkHeader header;
  header.chunk.id = bytes.substr(offset, 4);
  header.chunk.offset = offset;
  const size_t content_bytes = LoadUint32(bytes, offset + 4);
  header.children_bytes = LoadUint32(bytes, offset + 8);
  const size_t left = end - header.chunk.content_offset();
  if (content_bytes > left) {
    return VoxCorrupt(header.chunk.id, offset,
                      StrCat("says ", content_bytes, " bytes of content, ", left, " left"));
  }
  if (header.children_bytes > left - content_bytes) {
    return VoxCorrupt(header.chunk.id, offset,
                      StrCat("says ", header.children_bytes, " bytes of children, ",
                             left - content_bytes, " left"));
  }
  header.chunk.content = bytes.substr(header.chunk.content_offset(), content_bytes);
  return header;
}

absl::StatusOr<int32_t> ReadFileHeader(std::string_view bytes) {
  const size_t needed = kVoxHeaderBytes + kVoxChunkHeaderBytes;
  if (bytes.size() < needed) {
    return VoxCorrupt("file header", 0,
                      StrCat("needs ", needed, " bytes, the file has ", bytes.size()));
  }
  if (bytes.substr(0, 4) != kVoxMagic) {
    return VoxCorrupt(
        "file header", 0,
        StrCat("begins with \"", absl::CHexEscape(ToAbsl(bytes.substr(0, 4))), "\", not \"VOX \""));
  }
  const uint32_t version = LoadUint32(bytes, 4);
  if (version != 150 && version != 200) {
    return VoxCorrupt("file header", 4, StrCat("version ", version, " is neither 150 nor 200"));
  }
  return static_cast<int32_t>(version);
}

}  // namespace

absl::Status VoxCorrupt(std::string_view part, size_t offset, std::string_view what,
                        SourcePlace place) {
  return Error(Reason::FORMAT_CORRUPT,
               StrCat(absl::CHexEscape(ToAbsl(part)), " at byte ", offset, ": ", what), {}, place);
}

absl::StatusOr<VoxChunks> WalkVoxChunks(std::string_view bytes) {
  VoxChunks result;
  VOXEL_ASSIGN_OR_RETURN(result.version, ReadFileHeader(bytes));
  VOXEL_ASSIGN_OR_RETURN(const ChunkHeader main, ReadHeader(bytes, kVoxHeaderBytes, bytes.size()));
  if (main.chunk.id != "MAIN")
    return VoxCorrupt(main.chunk.id, kVoxHeaderBytes, "the first chunk is not MAIN");

  size_t offset = main.chunk.content_offset() + main.chunk.content.size();
  if (offset + main.children_bytes != bytes.size()) {
    return VoxCorrupt("MAIN", kVoxHeaderBytes,
                      StrCat("says ", main.children_bytes, " bytes of children, the file has ",
                             bytes.size() - offset));
  }
  while (offset < bytes.size()) {
    VOXEL_ASSIGN_OR_RETURN(const ChunkHeader header, ReadHeader(bytes, offset, bytes.size()));
    result.chunks.push_back(header.chunk);
    if (header.children_bytes != 0) {
      result.warnings.push_back(StrCat(absl::CHexEscape(ToAbsl(header.chunk.id)), " at byte ",
                                       offset, ": its ", header.children_bytes,
                                       " bytes of child chunks were left out"));
    }
    offset = header.chunk.content_offset() + header.chunk.content.size() + header.children_bytes;
  }
  return result;
}

}  // namespace voxel
