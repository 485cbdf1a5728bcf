// A MagicaVoxel palette as a document's: entry i is what voxel colour index i + 1 means, 256
// entries in file order. Entry 255 colours no voxel (its index would be 0, air) and is only kept.
//
// Format: docs/formats/vox.md, "Palette": RGBA or the default colours, MATL or the older MATT for
//         materials, NOTE for the names of rows of eight as the palette window shows them (IMAP).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "voxel/base/ref_ptr.h"
#include "voxel/formats/vox_chunk.h"
#include "voxel/grid/palette.h"

namespace voxel {

inline constexpr int kVoxColors = 255;  // that voxels can have
inline constexpr int kVoxPaletteEntries = 256;

// The colours of files without RGBA: a 6^3 cube without black, then ramps of red, green, blue and
// grey.
std::vector<PaletteEntry> DefaultVoxPalette();

// Whether ReadVoxPalette takes all of this chunk's content over (NOTE and IMAP are only looked at).
bool IsVoxPaletteChunk(std::string_view id);

// Builds the palette from all chunks of a file. FORMAT_CORRUPT.
absl::StatusOr<RefPtr<const Palette>> ReadVoxPalette(absl::Span<const VoxChunk> chunks);

// The names that the entries of a palette get from these chunks' NOTE and IMAP; 256 of them, ""
// where none.
absl::StatusOr<std::vector<std::string>> VoxColorNames(absl::Span<const VoxChunk> chunks);

// The content of a NOTE that gives the entries their names, as far as names of rows can: a row is
// called as its first named colour is, but for the number behind it. nullopt if these chunks' NOTE,
// or none, does as well.
std::optional<std::string> NewVoxNote(absl::Span<const VoxChunk> chunks,
                                      const std::vector<PaletteEntry>& entries);

// The colour of voxels with that entry: a voxel is never air, so alpha 0 counts as 255.
constexpr Color VoxVoxelColor(Color entry) { return Alpha(entry) == 0 ? entry | 255 : entry; }

}  // namespace voxel
