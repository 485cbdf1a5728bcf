#include "daemon/config/setting.h"

#include <algorithm>

#include "daemon/config/nearest_name.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr std::string_view kConfigVariable = "VOXELD_CONFIG";  // as --config

std::vector<std::string> SplitList(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin < text.size();) {
    const size_t comma = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return parts;
}

constexpr std::string_view kVariablePrefix = "VOXELD_";

// Without what all variables begin with: it would make any two short ones alike.
std::string_view WithoutPrefix(std::string_view name) {
  return name.substr(name.starts_with(kVariablePrefix) ? kVariablePrefix.size() : 0);
}

}  // namespace

absl::Status Refuse(const Setting& setting, std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(voxel::StrCat(setting.where, text, ": ", why));
}

// Not every VOXELD_ variable is meant for the daemon: its clients and tests have some, and
// Kubernetes makes VOXELD_SERVICE_HOST and such for a service of that name.
absl::StatusOr<std::vector<Setting>> ReadVariables(const Environment& environment,
                                                   const std::vector<Option>& options,
                                                   std::vector<std::string>* strange) {
  std::vector<std::string> names, bare;
  for (const Option& option : options) {
    names.push_back(option.variable());
    bare.emplace_back(WithoutPrefix(names.back()));
  }
  std::vector<Setting> settings;
  for (const auto& [name, value] : environment.variables) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) {
      const Option& option = options[static_cast<size_t>(found - names.begin())];
      const bool list = option.kind == OptionKind::kList;
      settings.push_back(
          {&option, list ? SplitList(value) : std::vector<std::string>{value}, name, name + "="});
    } else if (const std::string nearest = NearestName(WithoutPrefix(name), bare);
               !nearest.empty()) {
      return absl::InvalidArgumentError(voxel::StrCat(
          name, "=", value, ": no such option; did you mean ", kVariablePrefix, nearest, "?"));
    } else if (name != kConfigVariable) {
      strange->push_back(name);
    }
  }
  return settings;
}

}  // namespace voxeld
