// palette.*: named colours and materials.
#include <utility>

#include "daemon/convert/palette.h"
#include "daemon/service/methods.h"
#include "daemon/service/mutation.h"
#include "daemon/service/reading.h"
#include "voxel/base/status_macros.h"

namespace voxeld {
namespace {

using voxel::Document;
using voxel::MakeRef;
using voxel::Palette;
using voxel::RefPtr;

void Describe(const Revision& revision, bool named_only, v1::PaletteResponse* response) {
  const RefPtr<const Palette>& palette = revision.document->palette;
  response->mutable_palette();
  if (palette) FromPalette(*palette, named_only, response->mutable_palette());
}

}  // namespace

absl::Status PaletteGet(Services& services, CallContext&, const v1::GetPaletteRequest& request,
                        v1::PaletteResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const RevisionPtr revision,
                         ReadRevision(services, request.project(), request.revision()));
  Describe(*revision, request.named(), response);
  response->set_revision(revision->info.revision);
  return absl::OkStatus();
}

absl::Status PaletteUpdate(Services& services, CallContext& context,
                           const v1::UpdatePaletteRequest& request, v1::PaletteResponse* response) {
  VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                         FindProject(services, request.project()));
  const auto change = [&](const Revision& applied) -> absl::StatusOr<RefPtr<const Document>> {
    const RefPtr<const Palette>& old = applied.document->palette;
    auto palette = old ? MakeRef<Palette>(*old) : MakeRef<Palette>();
    VOXEL_RETURN_IF_ERROR(UpdatePalette(request, palette.get()));
    if (*palette == (old ? *old : Palette())) return applied.document;
    auto after = MakeRef<Document>(*applied.document);
    after->palette = std::move(palette);
    return RefPtr<const Document>(std::move(after));
  };
  return Mutate(services, context, *project, request.write(), request, change, response,
                [&](const Outcome& outcome) {
                  Describe(*outcome.applied, /*named_only=*/false, response);
                  response->set_revision(outcome.revision);
                });
}

}  // namespace voxeld
