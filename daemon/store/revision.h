// One revision of a project: its number, its content, and who made it. Immutable.
#pragma once

#include <cstdint>
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
  int64_t voxels_changed = 0;     // net, over all layers
  voxel::Box bounds;              // of the changed voxels, in the world; empty if none
  std::vector<std::string> layers;  // ids of layers whose content or settings changed, added or removed
};

struct Revision : voxel::RefCounted<Revision> {
  RevisionInfo info;
  voxel::RefPtr<const voxel::Document> document;
};
using RevisionPtr = voxel::RefPtr<const Revision>;

}  // namespace voxeld
