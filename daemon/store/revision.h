// One revision of a project: its number, its content, and who made it. Immutable.
//
// Ownership: keep the RevisionPtr, not its document alone: when the last one goes, the revision
//            hands its document to the reclaimer, so that no reader pays for freeing bricks that
//            nobody else holds.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "voxel/base/ref_ptr.h"
#include "voxel/grid/document.h"

namespace voxeld {

struct RevisionInfo {
  int64_t revision = 0;           // 1 is the first
  int64_t previous_revision = 0;  // revision - 1, unless numbers were skipped after a failed commit
  std::string actor;
  std::string comment;
  absl::Time time;
  int64_t voxels_changed = 0;  // net, over all layers
  voxel::Box bounds;           // of the changed voxels, in the world; empty if none
  std::vector<std::string>
      layers;  // ids of layers whose content or settings changed, added or removed
};

class Reclaimer;

struct Revision : voxel::RefCounted<Revision> {
  Revision() = default;
  ~Revision();
  // A revision to be filled; in the steady state without a heap call, as its strings and lists are
  // those of an older one, to be assigned to.
  static voxel::RefPtr<Revision> New();
  // The end of the last reference; called by RefCounted.
  static void Recycle(Revision* revision);

  RevisionInfo info;
  voxel::RefPtr<const voxel::Document> document;
  std::shared_ptr<Reclaimer> reclaimer;  // null: the document ends where the revision ends
};
using RevisionPtr = voxel::RefPtr<const Revision>;

}  // namespace voxeld
