// Applies edits to a document: the one way in which voxels change.
//
// Data flow:  edits -> each one's layer, brought into the layer's space -> VolumeEditor -> new
//             layers -> new document.
// Atomicity:  all edits or none; the given document is never touched.
// Threading:  pure; may use context.threads threads, with the same result for any number.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "voxel/base/task_context.h"
#include "voxel/grid/document.h"
#include "voxel/ops/edit.h"

namespace voxel {

// What one edit did, each on its own, before later edits. Covered are the voxels of its shape; of a
// replace those that match; of a clear without a box or with a mask those that are not air; of a
// move, mirror or turn both boxes; of a copy, a stack or a paste the target boxes, or only the
// copied voxels where copied air paints nothing; of a cut what a copy and a clear would cover; of a
// recentre the voxels that are not air, before or after; of a combine or a flatten those that one
// of both sides has.
struct EditCount {
  int64_t changed = 0;    // voxels whose value it changed, those erased by intersect modes included
  int64_t unchanged = 0;  // voxels it covered that had the value already
  // Voxels of its shape outside the clip box or the mask (saturates at INT64_MAX). Of a masked
  // edit that is not painted (a move, a copy, a combine): those that it would have changed, but for
  // the mask.
  int64_t clipped = 0;
};

struct ApplyResult {
  RefPtr<const Document> document;  // the same object as before if nothing changed
  std::vector<EditCount> counts;    // one per edit, same order
};

// Applies `edits` in order. The status's field path starts with "edits[i]".
//   LAYER_NOT_FOUND, LAYER_AMBIGUOUS, LAYER_LOCKED, LAYER_LINKED   the edit's layer, or the one
//                                              that it cuts to, cannot be written; or there is none
//                                              that it reads
//   SELECTION_NOT_FOUND   a mask names a selection that is not there
//   OUT_OF_WORLD       a coordinate, or a voxel of a shape or of a move's target, lies outside the
//                      world
//   INVALID_FIELD      sizes, counts or lists that make no sense (empty box, no points, colours
//                      that do not match)
//   INVALID_MASK, INVALID_COLOR   a mask or a pattern that CheckMask or CheckPattern refuses
//   LIMIT_VOXELS       an edit covers more than context.max_voxels; LIMIT_MEMORY  more than
//                      context.max_new_bytes
//   CALL_CANCELLED, DEADLINE_PASSED
absl::StatusOr<ApplyResult> ApplyEdits(RefPtr<const Document> document,
                                       absl::Span<const Edit> edits, const TaskContext& context);

// What ApplyEdits says of an edit's layer, with the field "layer". LAYER_NOT_FOUND,
// LAYER_AMBIGUOUS, LAYER_LOCKED, LAYER_LINKED.
absl::Status CheckWritable(const Document& document, const std::string& layer);

// Undoes one actor's change `before` -> `after` in `current`: each voxel that still holds what
// `after` has goes back to what `before` has; the others stay and are counted as conflicts. Layers
// that are gone count all their voxels. A selection goes back as a whole, uncounted, if it still is
// what `after` has.
struct RevertResult {
  RefPtr<const Document> document;
  int64_t reverted = 0;
  int64_t conflicts = 0;
};
absl::StatusOr<RevertResult> RevertChange(const Document& before, const Document& after,
                                          RefPtr<const Document> current,
                                          const TaskContext& context);

// The layers `ids` (at least one; order does not matter, they merge bottom to top by their modes
// and opacity, hidden ones too) become one layer `target` in place of the lowest, with its mode,
// title and group.
//   LAYER_NOT_FOUND, LAYER_EXISTS, LAYER_LOCKED
//   LAYER_LINKED    a layer that stays is linked to one that goes
//   INVALID_FIELD   no ids, or the same twice
//   OUT_OF_WORLD, LIMIT_MEMORY, CALL_CANCELLED, DEADLINE_PASSED
absl::StatusOr<RefPtr<const Document>> MergeLayers(const Document& document,
                                                   absl::Span<const std::string> ids,
                                                   const std::string& target,
                                                   const TaskContext& context);

// All visible layers become one layer `target`, as MergeLayers does it; hidden ones stay.
//   LAYER_NOT_FOUND   no layer is visible
//   LAYER_EXISTS, LAYER_LOCKED, LAYER_LINKED, OUT_OF_WORLD, LIMIT_MEMORY, CALL_CANCELLED,
//   DEADLINE_PASSED   as MergeLayers; all name "target"
absl::StatusOr<RefPtr<const Document>> FlattenLayers(const Document& document,
                                                     const std::string& target,
                                                     const TaskContext& context);

// The first voxel along a ray through the composite: Amanatides and Woo's traversal over the tree's
// empty cubes.
struct RayHit {
  bool hit = false;
  Coord position;
  Coord normal;  // of the face that was entered; zero if the origin is inside
  double distance = 0;
  Color color = kAir;
  std::string layer;  // the topmost visible layer with a voxel there
};
// REQUIRES: finite numbers, direction not zero (need not be normalized).
RayHit Raycast(const Document& document, const double origin[3], const double direction[3],
               double max_distance);

}  // namespace voxel
