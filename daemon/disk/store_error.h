// What a failure of the disk means to whoever asked for something: one of the reasons of the store.
//
//     STORE_FULL       no space, or no quota; trying again later is right
//     STORE_FAILED     nobody knows what is on the disk now; trying again would only pretend
//     STORE_READ_ONLY  no right to write
//     STORE_DAMAGED    what was read cannot be what was written
//     COMMIT_FAILED    anything else, such as another program that holds the file
//
// Threading: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "voxel/base/error.h"

namespace voxeld {

// Of a system call that failed with `error`.
voxel::Reason ReasonOfSystemError(int error);

// Names the file, what happened, the system's words for `error` (0: there are none), and what is to
// be done; the first and the third are facts as well ("path", "system_error").
absl::Status StoreError(voxel::Reason reason, const std::string& path, std::string_view what,
                        int error = 0, voxel::SourcePlace place = voxel::SourcePlace::current());

// STORE_DAMAGED. A status that has a reason comes back as it is.
absl::Status Damaged(const std::string& path, const absl::Status& why);

}  // namespace voxeld
