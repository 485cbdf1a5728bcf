#include "daemon/store/undo_plan.h"

#include <algorithm>
#include <utility>

#include "voxel/base/status_macros.h"
#include "voxel/ops/apply.h"

namespace voxeld {

UndoPlan PlanForProject(UndoDirection direction, uint32_t count, const UndoHistory& history,
                        const Revision& applied, FindRevision find) {
  const bool undo = direction == UndoDirection::kUndo;
  UndoPlan plan;
  plan.document = applied.document;
  plan.undo_left = history.undo_left();
  plan.redo_left = history.redo_left();
  uint32_t steps = std::min(count, undo ? plan.undo_left : plan.redo_left);
  for (; steps > 0; --steps) {
    // A revision may have been dropped since the history was copied: then go less far.
    const int64_t target = undo ? history.UndoTarget(steps) : history.RedoTarget(steps);
    const RevisionPtr revision = find(target);
    if (!revision) continue;
    plan.document = revision->document;
    break;
  }
  if (steps == 0) return plan;
  plan.done = steps;
  plan.undo_left = undo ? plan.undo_left - steps : plan.undo_left + steps;
  plan.redo_left = undo ? plan.redo_left + steps : plan.redo_left - steps;
  plan.history.kind = undo ? HistoryChange::Kind::kProjectUndo : HistoryChange::Kind::kProjectRedo;
  plan.history.count = steps;
  return plan;
}

absl::StatusOr<UndoPlan> PlanForActor(UndoDirection direction, uint32_t count,
                                      const UndoHistory::ActorSteps& steps, const Revision& applied,
                                      FindRevision find, const voxel::TaskContext& context) {
  const bool undo = direction == UndoDirection::kUndo;
  const std::vector<UndoStep>& line = undo ? steps.undo : steps.redo;
  UndoPlan plan;
  plan.document = applied.document;
  for (auto step = line.rbegin(); step != line.rend() && plan.done < count; ++step) {
    const RevisionPtr before = find(step->before);
    const RevisionPtr after = find(step->after);
    if (!before || !after) break;
    const voxel::Document& from = undo ? *before->document : *after->document;
    const voxel::Document& to = undo ? *after->document : *before->document;
    VOXEL_ASSIGN_OR_RETURN(voxel::RevertResult reverted,
                           voxel::RevertChange(from, to, plan.document, context));
    plan.document = std::move(reverted.document);
    plan.conflicts += reverted.conflicts;
    ++plan.done;
  }
  const auto undo_steps = static_cast<uint32_t>(steps.undo.size());
  const auto redo_steps = static_cast<uint32_t>(steps.redo.size());
  plan.undo_left = undo ? undo_steps - plan.done : undo_steps + plan.done;
  plan.redo_left = undo ? redo_steps + plan.done : redo_steps - plan.done;
  if (plan.done == 0) return plan;
  plan.history.kind = HistoryChange::Kind::kStep;
  plan.history.step.kind = undo ? UndoStep::Kind::kActorUndo : UndoStep::Kind::kActorRedo;
  plan.history.step.count = plan.done;
  return plan;
}

}  // namespace voxeld
