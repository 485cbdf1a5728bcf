// What an undo or redo would do: pure functions from the history and the revisions to a new
// document.
//
// Threading: on the project's strand, without locks; the history is the caller's copy.
#pragma once

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "daemon/store/revision.h"
#include "daemon/store/undo_history.h"
#include "voxel/base/task_context.h"

namespace voxeld {

enum class UndoDirection : uint8_t { kUndo, kRedo };

struct UndoPlan {
  voxel::RefPtr<const voxel::Document> document;  // the applied one itself if nothing changes
  // To be recorded once the revision is made; a step's numbers and actor are the caller's to fill.
  HistoryChange history;
  uint32_t done = 0;
  uint32_t undo_left = 0;  // afterwards
  uint32_t redo_left = 0;
  int64_t conflicts = 0;
};

// The revision of that number, applied or published; null if it is no longer kept.
using FindRevision = absl::FunctionRef<RevisionPtr(int64_t revision)>;

// The content before the last `count` steps, or after the next `count` undone ones; fewer if there
// are not so many.
UndoPlan PlanForProject(UndoDirection direction, uint32_t count, const UndoHistory& history,
                        const Revision& applied, FindRevision find);

// Inverts (or applies again) the actor's last `count` steps, one after the other. CALL_CANCELLED,
// DEADLINE_PASSED, LIMIT_MEMORY.
absl::StatusOr<UndoPlan> PlanForActor(UndoDirection direction, uint32_t count,
                                      const UndoHistory::ActorSteps& steps, const Revision& applied,
                                      FindRevision find, const voxel::TaskContext& context);

}  // namespace voxeld
