// The top-level pieces of one JSON array or object, as views into its text. What stands inside a
// piece is not looked at: whoever reads a piece validates it.
//
// Threading: plain functions.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace voxeld {

// [1, {"a": 2}] -> `1`, `{"a": 2}`. MALFORMED_MESSAGE if `json` is no array.
absl::Status SplitJsonArray(std::string_view json, std::vector<std::string_view>* pieces);

// {"a": 1} -> (`a`, `1`). Keys lose their quotes but keep their escapes. MALFORMED_MESSAGE if
// `json` is no object.
using JsonMember = std::pair<std::string_view, std::string_view>;
absl::Status SplitJsonObject(std::string_view json, std::vector<JsonMember>* members);

}  // namespace voxeld
