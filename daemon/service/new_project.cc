#include "daemon/service/new_project.h"

#include <memory>
#include <optional>
#include <utility>

#include "daemon/convert/geometry.h"
#include "daemon/convert/ids.h"
#include "daemon/service/mutation.h"
#include "daemon/store/request_reuse.h"
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

namespace {

// The answer to whoever asks for a project that is there, or is being made: what the creation
// answered, if this is a retry of it.
absl::Status AnswerExisting(Services& services, CallContext& context, const std::string& id,
                            const v1::Write& write, const google::protobuf::Message& request,
                            const absl::Status& exists, google::protobuf::Message* response) {
  const WriteOptions& options = context.write;
  const std::optional<ProjectCreation> creation = services.registry->Creating(id);
  if (creation.has_value() && !options.request_id.empty() &&
      creation->request_id == options.request_id) {
    context.ticket = creation->ticket;
    if (options.request_hash == creation->request_hash) return Replay(creation->answer, response);
    return RequestIdReused(options.request_id, 1);
  }
  const auto project = services.registry->Find(id);
  if (write.request_id().empty() || !project.ok()) return exists;
  v1::Write id_only;  // a creation has no revision for guards to look at
  id_only.set_request_id(write.request_id());
  const auto no_change =
      [&](const Revision&) -> absl::StatusOr<voxel::RefPtr<const voxel::Document>> {
    return exists;
  };
  return Mutate(services, context, **project, id_only, request, no_change, response,
                [](const Outcome&) {});
}

}  // namespace

absl::Status AddProject(Services& services, CallContext& context, const ProjectSeed& seed,
                        const v1::Write& write, const google::protobuf::Message& request,
                        google::protobuf::Message* response,
                        absl::FunctionRef<void(const Project&, const Revision& first)> fill) {
  VOXEL_RETURN_IF_ERROR(CheckId(seed.id, "project"));
  VOXEL_ASSIGN_OR_RETURN(const WriteOptions* const given, ToWriteOptions(context, write, request));
  const WriteOptions& options = *given;
  v1::Change* change = MutableChange(response);
  if (options.validate_only) {
    if (!services.registry->Find(seed.id).ok()) return absl::OkStatus();
    return voxel::Error(voxel::Reason::PROJECT_EXISTS,
                        voxel::StrCat("project \"", seed.id, "\" exists"), "project");
  }
  if (absl::Status room = CheckRoom(services); !room.ok() &&
                                               !services.registry->Creating(seed.id).has_value() &&
                                               !services.registry->known(seed.id)) {
    return room;  // one that is there already answers a retry
  }
  const auto fill_all = [&](const Project& project) {
    const RevisionPtr first = project.head();
    change->set_revision(first->info.revision);
    change->set_voxels_changed(first->info.voxels_changed);
    if (!first->info.bounds.empty()) FromBox(first->info.bounds, change->mutable_bounds());
    change->set_durable(services.store_is_durable && !seed.ephemeral);
    fill(project, *first);
  };
  const auto added = services.registry->Add({.id = seed.id,
                                             .forked_from = seed.forked_from,
                                             .ephemeral = seed.ephemeral,
                                             .actor = options.actor,
                                             .comment = options.comment,
                                             .document = seed.document,
                                             .request_id = options.request_id,
                                             .request_hash = options.request_hash,
                                             .answer =
                                                 [&](const Project& project) {
                                                   fill_all(project);
                                                   return response->SerializeAsString();
                                                 }},
                                            context.ticket);
  if (absl::IsAlreadyExists(added.status())) {
    return AnswerExisting(services, context, seed.id, write, request, added.status(), response);
  }
  VOXEL_RETURN_IF_ERROR(added.status());
  if (options.request_id.empty()) fill_all(**added);
  return absl::OkStatus();
}

}  // namespace voxeld
