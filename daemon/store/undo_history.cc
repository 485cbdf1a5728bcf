#include "daemon/store/undo_history.h"

#include <algorithm>
#include <utility>

#include "voxel/base/check.h"

namespace voxeld {
namespace {

using Steps = std::vector<UndoStep>;

bool Lost(const UndoStep& step) { return step.before == 0; }

// Moves the last `count` of `from` to `to`. Steps that were dropped with their revisions have left
// gaps at the bottom of `from`: a lost step stands in for each, so that those above keep their
// places.
void MoveSteps(uint32_t count, Steps& from, Steps& to) {
  for (uint32_t i = 0; i < count; ++i) {
    if (from.empty()) {
      to.emplace_back();
      continue;
    }
    to.push_back(std::move(from.back()));
    from.pop_back();
  }
}

// What lies under a lost step is out of reach.
void KeepAboveLost(Steps& steps) {
  const auto lost = std::find_if(steps.rbegin(), steps.rend(), Lost);
  steps.erase(steps.begin(), lost.base());
}

}  // namespace

void UndoHistory::Apply(const HistoryChange& change) {
  switch (change.kind) {
    case HistoryChange::Kind::kNone:
      return;
    case HistoryChange::Kind::kStep:
      return Step(change.step);
    case HistoryChange::Kind::kProjectUndo:
      return ProjectUndo(change.count);
    case HistoryChange::Kind::kProjectRedo:
      return ProjectRedo(change.count);
  }
}

void UndoHistory::Step(const UndoStep& step) {
  done_.Grow() = step;
  if (!step.empty()) ++done_steps_;
  undone_.clear();
  undone_steps_ = 0;
}

void UndoHistory::ProjectUndo(uint32_t count) {
  // A copy of the history that lags behind may have lost steps to DropBelow that were there when
  // this was decided.
  if (count > done_steps_) return Clear();
  done_steps_ -= count;
  undone_steps_ += count;
  while (count > 0) {
    if (!done_.back().empty()) --count;
    undone_.push_back(std::move(done_.back()));
    done_.pop_back();
  }
}

void UndoHistory::ProjectRedo(uint32_t count) {
  if (count > undone_steps_) return Clear();
  undone_steps_ -= count;
  done_steps_ += count;
  while (count > 0) {
    if (!undone_.back().empty()) --count;
    done_.push_back(std::move(undone_.back()));
    undone_.pop_back();
  }
}

UndoHistory UndoHistory::Restored(std::deque<UndoStep> done, std::vector<UndoStep> undone) {
  const auto steps = [](const auto& list) {
    return static_cast<uint32_t>(std::count_if(list.begin(), list.end(),
                                               [](const UndoStep& step) { return !step.empty(); }));
  };
  UndoHistory history;
  history.done_steps_ = steps(done);
  history.undone_steps_ = steps(undone);
  for (UndoStep& step : done) history.done_.push_back(std::move(step));
  history.undone_ = std::move(undone);
  return history;
}

void UndoHistory::Clear() { *this = UndoHistory(); }

void UndoHistory::DropBelow(int64_t oldest) {
  while (!done_.empty() && done_.front().before < oldest) {
    if (!done_.front().empty()) --done_steps_;
    done_.pop_front();
  }
  // Undone steps are redone oldest first: without the next one, the rest is out of reach.
  if (!undone_.empty() && undone_.back().after < oldest) {
    undone_.clear();
    undone_steps_ = 0;
  }
}

int64_t UndoHistory::UndoTarget(uint32_t count) const {
  VOXEL_CHECK(count >= 1 && count <= done_steps_);
  auto step = done_.end();
  while (count > 0) {
    if (!(--step)->empty()) --count;
  }
  return step->before;
}

int64_t UndoHistory::RedoTarget(uint32_t count) const {
  VOXEL_CHECK(count >= 1 && count <= undone_steps_);
  auto step = undone_.end();
  while (count > 0) {
    if (!(--step)->empty()) --count;
  }
  return step->after;
}

UndoHistory::ActorSteps UndoHistory::StepsOf(std::string_view actor) const {
  ActorSteps steps;
  for (const UndoStep& step : done_) {
    if (step.actor != actor) continue;
    switch (step.kind) {
      case UndoStep::Kind::kEdit:
        steps.undo.push_back(step);
        steps.redo.clear();
        break;
      case UndoStep::Kind::kActorUndo:
        MoveSteps(step.count, steps.undo, steps.redo);
        break;
      case UndoStep::Kind::kActorRedo:
        MoveSteps(step.count, steps.redo, steps.undo);
        break;
    }
  }
  KeepAboveLost(steps.undo);
  KeepAboveLost(steps.redo);
  return steps;
}

}  // namespace voxeld
