// selection.*: named sets of voxels.
#include <algorithm>
#include <utility>

#include "daemon/convert/ids.h"
#include "daemon/convert/selectors.h"
#include "daemon/service/methods.h"
#include "daemon/service/mutation.h"
#include "daemon/service/reading.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/ops/select.h"

namespace voxeld {
namespace {

using voxel::Document;
using voxel::Error;
using voxel::MakeRef;
using voxel::Reason;
using voxel::RefPtr;

using DocumentOr = absl::StatusOr<RefPtr<const Document>>;

constexpr std::string_view kTokenPrefix = "selection:";

absl::Status CheckRoom(const Services& services, const Document& document, const std::string& id) {
  const auto most = static_cast<size_t>(services.limits.max_selections);
  if (document.selections.size() < most || document.FindSelection(id) != nullptr) {
    return absl::OkStatus();
  }
  return Error(Reason::LIMIT_SELECTIONS,
               voxel::StrCat("the project has ", document.selections.size(),
                             " selections, as many as are allowed"),
               "selection");
}

// The document with the selection that the request asks for.
DocumentOr WithSelection(const Document& before, const v1::SetSelectionRequest& request,
                         const voxel::TaskContext& task) {
  VOXEL_ASSIGN_OR_RETURN(const voxel::Selector selector,
                         ToSelector(request.select(), before.palette.get(), "select"));
  absl::StatusOr<voxel::VoxelSet> voxels = voxel::Select(selector, before, task);
  if (!voxels.ok()) return voxel::InField("select", voxels.status());
  RefPtr<Document> after = MakeRef<Document>(before);
  after->PutSelection(RefPtr<const voxel::Selection>(
      MakeRef<voxel::Selection>(request.selection(), *std::move(voxels))));
  return RefPtr<const Document>(std::move(after));
}

}  // namespace

absl::Status SelectionSet(Services& services, CallContext& context,
                          const v1::SetSelectionRequest& request, v1::SelectionResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                         FindProject(services, request.project()));
  VOXEL_RETURN_IF_ERROR(CheckId(request.selection(), "selection"));
  const auto change = [&](const Revision& applied) -> DocumentOr {
    VOXEL_RETURN_IF_ERROR(CheckRoom(services, *applied.document, request.selection()));
    return WithSelection(*applied.document, request, EditTask(services, context));
  };
  return Mutate(services, context, *project, request.write(), request, change, response,
                [&](const Outcome& outcome) {
                  const Document& document = *outcome.applied->document;
                  FromSelection(*document.FindSelection(request.selection()),
                                response->mutable_selection());
                  response->set_revision(outcome.revision);
                });
}

absl::Status SelectionGet(Services& services, CallContext&, const v1::GetSelectionRequest& request,
                          v1::SelectionResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const RevisionPtr revision,
                         ReadRevision(services, request.project(), request.revision()));
  VOXEL_ASSIGN_OR_RETURN(const voxel::Selection* selection,
                         FindSelection(*revision->document, request.selection(), "selection"));
  FromSelection(*selection, response->mutable_selection());
  response->set_revision(revision->info.revision);
  return absl::OkStatus();
}

absl::Status SelectionList(Services& services, CallContext&,
                           const v1::ListSelectionsRequest& request,
                           v1::ListSelectionsResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const RevisionPtr revision,
                         ReadRevision(services, request.project(), request.revision()));
  VOXEL_ASSIGN_OR_RETURN(const int32_t page_size, PageSize(request.page_size()));
  VOXEL_ASSIGN_OR_RETURN(const int64_t first, ReadPageToken(request.page_token(), kTokenPrefix));
  const auto& selections = revision->document->selections;
  const auto count = static_cast<int64_t>(selections.size());
  const int64_t end = std::min(count, std::min(first, count) + page_size);
  for (int64_t i = std::min(first, count); i < end; ++i) {
    FromSelection(*selections[static_cast<size_t>(i)], response->add_selections());
  }
  if (end < count) response->set_next_page_token(voxel::StrCat(kTokenPrefix, end));
  response->set_revision(revision->info.revision);
  return absl::OkStatus();
}

absl::Status SelectionDelete(Services& services, CallContext& context,
                             const v1::DeleteSelectionRequest& request,
                             v1::ChangeResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                         FindProject(services, request.project()));
  const auto change = [&](const Revision& applied) -> DocumentOr {
    VOXEL_RETURN_IF_ERROR(
        FindSelection(*applied.document, request.selection(), "selection").status());
    RefPtr<Document> after = MakeRef<Document>(*applied.document);
    after->RemoveSelection(request.selection());
    return RefPtr<const Document>(std::move(after));
  };
  return Mutate(
      services, context, *project, request.write(), request, change, response,
      [](const Outcome&) {}, Room::kNotNeeded);
}

}  // namespace voxeld
