// The parts of an error (error.h) as they lie in its status: for doors, which look at each of them
// and keep none.
//
// Threading: plain functions.
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace voxel {

// All empty for a status that Error did not make. They live as long as the status is left alone.
struct ErrorParts {
  std::string_view reason;  // "LAYER_NOT_FOUND"
  std::string_view place;   // "voxel/ops/shapes.cc:41"
  std::string_view field;   // "edits[3].box.min"
};
ErrorParts PartsOf(const absl::Status& status);

}  // namespace voxel
