// What every read shares: a project and a revision of it, and the voxels of a layer or of the
// composite.
#pragma once

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/service/call_context.h"
#include "daemon/service/services.h"
#include "google/protobuf/timestamp.pb.h"
#include "voxel/grid/document.h"

namespace voxeld {

// INVALID_ID, PROJECT_NOT_FOUND.
absl::StatusOr<std::shared_ptr<Project>> FindProject(Services& services, std::string_view id,
                                                     std::string_view field = "project");

// The same of a call's own project, which the dispatcher may have found already.
absl::StatusOr<std::shared_ptr<Project>> FindProject(Services& services, const CallContext& context,
                                                     std::string_view id);

// A retained revision of a project; 0 is the latest. REVISION_UNKNOWN, REVISION_DROPPED,
// INVALID_FIELD below 0.
absl::StatusOr<RevisionPtr> RevisionOf(const Project& project, int64_t revision,
                                       std::string_view field = "revision");

// Both at once.
absl::StatusOr<RevisionPtr> ReadRevision(Services& services, std::string_view project,
                                         int64_t revision);
absl::StatusOr<RevisionPtr> ReadRevision(Services& services, const CallContext& context,
                                         std::string_view project, int64_t revision);

// The layer's index. INVALID_ID, LAYER_NOT_FOUND.
absl::StatusOr<int> FindLayer(const voxel::Document& document, std::string_view layer,
                              std::string_view field);

// INVALID_ID, SELECTION_NOT_FOUND.
absl::StatusOr<const voxel::Selection*> FindSelection(const voxel::Document& document,
                                                      std::string_view selection,
                                                      std::string_view field);

// The voxels of a layer in world space; of the visible composite if `layer` is empty. INVALID_ID,
// LAYER_NOT_FOUND.
absl::StatusOr<voxel::Volume> ReadVolume(const voxel::Document& document, std::string_view layer,
                                         const voxel::TaskContext& task);

// What a read that names a selection sees: outside of it there is air. All of it if `selection` is
// empty. `field` is the selection's path. INVALID_ID, SELECTION_NOT_FOUND, LIMIT_MEMORY.
absl::StatusOr<voxel::Volume> OnlySelected(voxel::Volume volume, const voxel::Document& document,
                                           std::string_view selection, std::string_view field,
                                           const voxel::TaskContext& task);
absl::StatusOr<voxel::RefPtr<const voxel::Document>> OnlySelected(
    voxel::RefPtr<const voxel::Document> document, std::string_view selection,
    std::string_view field, const voxel::TaskContext& task);

// A page size: 0 gives `fallback`; INVALID_FIELD below 0, and above 1000 counts as 1000.
absl::StatusOr<int32_t> PageSize(int32_t page_size, int32_t fallback = 100);

// The number in a page token made as `prefix` + number; 0 if the token is empty.
// INVALID_PAGE_TOKEN.
absl::StatusOr<int64_t> ReadPageToken(std::string_view token, std::string_view prefix);

void FromTime(absl::Time time, google::protobuf::Timestamp* out);

}  // namespace voxeld
