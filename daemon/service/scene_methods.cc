// scene.*: the cameras and the light that a project keeps.
#include <utility>

#include "daemon/convert/scene.h"
#include "daemon/service/methods.h"
#include "daemon/service/mutation.h"
#include "daemon/service/reading.h"
#include "voxel/base/status_macros.h"

namespace voxeld {
namespace {

using voxel::Document;
using voxel::MakeRef;
using voxel::RefPtr;
using voxel::Stage;

void Describe(const Revision& revision, v1::SceneResponse* response) {
  const RefPtr<const Stage>& stage = revision.document->stage;
  response->mutable_scene();
  if (stage) FromStage(*stage, response->mutable_scene());
}

}  // namespace

absl::Status SceneGet(Services& services, CallContext&, const v1::GetSceneRequest& request,
                      v1::SceneResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const RevisionPtr revision,
                         ReadRevision(services, request.project(), request.revision()));
  Describe(*revision, response);
  response->set_revision(revision->info.revision);
  return absl::OkStatus();
}

absl::Status SceneUpdate(Services& services, CallContext& context,
                         const v1::UpdateSceneRequest& request, v1::SceneResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                         FindProject(services, request.project()));
  const auto change = [&](const Revision& applied) -> absl::StatusOr<RefPtr<const Document>> {
    const RefPtr<const Stage>& old = applied.document->stage;
    auto stage = old ? MakeRef<Stage>(*old) : MakeRef<Stage>();
    VOXEL_RETURN_IF_ERROR(UpdateStage(request, applied.document->palette.get(), stage.get()));
    if (*stage == (old ? *old : Stage())) return applied.document;
    auto after = MakeRef<Document>(*applied.document);
    after->stage = stage->empty() ? RefPtr<const Stage>() : RefPtr<const Stage>(std::move(stage));
    return RefPtr<const Document>(std::move(after));
  };
  return Mutate(services, context, *project, request.write(), request, change, response,
                [&](const Outcome& outcome) {
                  Describe(*outcome.applied, response);
                  response->set_revision(outcome.revision);
                });
}

}  // namespace voxeld
