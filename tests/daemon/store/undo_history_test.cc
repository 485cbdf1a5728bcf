#include "daemon/store/undo_history.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace voxeld {
namespace {

using Kind = HistoryChange::Kind;

HistoryChange Step(const std::string& actor, int64_t before, int64_t after,
                   UndoStep::Kind kind = UndoStep::Kind::kEdit, uint32_t count = 0) {
  HistoryChange change;
  change.kind = Kind::kStep;
  change.step = {.kind = kind, .count = count, .actor = actor, .before = before, .after = after};
  return change;
}
HistoryChange Undo(uint32_t count) {
  return {.kind = Kind::kProjectUndo, .step = {}, .count = count};
}
HistoryChange Redo(uint32_t count) {
  return {.kind = Kind::kProjectRedo, .step = {}, .count = count};
}

std::vector<int64_t> Made(const std::vector<UndoStep>& steps) {
  std::vector<int64_t> made;
  for (const UndoStep& step : steps) made.push_back(step.after);
  return made;
}
using Numbers = std::vector<int64_t>;

// Three steps: ann 1 -> 2, bob 2 -> 3, ann 3 -> 4.
UndoHistory AnnBobAnn() {
  UndoHistory history;
  history.Apply(Step("ann", 1, 2));
  history.Apply(Step("bob", 2, 3));
  history.Apply(Step("ann", 3, 4));
  return history;
}

TEST(UndoHistoryTest, ProjectGoesBackAndForth) {
  UndoHistory history = AnnBobAnn();
  EXPECT_EQ(history.undo_left(), 3u);
  EXPECT_EQ(history.UndoTarget(1), 3);
  EXPECT_EQ(history.UndoTarget(3), 1);
  history.Apply(Undo(2));
  EXPECT_EQ(history.undo_left(), 1u);
  EXPECT_EQ(history.redo_left(), 2u);
  EXPECT_EQ(history.UndoTarget(1), 1);
  EXPECT_EQ(history.RedoTarget(1), 3);
  EXPECT_EQ(history.RedoTarget(2), 4);
  history.Apply(Redo(1));
  EXPECT_EQ(history.UndoTarget(1), 2);
  EXPECT_EQ(history.RedoTarget(1), 4);
}

TEST(UndoHistoryTest, AnyOtherStepEndsRedo) {
  UndoHistory history = AnnBobAnn();
  history.Apply(Undo(1));
  history.Apply(Step("bob", 5, 6));
  EXPECT_EQ(history.redo_left(), 0u);
  EXPECT_EQ(history.undo_left(), 3u);
  EXPECT_EQ(history.UndoTarget(1), 5);
}

TEST(UndoHistoryTest, ActorSeesOnlyTheirOwnSteps) {
  const UndoHistory history = AnnBobAnn();
  EXPECT_EQ(Made(history.StepsOf("ann").undo), (Numbers{2, 4}));
  EXPECT_EQ(Made(history.StepsOf("bob").undo), (Numbers{3}));
  EXPECT_TRUE(history.StepsOf("eve").undo.empty());
}

TEST(UndoHistoryTest, ActorUndoIsAStepOfTheProjectThatMovesTheActorsOwn) {
  UndoHistory history = AnnBobAnn();
  history.Apply(Step("ann", 4, 5, UndoStep::Kind::kActorUndo, 1));
  EXPECT_EQ(Made(history.StepsOf("ann").undo), (Numbers{2}));
  EXPECT_EQ(Made(history.StepsOf("ann").redo), (Numbers{4}));
  EXPECT_EQ(Made(history.StepsOf("bob").undo), (Numbers{3}));
  EXPECT_EQ(history.undo_left(), 4u);
  history.Apply(Undo(1));  // the project takes the undo back: ann's step stands again
  EXPECT_EQ(Made(history.StepsOf("ann").undo), (Numbers{2, 4}));
  EXPECT_TRUE(history.StepsOf("ann").redo.empty());
}

TEST(UndoHistoryTest, ActorRedoBringsBackTheLastUndoneAndNewEditsEndIt) {
  UndoHistory history = AnnBobAnn();
  history.Apply(Step("ann", 4, 5, UndoStep::Kind::kActorUndo, 2));
  EXPECT_EQ(Made(history.StepsOf("ann").redo), (Numbers{4, 2}));  // the next one last
  history.Apply(Step("ann", 5, 6, UndoStep::Kind::kActorRedo, 1));
  EXPECT_EQ(Made(history.StepsOf("ann").undo), (Numbers{2}));
  EXPECT_EQ(Made(history.StepsOf("ann").redo), (Numbers{4}));
  history.Apply(Step("bob", 6, 7));
  EXPECT_EQ(Made(history.StepsOf("ann").redo), (Numbers{4}));  // others do not matter
  history.Apply(Step("ann", 7, 8));
  EXPECT_TRUE(history.StepsOf("ann").redo.empty());
}

TEST(UndoHistoryTest, EmptyStepsAreSkippedByTheProject) {
  UndoHistory history = AnnBobAnn();
  history.Apply(Step("ann", 4, 4, UndoStep::Kind::kActorUndo, 1));  // met only conflicts
  EXPECT_EQ(history.undo_left(), 3u);
  EXPECT_EQ(history.UndoTarget(1), 3);
  history.Apply(Undo(1));
  EXPECT_EQ(history.UndoTarget(1), 2);
  EXPECT_EQ(history.RedoTarget(1), 4);
  history.Apply(Redo(1));
  EXPECT_EQ(history.undo_left(), 3u);
}

TEST(UndoHistoryTest, StepsEndWithTheRevisionsTheyNeed) {
  UndoHistory history = AnnBobAnn();
  history.DropBelow(2);
  EXPECT_EQ(history.undo_left(), 2u);
  EXPECT_EQ(Made(history.StepsOf("ann").undo), (Numbers{4}));
  history.Apply(Undo(2));
  EXPECT_EQ(history.redo_left(), 2u);
  history.DropBelow(4);  // the next to redo made revision 3
  EXPECT_EQ(history.redo_left(), 0u);
}

// A dropped step must not let a later one slip into its place.
TEST(UndoHistoryTest, RedoOfADroppedStepDoesNotReachForAnother) {
  UndoHistory history;
  history.Apply(Step("ann", 1, 2));
  history.Apply(Step("ann", 2, 3));
  history.Apply(Step("ann", 3, 4, UndoStep::Kind::kActorUndo, 2));
  history.DropBelow(2);  // the first step is lost, the second is not the next to redo
  EXPECT_TRUE(history.StepsOf("ann").undo.empty());
  EXPECT_TRUE(history.StepsOf("ann").redo.empty());
}

TEST(UndoHistoryTest, CopyThatLagsBehindForgetsInsteadOfGuessing) {
  UndoHistory history = AnnBobAnn();
  history.DropBelow(4);
  history.Apply(Undo(3));  // decided before the drop
  EXPECT_EQ(history.undo_left(), 0u);
  EXPECT_EQ(history.redo_left(), 0u);
}

}  // namespace
}  // namespace voxeld
