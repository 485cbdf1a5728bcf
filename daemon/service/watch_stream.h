// A watch as a server stream: revisions of a project, filtered by a box, with their blocks if asked
// for, and with progress marks.
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

// A revision whose blocks are more than that comes without any of them.
inline constexpr size_t kMaxWatchBlockBytes = 1 << 20;

struct WatchFilter {
  std::optional<voxel::Box> box;  // only revisions that change voxels here
  absl::Duration progress;        // a mark after so long without a message; 0: none
  bool blocks = false;
};

// Begins after what the request says. INVALID_FIELD (both after_revision and a resume token, or a
// token that is none), REVISION_UNKNOWN, REVISION_DROPPED, LIMIT_STREAMS.
absl::StatusOr<std::unique_ptr<ServerStream>> OpenWatch(Services& services, CallContext& context,
                                                        std::shared_ptr<Project> project,
                                                        const v1::WatchRequest& request,
                                                        const WatchFilter& filter);

void FromRevision(const RevisionInfo& info, v1::Revision* out);

}  // namespace voxeld
