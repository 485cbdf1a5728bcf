// Files that a request may name: only regular files under the configured roots, with no way out by
// ".." or links.
//
// Threading: any thread. These calls block on the disk, so only worker methods use them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace voxeld {

// Reads a whole file. A relative path is under the first root, an absolute one must lie under some
// root. PATH_REFUSED (no roots, outside, a link on the way, no such file, not a regular file),
// LIMIT_BYTES.
absl::StatusOr<std::string> ReadRootedFile(const std::vector<std::string>& roots,
                                           const std::string& path, int64_t max_bytes);

// Writes a file through a temporary one and a rename, so that readers never see half of it.
// PATH_REFUSED, FILE_EXISTS unless `overwrite`; INTERNAL if the disk fails.
absl::Status WriteRootedFile(const std::vector<std::string>& roots, const std::string& path,
                             std::string_view bytes, bool overwrite);

}  // namespace voxeld
