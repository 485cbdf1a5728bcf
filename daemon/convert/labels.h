// Labels: the caller's own key-value pairs, of projects and of layers.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/map.h"

namespace voxeld {

using Labels = google::protobuf::Map<std::string, std::string>;

// INVALID_FIELD for an empty key, or a key or a value of over 256 bytes.
absl::Status CheckLabels(const Labels& labels, std::string_view field);

// INVALID_FIELD for over 64.
absl::Status CheckLabelCount(size_t count, std::string_view field);

}  // namespace voxeld
