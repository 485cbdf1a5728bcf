// What one source says about options: the values as texts, and the place to name when one is wrong.
//
// Threading: plain values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/config/config.h"
#include "daemon/config/option.h"

namespace voxeld {

struct Setting {
  const Option* option = nullptr;
  std::vector<std::string> texts;  // one, or a list's
  std::string origin;              // "--max-batch", "VOXELD_MAX_BATCH", "voxeld.toml:3"
  std::string where;  // how errors begin: "--max-batch=", "voxeld.toml:3:13: json.max-batch = "
};

// An error about one of its values.
absl::Status Refuse(const Setting& setting, std::string_view text, std::string_view why);

// Those of variables; lists are separated by commas. Names that are no option's go to `strange`,
// unless they look like a mistyped one: that is an error.
absl::StatusOr<std::vector<Setting>> ReadVariables(const Environment& environment,
                                                   const std::vector<Option>& options,
                                                   std::vector<std::string>* strange);

}  // namespace voxeld
