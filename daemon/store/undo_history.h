// Which steps can be undone and redone, by the project and by each actor. Numbers only: the
// documents stay with the revisions, and steps whose documents are no longer kept are dropped with
// them.
//
// Model:  `done` is the line of steps that led to the current content, `undone` what the project
//         took back from its end. An actor's own undo is a step like any other (of a kind of its
//         own), so that the project can take it back, too. What an actor can undo or redo follows
//         from replaying that actor's steps of `done`.
// Threading: a value; none of its own.
// Cost:   a step: O(1). Asking for an actor's steps: the length of `done`.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/memory/ring.h"

namespace voxeld {

struct UndoStep {
  enum class Kind : uint8_t { kEdit, kActorUndo, kActorRedo };

  Kind kind = Kind::kEdit;
  uint32_t count = 0;  // kActorUndo, kActorRedo: how many of the actor's steps
  std::string actor;
  int64_t before = 0;  // the revision it started from
  int64_t after = 0;   // the revision it made; the same as `before` if it only met conflicts

  bool empty() const { return before == after; }
};

// One change of the history itself, recorded with the revision that caused it.
struct HistoryChange {
  enum class Kind : uint8_t { kNone, kStep, kProjectUndo, kProjectRedo };

  Kind kind = Kind::kNone;
  UndoStep step;       // kStep
  uint32_t count = 0;  // kProjectUndo, kProjectRedo: non-empty steps
};

class UndoHistory {
 public:
  void Apply(const HistoryChange& change);
  // Forgets the steps that need a revision below `oldest`.
  void DropBelow(int64_t oldest);

  // All of it, for a store to keep: oldest done step first, the next to redo last.
  const Ring<UndoStep>& done() const { return done_; }
  const std::vector<UndoStep>& undone() const { return undone_; }
  static UndoHistory Restored(std::deque<UndoStep> done, std::vector<UndoStep> undone);

  // How many non-empty steps the project can undo and redo.
  uint32_t undo_left() const { return done_steps_; }
  uint32_t redo_left() const { return undone_steps_; }
  // The revision whose content is the one `count` steps back or forth. REQUIRES: 1 <= count <= what
  // is left.
  int64_t UndoTarget(uint32_t count) const;
  int64_t RedoTarget(uint32_t count) const;

  // What one actor can undo and redo, the next one last.
  struct ActorSteps {
    std::vector<UndoStep> undo;
    std::vector<UndoStep> redo;
  };
  ActorSteps StepsOf(std::string_view actor) const;

 private:
  void Step(const UndoStep& step);
  void ProjectUndo(uint32_t count);
  void ProjectRedo(uint32_t count);
  void Clear();

  Ring<UndoStep> done_;           // oldest first
  std::vector<UndoStep> undone_;  // the next to redo last
  uint32_t done_steps_ = 0;       // non-empty ones
  uint32_t undone_steps_ = 0;
};

}  // namespace voxeld
