// Making projects: what create, clone and import share.
#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "daemon/service/call_context.h"
#include "daemon/service/services.h"
#include "google/protobuf/message.h"
#include "voxel/grid/document.h"
#include "voxeld/v1/common.pb.h"

namespace voxeld {

// One empty layer, "main".
voxel::RefPtr<const voxel::Document> BlankDocument();

struct ProjectSeed {
  std::string id;
  Fork forked_from = {};
  bool ephemeral = false;
  voxel::RefPtr<const voxel::Document> document;
};

// Adds a project whose revision 1 is the seed's document, fills the field `change` of `response`,
// and calls `fill`. With write.validate_only only checks, and `fill` is not called. A retry (by
// write.request_id) gets the first response back, with change.replayed set, while the project is
// there. INVALID_ID, PROJECT_EXISTS, LIMIT_PROJECTS, LIMIT_MEMORY, REQUEST_ID_REUSED, and what
// ToWriteOptions refuses.
absl::Status AddProject(Services& services, CallContext& context, const ProjectSeed& seed,
                        const v1::Write& write, const google::protobuf::Message& request,
                        google::protobuf::Message* response,
                        absl::FunctionRef<void(const Project&, const Revision& first)> fill);

}  // namespace voxeld
