// A watch as a server stream: revisions of a project, filtered by a box, with progress marks.
#pragma once

#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/service/method.h"
#include "daemon/service/services.h"
#include "voxel/grid/box.h"
#include "voxeld/v1/history.pb.h"

namespace voxeld {

struct WatchFilter {
  std::optional<voxel::Box> box;  // only revisions that change voxels here
  absl::Duration progress;        // a mark after so long without a message; 0: none
};

// Begins after revision `after`; 0: after the head. REVISION_UNKNOWN, REVISION_DROPPED,
// LIMIT_STREAMS.
absl::StatusOr<std::unique_ptr<ServerStream>> OpenWatch(Services& services, Project& project,
                                                        int64_t after, const WatchFilter& filter);

void FromRevision(const RevisionInfo& info, v1::Revision* out);

}  // namespace voxeld
