// Text from files as names: valid UTF-8 of bounded length, and ids for layers made of it.
#pragma once

#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"

namespace voxel {

inline constexpr size_t kMaxNameBytes = 256;  // of a layer's title or one group
inline constexpr size_t kMaxGroupPathBytes = 1024;
inline constexpr size_t kMaxLayerIdBytes = 63;

// `text` with every byte that is not part of valid UTF-8 replaced by U+FFFD, and every control
// character by a space.
std::string CleanUtf8(std::string_view text);
// The same, cut to kMaxNameBytes at a character's border.
std::string CleanName(std::string_view text);

// Ids of layers, given out so that none comes twice: the name in lower case with every run of other
// characters than [a-z0-9_.] as one '-', the ends trimmed; a number is appended until it is new.
class LayerIds {
 public:
  // `fallback` is for names that leave nothing; it must be an id itself.
  std::string Make(std::string_view name, std::string_view fallback);

 private:
  absl::flat_hash_map<std::string, int> taken_;  // id -> the number to try next behind it
};

}  // namespace voxel
