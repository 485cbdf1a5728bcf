#include "daemon/store/revision.h"

#include <utility>

#include "daemon/store/reclaimer.h"
#include "voxel/base/recycler.h"

namespace voxeld {
namespace {

// Revisions with more than that are not kept for later ones.
constexpr size_t kKeptComment = 1024;
constexpr size_t kKeptLayers = 64;

// Lives for the process: revisions may end after main.
voxel::Recycler<Revision, voxel::kMostRecycled>& DeadRevisions() {
  static auto* const revisions = new voxel::Recycler<Revision, voxel::kMostRecycled>();
  return *revisions;
}

}  // namespace

Revision::~Revision() {
  if (reclaimer != nullptr && document) reclaimer->Drop(std::move(document));
}

voxel::RefPtr<Revision> Revision::New() {
  Revision* revision = DeadRevisions().Take();
  if (revision == nullptr) return voxel::MakeRef<Revision>();
  revision->Revive();
  return voxel::RefPtr<Revision>::Adopt(revision);
}

void Revision::Recycle(Revision* revision) {
  if (revision->reclaimer != nullptr && revision->document) {
    revision->reclaimer->Drop(std::move(revision->document));
  }
  revision->document = nullptr;
  revision->reclaimer = nullptr;
  const RevisionInfo& info = revision->info;
  const bool small =
      info.comment.capacity() <= kKeptComment && info.layers.capacity() <= kKeptLayers;
  if (!small || !DeadRevisions().Give(revision)) delete revision;
}

}  // namespace voxeld
