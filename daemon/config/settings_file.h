// Settings from a TOML file: a section for each of the table's, keys named as the flags.
//
//     [json]
//     max-batch = 100
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/config/setting.h"

namespace voxeld {

// The settings that a TOML file makes. `options` must outlive them.
//   NotFound         the file cannot be read
//   InvalidArgument  "FILE:LINE:COLUMN: ..." where it is no TOML, names an option that does not
//                    exist (and the nearest that does), or a value is of a wrong type
absl::StatusOr<std::vector<Setting>> ReadSettingsFile(const std::string& path,
                                                      const std::vector<Option>& options);

}  // namespace voxeld
