// Ids of projects and layers.
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace voxeld {

// OK if `id` matches [a-z0-9][a-z0-9_.-]{0,62}; else INVALID_ID, which names `field`, the value and
// the rule.
absl::Status CheckId(std::string_view id, std::string_view field);

// INVALID_FIELD if `text` is longer than `max_bytes`.
absl::Status CheckText(std::string_view text, size_t max_bytes, std::string_view field);

}  // namespace voxeld
