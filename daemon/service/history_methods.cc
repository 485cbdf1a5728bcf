// history.undo, redo, list_revisions, watch.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "daemon/convert/enums.h"
#include "daemon/convert/geometry.h"
#include "daemon/service/methods.h"
#include "daemon/service/mutation.h"
#include "daemon/service/reading.h"
#include "daemon/service/watch_stream.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;

constexpr uint32_t kMaxSteps = 1000;
constexpr std::string_view kRevisionToken = "revision:";

absl::StatusOr<UndoScope> ToScope(v1::UndoScope scope) {
  VOXEL_RETURN_IF_ERROR(CheckEnum(scope, "scope"));
  return scope == v1::UNDO_SCOPE_ACTOR ? UndoScope::kActor : UndoScope::kProject;
}

using Step = UndoOutcome (Project::*)(uint32_t, UndoScope, const WriteOptions&,
                                      const voxel::TaskContext&, Project::MakeUndoAnswer);

absl::Status UndoOrRedo(Services& services, CallContext& context, const v1::UndoRequest& request,
                        Step step, v1::UndoResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                         FindProject(services, request.project()));
  VOXEL_ASSIGN_OR_RETURN(const UndoScope scope, ToScope(request.scope()));
  if (request.count() > kMaxSteps) {
    return Error(Reason::INVALID_FIELD,
                 voxel::StrCat("count is ", request.count(), "; it takes 1 to ", kMaxSteps),
                 "count");
  }
  const uint32_t count = std::max<uint32_t>(request.count(), 1);
  const voxel::TaskContext task = EditTask(services, context);
  return MutateBy<UndoOutcome>(
      services, context, *project, request.write(), request,
      [&](const WriteOptions& options, Project::MakeUndoAnswer make_answer) {
        return ((*project).*step)(count, scope, options, task, make_answer);
      },
      response,
      [&](const UndoOutcome& outcome) {
        response->set_done(outcome.done);
        response->set_undo_left(outcome.undo_left);
        response->set_redo_left(outcome.redo_left);
        response->set_conflicts(outcome.conflicts);
      });
}

}  // namespace

absl::Status HistoryUndo(Services& services, CallContext& context, const v1::UndoRequest& request,
                         v1::UndoResponse* response) {
  return UndoOrRedo(services, context, request, &Project::Undo, response);
}

absl::Status HistoryRedo(Services& services, CallContext& context, const v1::UndoRequest& request,
                         v1::UndoResponse* response) {
  return UndoOrRedo(services, context, request, &Project::Redo, response);
}

absl::Status HistoryListRevisions(Services& services, CallContext&,
                                  const v1::ListRevisionsRequest& request,
                                  v1::ListRevisionsResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                         FindProject(services, request.project()));
  VOXEL_ASSIGN_OR_RETURN(const int32_t page_size, PageSize(request.page_size()));
  VOXEL_ASSIGN_OR_RETURN(const int64_t from, ReadPageToken(request.page_token(), kRevisionToken));
  const std::vector<RevisionPtr> revisions = project->Retained(from, page_size + 1);
  std::map<int64_t, std::vector<std::string>> names;
  for (const auto& [name, checkpoint] : project->checkpoints()->all()) {
    names[checkpoint.revision->info.revision].push_back(name);
  }
  for (const RevisionPtr& revision : revisions) {
    if (response->revisions_size() == page_size) {
      response->set_next_page_token(voxel::StrCat(kRevisionToken, revision->info.revision));
      break;
    }
    v1::Revision* out = response->add_revisions();
    FromRevision(revision->info, out);
    if (const auto named = names.find(revision->info.revision); named != names.end()) {
      out->mutable_checkpoints()->Assign(named->second.begin(), named->second.end());
    }
  }
  response->set_oldest_revision(project->oldest()->info.revision);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ServerStream>> HistoryWatch(Services& services, CallContext& context,
                                                           const v1::WatchRequest& request) {
  VOXEL_ASSIGN_OR_RETURN(std::shared_ptr<Project> project,
                         FindProject(services, request.project()));
  WatchFilter filter;
  if (request.has_box()) {
    VOXEL_ASSIGN_OR_RETURN(filter.box, ToBox(request.box(), "box"));
  }
  if (request.progress_ms() != 0 && request.progress_ms() < 100) {
    return Error(
        Reason::INVALID_FIELD,
        voxel::StrCat("progress_ms is ", request.progress_ms(), "; it takes 0 or at least 100"),
        "progress_ms");
  }
  filter.progress = absl::Milliseconds(request.progress_ms());
  filter.blocks = request.blocks();
  return OpenWatch(services, context, std::move(project), request, filter);
}

}  // namespace voxeld
