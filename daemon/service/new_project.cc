#include "daemon/service/new_project.h"

#include <memory>
#include <utility>

#include "daemon/convert/geometry.h"
#include "daemon/convert/ids.h"
#include "daemon/service/mutation.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {

voxel::RefPtr<const voxel::Document> BlankDocument() {
  auto layer = voxel::MakeRef<voxel::Layer>();
  layer->id = "main";
  auto document = voxel::MakeRef<voxel::Document>();
  document->layers.push_back(std::move(layer));
  return document;
}

absl::Status AddProject(Services& services, CallContext& context, const ProjectSeed& seed,
                        const v1::Write& write, const google::protobuf::Message& request,
                        v1::Change* change,
                        absl::FunctionRef<void(const Project&, const Revision& first)> fill) {
  VOXEL_RETURN_IF_ERROR(CheckId(seed.id, "project"));
  VOXEL_ASSIGN_OR_RETURN(const WriteOptions options, ToWriteOptions(context, write, request));
  if (options.validate_only) {
    if (!services.registry->Find(seed.id).ok()) return absl::OkStatus();
    return voxel::Error(voxel::Reason::PROJECT_EXISTS,
                        voxel::StrCat("project \"", seed.id, "\" exists"), "project");
  }
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                         services.registry->Add({.id = seed.id,
                                                 .forked_from = seed.forked_from,
                                                 .ephemeral = seed.ephemeral,
                                                 .actor = options.actor,
                                                 .comment = options.comment,
                                                 .document = seed.document},
                                                context.ticket));
  const RevisionPtr first = project->head();
  change->set_revision(first->info.revision);
  change->set_voxels_changed(first->info.voxels_changed);
  if (!first->info.bounds.empty()) FromBox(first->info.bounds, change->mutable_bounds());
  change->set_durable(services.store_is_durable && !seed.ephemeral && !options.relaxed);
  fill(*project, *first);
  return absl::OkStatus();
}

}  // namespace voxeld
