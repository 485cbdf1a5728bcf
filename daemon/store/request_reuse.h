// What a request id is refused with that was another request's.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "voxel/base/error.h"
#include "voxel/base/str_cat.h"

namespace voxeld {

// `revision` is what the other request made, or found.
inline absl::Status RequestIdReused(std::string_view id, int64_t revision) {
  return voxel::Error(
      voxel::Reason::REQUEST_ID_REUSED,
      voxel::StrCat("request id \"", id, "\" was used for another request, which made revision ",
                    revision, "; a new request needs a new id"),
      "write.request_id");
}

}  // namespace voxeld
