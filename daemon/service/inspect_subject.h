// What the methods of inspect.* read: the voxels of one revision, in a box.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/service/call_context.h"
#include "daemon/service/reading.h"
#include "daemon/service/services.h"
#include "voxel/grid/volume.h"
#include "voxeld/v1/common.pb.h"

namespace voxeld {

struct Subject {
  RevisionPtr revision;
  // Of the layer or the composite, in the world: what the selection holds, not cut to the box.
  voxel::Volume volume;
  voxel::Box box = voxel::kWorld;

  int64_t number() const { return revision->info.revision; }
  const voxel::Palette* palette() const { return revision->document->palette.get(); }
};

// INVALID_ID, INVALID_FIELD, MISSING_FIELD, OUT_OF_WORLD, PROJECT_NOT_FOUND, LAYER_NOT_FOUND,
// SELECTION_NOT_FOUND, REVISION_UNKNOWN, REVISION_DROPPED; LIMIT_MEMORY, CALL_CANCELLED,
// DEADLINE_PASSED. `box` may be null.
absl::StatusOr<Subject> FindSubject(Services& services, const CallContext& context,
                                    std::string_view project, std::string_view layer,
                                    int64_t revision, const v1::Box* box,
                                    std::string_view selection);

// What a request names, at `revision`.
template <typename Request>
absl::StatusOr<Subject> FindSubject(Services& services, const CallContext& context,
                                    const Request& request, int64_t revision) {
  return FindSubject(services, context, request.project(), request.layer(), revision,
                     request.has_box() ? &request.box() : nullptr, request.selection());
}
template <typename Request>
absl::StatusOr<Subject> FindSubject(Services& services, const CallContext& context,
                                    const Request& request) {
  return FindSubject(services, context, request, request.revision());
}

// How many findings of a kind a request gets, and how many it may ask for.
inline constexpr uint32_t kDefaultListed = 16;
inline constexpr uint32_t kMaxListed = 4096;
inline constexpr uint32_t kMaxTolerance = 255;  // of colours, channel by channel

// `asked`, or `fallback` for 0. INVALID_FIELD above `most`.
absl::StatusOr<uint32_t> Bounded(uint32_t asked, uint32_t fallback, uint32_t most,
                                 std::string_view field);

// A place in a list that is read page by page. Its token says the revision, so that all pages are
// of one.
struct ReadPage {
  int64_t revision = 0;  // 0: the latest
  int64_t first = 0;     // of the items

  std::string Token() const;
};
// The page that a request asks for. INVALID_PAGE_TOKEN for a text that is no token, or one of
// another revision than `revision` says.
absl::StatusOr<ReadPage> ToReadPage(std::string_view token, int64_t revision);

}  // namespace voxeld
