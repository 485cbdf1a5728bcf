// Reads the fields of one MagicaVoxel chunk from front to back; every failure names the chunk, its
// place in the file and the byte at which the field that does not fit begins.
//
// Ownership: points into the file's bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "voxel/formats/vox_chunk.h"
#include "voxel/grid/scene_graph.h"

namespace voxel {

class VoxCursor {
 public:
  explicit VoxCursor(const VoxChunk& chunk) : chunk_(chunk) {}

  // All: FORMAT_CORRUPT if the rest of the chunk is too short. `what` names the field in messages
  // ("child id").
  absl::StatusOr<uint32_t> Uint32(std::string_view what);
  absl::StatusOr<int32_t> Int32(std::string_view what);
  // A number of items of at least `item_bytes` each, which must have room in the rest of the chunk;
  // so the caller may take memory for that many.
  absl::StatusOr<size_t> Count(std::string_view what, size_t item_bytes);
  absl::StatusOr<std::string_view> String(std::string_view what);
  // DICT: pairs of strings, in file order, repeated keys kept.
  absl::StatusOr<Attributes> Dictionary(std::string_view what);

  size_t left() const { return chunk_.content.size() - position_; }
  std::string_view rest() const { return chunk_.content.substr(position_); }
  size_t offset() const { return chunk_.content_offset() + position_; }  // in the file

 private:
  VoxChunk chunk_;
  size_t position_ = 0;
};

// The value of the first pair of that key, or "".
std::string_view FindAttribute(const Attributes& attributes, std::string_view key);
// Replaces the first pair of that key, or appends one.
void SetAttribute(Attributes& attributes, std::string_view key, std::string_view value);
// Removes all pairs of that key.
void RemoveAttribute(Attributes& attributes, std::string_view key);

}  // namespace voxel
