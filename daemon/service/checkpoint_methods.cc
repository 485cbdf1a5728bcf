// history.set_checkpoint, list_checkpoints, delete_checkpoint, rollback.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/strip.h"
#include "daemon/convert/ids.h"
#include "daemon/service/methods.h"
#include "daemon/service/mutation.h"
#include "daemon/service/reading.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;

constexpr std::string_view kCheckpointToken = "checkpoint:";

void FromCheckpoint(const Checkpoint& checkpoint, v1::Checkpoint* out) {
  out->set_checkpoint(checkpoint.name);
  out->set_revision(checkpoint.revision->info.revision);
  out->set_actor(checkpoint.actor);
  out->set_comment(checkpoint.comment);
  FromTime(checkpoint.time, out->mutable_time());
}

// Names are never relaxed, and the answer says so.
v1::Write Durably(const v1::Write& write) {
  v1::Write durable = write;
  if (write.durability() == v1::DURABILITY_RELAXED) durable.clear_durability();
  return durable;
}

absl::Status CheckRevision(int64_t revision, const char* zero) {
  if (revision >= 0) return absl::OkStatus();
  return Error(Reason::INVALID_FIELD,
               voxel::StrCat("revision is ", revision, "; it takes 0 (", zero, ") or more"),
               "revision");
}

// The name that a page begins after.
absl::StatusOr<std::string> AfterToken(std::string_view token) {
  absl::string_view name = voxel::ToAbsl(token);
  if (token.empty()) return std::string();
  if (absl::ConsumePrefix(&name, voxel::ToAbsl(kCheckpointToken)) &&
      CheckId(voxel::ToStd(name), "").ok()) {
    return std::string(name);
  }
  return Error(Reason::INVALID_PAGE_TOKEN, "page_token is not one that this list returned",
               "page_token");
}

absl::StatusOr<RollbackTarget> ToTarget(const v1::RollbackRequest& request) {
  VOXEL_RETURN_IF_ERROR(CheckRevision(request.revision(), "not given"));
  const bool by_name = !request.checkpoint().empty();
  if (by_name && request.revision() != 0) {
    return Error(Reason::INVALID_FIELD, "both a checkpoint and a revision are given; give one",
                 "revision");
  }
  if (!by_name && request.revision() == 0) {
    return Error(Reason::MISSING_FIELD, "where to: give a checkpoint, or a revision", "checkpoint");
  }
  if (by_name) VOXEL_RETURN_IF_ERROR(CheckId(request.checkpoint(), "checkpoint"));
  return RollbackTarget{request.checkpoint(), request.revision()};
}

}  // namespace

absl::Status HistorySetCheckpoint(Services& services, CallContext& context,
                                  const v1::SetCheckpointRequest& request,
                                  v1::CheckpointResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                         FindProject(services, request.project()));
  VOXEL_RETURN_IF_ERROR(CheckId(request.checkpoint(), "checkpoint"));
  VOXEL_RETURN_IF_ERROR(CheckRevision(request.revision(), "the latest"));
  return MutateBy<CheckpointOutcome>(
      services, context, *project, Durably(request.write()), request,
      [&](const WriteOptions& options, Project::MakeCheckpointAnswer make_answer) {
        return project->SetCheckpoint(request.checkpoint(), request.revision(), request.move(),
                                      options, make_answer);
      },
      response,
      [&](const CheckpointOutcome& outcome) {
        FromCheckpoint(outcome.checkpoint, response->mutable_checkpoint());
      });
}

absl::Status HistoryListCheckpoints(Services& services, CallContext&,
                                    const v1::ListCheckpointsRequest& request,
                                    v1::ListCheckpointsResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                         FindProject(services, request.project()));
  VOXEL_ASSIGN_OR_RETURN(const int32_t page_size, PageSize(request.page_size()));
  VOXEL_ASSIGN_OR_RETURN(const std::string after, AfterToken(request.page_token()));
  const CheckpointsPtr checkpoints = project->checkpoints();
  const std::map<int64_t, int64_t> bytes = checkpoints->HeldBytes(*project->oldest());
  for (auto next = checkpoints->all().upper_bound(after); next != checkpoints->all().end();
       ++next) {
    if (response->checkpoints_size() == page_size) {
      const std::string& last = response->checkpoints(page_size - 1).checkpoint();
      response->set_next_page_token(voxel::StrCat(kCheckpointToken, last));
      break;
    }
    v1::Checkpoint* out = response->add_checkpoints();
    FromCheckpoint(next->second, out);
    if (const auto held = bytes.find(out->revision()); held != bytes.end()) {
      out->set_bytes(held->second);
    }
  }
  return absl::OkStatus();
}

absl::Status HistoryDeleteCheckpoint(Services& services, CallContext& context,
                                     const v1::DeleteCheckpointRequest& request,
                                     v1::CheckpointResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                         FindProject(services, request.project()));
  VOXEL_RETURN_IF_ERROR(CheckId(request.checkpoint(), "checkpoint"));
  return MutateBy<CheckpointOutcome>(
      services, context, *project, Durably(request.write()), request,
      [&](const WriteOptions& options, Project::MakeCheckpointAnswer make_answer) {
        return project->DeleteCheckpoint(request.checkpoint(), options, make_answer);
      },
      response,
      [&](const CheckpointOutcome& outcome) {
        FromCheckpoint(outcome.checkpoint, response->mutable_checkpoint());
      });
}

absl::Status HistoryRollback(Services& services, CallContext& context,
                             const v1::RollbackRequest& request, v1::RollbackResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                         FindProject(services, request.project()));
  VOXEL_ASSIGN_OR_RETURN(const RollbackTarget target, ToTarget(request));
  return MutateBy<RollbackOutcome>(
      services, context, *project, request.write(), request,
      [&](const WriteOptions& options, Project::MakeRollbackAnswer make_answer) {
        return project->Rollback(target, options, make_answer);
      },
      response,
      [&](const RollbackOutcome& outcome) {
        response->set_to_revision(outcome.target->info.revision);
      });
}

}  // namespace voxeld
