// The settings in force as a file that --config takes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/config/option.h"

namespace voxeld {

// TOML: each option with what it does and accepts, its value, and where that comes from: `origins`
// by name ("max-batch" -> "VOXELD_MAX_BATCH"); those that it does not name are defaults.
std::string PrintConfig(const std::vector<Option>& options, const Config& config,
                        const std::map<std::string, std::string>& origins);

}  // namespace voxeld
