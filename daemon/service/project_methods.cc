// project.*: projects as a whole.
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "daemon/convert/geometry.h"
#include "daemon/convert/ids.h"
#include "daemon/convert/labels.h"
#include "daemon/service/methods.h"
#include "daemon/service/mutation.h"
#include "daemon/service/new_project.h"
#include "daemon/service/reading.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Document;
using voxel::Error;
using voxel::MakeRef;
using voxel::Reason;
using voxel::RefPtr;

constexpr size_t kMaxTextBytes = 256;
constexpr std::string_view kProjectToken = "after:";

void Describe(const Project& project, const Revision& revision, v1::Project* out) {
  const ProjectIdentity& identity = project.identity();
  const Document& document = *revision.document;
  out->set_project(identity.id);
  out->set_title(document.title);
  out->set_revision(revision.info.revision);
  if (const voxel::Box bounds = document.Bounds(); !bounds.empty())
    FromBox(bounds, out->mutable_bounds());
  out->set_voxels(document.CountVoxels());
  out->set_layers(static_cast<int32_t>(document.layers.size()));
  FromTime(identity.created, out->mutable_created());
  FromTime(revision.info.time, out->mutable_updated());
  for (const auto& [key, value] : document.labels) (*out->mutable_labels())[key] = value;
  out->set_open(true);
  out->set_uid(identity.uid);
  out->set_forked_from(identity.forked_from.id);
  out->set_forked_revision(identity.forked_from.revision);
  out->set_ephemeral(identity.ephemeral);
}

absl::StatusOr<RefPtr<const Document>> Updated(const Document& before,
                                               const v1::UpdateProjectRequest& request) {
  auto after = MakeRef<Document>(before);
  if (request.has_title()) after->title = request.title();
  for (const auto& [key, value] : request.set_labels()) after->labels[key] = value;
  for (const std::string& key : request.remove_labels()) after->labels.erase(key);
  VOXEL_RETURN_IF_ERROR(CheckLabelCount(after->labels.size(), "set_labels"));
  return RefPtr<const Document>(std::move(after));
}

}  // namespace

absl::Status ProjectCreate(Services& services, CallContext& context,
                           const v1::CreateProjectRequest& request, v1::ProjectResponse* response) {
  VOXEL_RETURN_IF_ERROR(CheckText(request.title(), kMaxTextBytes, "title"));
  VOXEL_RETURN_IF_ERROR(CheckLabels(request.labels(), "labels"));
  VOXEL_RETURN_IF_ERROR(CheckLabelCount(request.labels().size(), "labels"));
  auto document = MakeRef<Document>(*BlankDocument());
  document->title = request.title();
  document->labels.insert(request.labels().begin(), request.labels().end());
  const ProjectSeed seed{
      .id = request.project(), .ephemeral = request.ephemeral(), .document = std::move(document)};
  return AddProject(services, context, seed, request.write(), request, response,
                    [&](const Project& project, const Revision& first) {
                      Describe(project, first, response->mutable_project());
                    });
}

absl::Status ProjectGet(Services& services, CallContext&, const v1::GetProjectRequest& request,
                        v1::ProjectResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                         FindProject(services, request.project()));
  VOXEL_ASSIGN_OR_RETURN(const RevisionPtr revision, RevisionOf(*project, request.revision()));
  Describe(*project, *revision, response->mutable_project());
  const ProjectIdentity& identity = project->identity();
  if (services.archive != nullptr && !identity.ephemeral) {
    response->mutable_project()->set_disk_bytes(services.archive->DiskBytes(identity.uid));
  }
  return absl::OkStatus();
}

absl::Status ProjectList(Services& services, CallContext&, const v1::ListProjectsRequest& request,
                         v1::ListProjectsResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const int32_t page_size, PageSize(request.page_size()));
  absl::string_view after = request.page_token();
  if (!after.empty() && !(absl::ConsumePrefix(&after, voxel::ToAbsl(kProjectToken)) &&
                          CheckId(voxel::ToStd(after), "").ok())) {
    return Error(Reason::INVALID_PAGE_TOKEN, "page_token is not one that project.list returned",
                 "page_token");
  }
  const std::vector<ProjectEntry> entries =
      services.registry->List(voxel::ToStd(after), request.prefix(), page_size + 1);
  for (const ProjectEntry& entry : entries) {
    if (response->projects_size() == page_size) {
      const std::string& last = response->projects(page_size - 1).project();
      response->set_next_page_token(voxel::StrCat(kProjectToken, last));
      break;
    }
    v1::Project* out = response->add_projects();
    out->set_project(entry.id);
    out->set_uid(entry.uid);
    if (!entry.open) continue;
    if (const auto project = services.registry->FindOpen(entry.id); project != nullptr) {
      Describe(*project, *project->head(), out);
    }
  }
  return absl::OkStatus();
}

absl::Status ProjectUpdate(Services& services, CallContext& context,
                           const v1::UpdateProjectRequest& request, v1::ProjectResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                         FindProject(services, request.project()));
  VOXEL_RETURN_IF_ERROR(CheckText(request.title(), kMaxTextBytes, "title"));
  VOXEL_RETURN_IF_ERROR(CheckLabels(request.set_labels(), "set_labels"));
  return Mutate(
      services, context, *project, request.write(), request,
      [&](const Revision& applied) -> absl::StatusOr<RefPtr<const Document>> {
        VOXEL_ASSIGN_OR_RETURN(RefPtr<const Document> after, Updated(*applied.document, request));
        const bool same =
            after->title == applied.document->title && after->labels == applied.document->labels;
        return same ? applied.document : after;
      },
      response,
      [&](const Outcome& outcome) {
        Describe(*project, *outcome.applied, response->mutable_project());
      });
}

absl::Status ProjectDelete(Services& services, CallContext& context,
                           const v1::DeleteProjectRequest& request, v1::DeleteProjectResponse*) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                         FindProject(services, request.project()));
  VOXEL_ASSIGN_OR_RETURN(const WriteOptions* const options,
                         ToWriteOptions(context, request.write(), request));
  // The guards, and whether the request id is another request's, are checked by a mutation that
  // changes nothing; its ticket waits for what they looked at.
  const Outcome outcome = project->Mutate(
      *options,
      [](const Revision& applied) -> absl::StatusOr<RefPtr<const Document>> {
        return applied.document;
      },
      [](const Outcome&, std::string*) {});
  context.ticket = outcome.ticket;
  VOXEL_RETURN_IF_ERROR(outcome.status);
  if (options->validate_only) return absl::OkStatus();
  return services.registry->Remove(request.project(), context.ticket);
}

absl::Status ProjectClone(Services& services, CallContext& context,
                          const v1::CloneProjectRequest& request, v1::ProjectResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> original,
                         FindProject(services, request.project()));
  VOXEL_ASSIGN_OR_RETURN(const RevisionPtr source, RevisionOf(*original, request.revision()));
  VOXEL_RETURN_IF_ERROR(CheckId(request.target(), "target"));
  const ProjectSeed seed{.id = request.target(),
                         .forked_from = {.id = request.project(),
                                         .uid = original->identity().uid,
                                         .revision = source->info.revision},
                         .document = source->document};
  return AddProject(services, context, seed, request.write(), request, response,
                    [&](const Project& project, const Revision& first) {
                      Describe(project, first, response->mutable_project());
                    });
}

}  // namespace voxeld
