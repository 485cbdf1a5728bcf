// Undo and redo of whole projects, against a naive model.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/daemon/store/project_fixture.h"
#include "tests/support/colors.h"

namespace voxeld {
namespace {

using voxel::kBlue;
using voxel::kRed;

TEST(UndoTest, UndoIsANewRevisionWithTheOldContent) {
  World world;
  const auto project = world.Create();
  Set(*project, kHere, kRed);
  Set(*project, kHere, kBlue);
  const UndoOutcome undo = UndoSteps(*project, 1, UndoScope::kProject, By("bob"));
  EXPECT_EQ(undo.done, 1u);
  EXPECT_EQ(undo.undo_left, 1u);
  EXPECT_EQ(undo.redo_left, 1u);
  EXPECT_EQ(undo.revision, 4);
  EXPECT_EQ(undo.voxels_changed, 1);
  EXPECT_EQ(At(*project->head(), kHere), kRed);
  EXPECT_EQ(project->head()->info.actor, "bob");
  const UndoOutcome redo = RedoSteps(*project, 1, UndoScope::kProject);
  EXPECT_EQ(redo.done, 1u);
  EXPECT_EQ(redo.redo_left, 0u);
  EXPECT_EQ(At(*project->head(), kHere), kBlue);
}

TEST(UndoTest, PaletteStageAndMergesGoBackAndForthWithTheVoxels) {
  World world;
  const auto project = world.Create();
  const Outcome made =
      Mutate(*project, {},
             [](const Revision& applied) -> absl::StatusOr<voxel::RefPtr<const voxel::Document>> {
               auto document = voxel::MakeRef<voxel::Document>(*applied.document);
               auto palette = voxel::MakeRef<voxel::Palette>();
               palette->materials["gold"].SetKind(voxel::MaterialKind::kMetal);
               document->palette = std::move(palette);
               auto stage = voxel::MakeRef<voxel::Stage>();
               stage->cameras.push_back({.name = "door"});
               document->stage = std::move(stage);
               document->merged["uid"] = 7;
               return voxel::RefPtr<const voxel::Document>(std::move(document));
             });
  ASSERT_EQ(made.revision, 2) << made.status;
  UndoSteps(*project, 1, UndoScope::kProject);
  EXPECT_FALSE(project->head()->document->palette);
  EXPECT_FALSE(project->head()->document->stage);
  EXPECT_TRUE(project->head()->document->merged.empty());
  RedoSteps(*project, 1, UndoScope::kProject);
  EXPECT_TRUE(project->head()->document->palette->materials.contains("gold"));
  EXPECT_NE(project->head()->document->stage->Find("door"), nullptr);
  EXPECT_EQ(project->head()->document->merged.at("uid"), 7);
}

TEST(UndoTest, NothingLeftIsNoErrorAndNoRevision) {
  World world;
  const auto project = world.Create();
  const UndoOutcome undo = UndoSteps(*project, 5, UndoScope::kProject);
  EXPECT_TRUE(undo.status.ok());
  EXPECT_EQ(undo.done, 0u);
  EXPECT_EQ(undo.revision, 1);
  EXPECT_EQ(RedoSteps(*project, 1, UndoScope::kActor, By("ann")).done, 0u);
}

TEST(UndoTest, ActorUndoKeepsWhatOthersDidSince) {
  World world;
  const auto project = world.Create();
  Mutate(*project, By("ann"), [](const Revision& applied) {
    auto first = SetVoxel(kHere, kRed)(applied);
    Revision between;
    between.document = *first;
    return SetVoxel(kThere, kRed)(between);
  });
  Set(*project, kThere, kBlue, By("bob"));
  const UndoOutcome undo = UndoSteps(*project, 1, UndoScope::kActor, By("ann"));
  EXPECT_EQ(undo.done, 1u);
  EXPECT_EQ(undo.conflicts, 1);
  EXPECT_EQ(undo.voxels_changed, 1);
  EXPECT_EQ(At(*project->head(), kHere), voxel::kAir);
  EXPECT_EQ(At(*project->head(), kThere), kBlue);
  EXPECT_EQ(undo.undo_left, 0u);
  EXPECT_EQ(undo.redo_left, 1u);
  EXPECT_EQ(RedoSteps(*project, 1, UndoScope::kActor, By("ann")).conflicts, 1);
  EXPECT_EQ(At(*project->head(), kHere), kRed);
}

TEST(UndoTest, StepThatMeetsOnlyConflictsIsDoneWithoutARevision) {
  World world;
  const auto project = world.Create();
  Set(*project, kThere, kRed, By("ann"));
  Set(*project, kHere, kRed, By("ann"));
  Set(*project, kHere, kBlue, By("bob"));
  const UndoOutcome first = UndoSteps(*project, 1, UndoScope::kActor, By("ann"));
  EXPECT_EQ(first.done, 1u);
  EXPECT_EQ(first.conflicts, 1);
  EXPECT_EQ(first.revision, 4);  // as before
  // The next one reaches the step below.
  EXPECT_EQ(UndoSteps(*project, 1, UndoScope::kActor, By("ann")).revision, 5);
  EXPECT_EQ(At(*project->head(), kThere), voxel::kAir);
}

TEST(UndoTest, FailedUndoCanBeDoneAgain) {
  HeldWorld world;
  const Outcome edit = Set(*world.project, kHere, kRed);
  world.store.SettleAll(absl::OkStatus());
  EXPECT_TRUE(Await(edit.ticket).ok());
  const UndoOutcome failed = UndoSteps(*world.project, 1, UndoScope::kProject);
  world.store.SettleAll(absl::UnavailableError("disk"));
  EXPECT_FALSE(Await(failed.ticket).ok());
  EXPECT_EQ(At(*world.project->head(), kHere), kRed);
  EXPECT_EQ(RedoSteps(*world.project, 1, UndoScope::kProject).done, 0u);
  EXPECT_EQ(UndoSteps(*world.project, 1, UndoScope::kProject).done, 1u);
  world.store.SettleAll(absl::OkStatus());
  EXPECT_EQ(At(*world.project->head(), kHere), voxel::kAir);
}

TEST(UndoTest, StepsWhoseRevisionsAreDroppedAreGone) {
  ProjectOptions options;
  options.retained_revisions = 3;
  World world(std::make_unique<MemoryCommitStore>(), options);
  const auto project = world.Create();
  for (uint32_t i = 1; i <= 6; ++i) Set(*project, kHere, voxel::Rgba(i, 0, 0));
  const UndoOutcome undo = UndoSteps(*project, 100, UndoScope::kProject);
  EXPECT_EQ(undo.done, 2u);  // 5 -> 6 and 6 -> 7
  EXPECT_EQ(undo.undo_left, 0u);
  EXPECT_EQ(At(*project->head(), kHere), voxel::Rgba(4, 0, 0));
}

// The model: the content after each step, as maps. Project scope needs no more than two stacks of
//            whole states; actor
// scope repeats the rule of the header with plain maps.
class Model {
 public:
  using Voxels = std::map<int, voxel::Color>;

  struct Step {
    std::string actor;
    Voxels before, after;
  };

  Voxels now;
  std::vector<Step> undo, redo;  // the project's
  bool Undo() { return Move(undo, redo, true); }
  bool Redo() { return Move(redo, undo, false); }
  void Edit(const std::string& actor, int x, voxel::Color color) {
    Step step{actor, now, now};
    if (color == voxel::kAir) {
      step.after.erase(x);
    } else {
      step.after[x] = color;
    }
    if (step.after == now) return;
    now = step.after;
    undo.push_back(step);
    redo.clear();
  }

 private:
  bool Move(std::vector<Step>& from, std::vector<Step>& to, bool back) {
    if (from.empty()) return false;
    now = back ? from.back().before : from.back().after;
    to.push_back(from.back());
    from.pop_back();
    return true;
  }
};

void ExpectSame(const Model& model, const Revision& revision, int width) {
  for (int x = 0; x < width; ++x) {
    const auto found = model.now.find(x);
    const voxel::Color wanted = found == model.now.end() ? voxel::kAir : found->second;
    ASSERT_EQ(At(revision, {x * 9, 0, 0}), wanted)
        << "x " << x << ", revision " << revision.info.revision;
  }
}

TEST(UndoTest, RandomStepsAgreeWithWholeStates) {
  constexpr int kWidth = 6;
  World world;
  const auto project = world.Create();
  Model model;
  std::mt19937 random(20240611);
  for (int i = 0; i < 1500; ++i) {
    const auto dice = random() % 10;
    if (dice < 5) {
      const int x = static_cast<int>(random() % kWidth);
      const auto color = random() % 3 == 0 ? voxel::kAir : voxel::Rgba(1 + random() % 2, 0, 0);
      model.Edit("ann", x, color);
      Set(*project, {x * 9, 0, 0}, color, By("ann"));
    } else {
      const auto count = static_cast<uint32_t>(1 + random() % 3);
      const bool undo = dice < 8;
      uint32_t done = 0;
      while (done < count && (undo ? model.Undo() : model.Redo())) ++done;
      const UndoOutcome outcome = undo ? UndoSteps(*project, count, UndoScope::kProject)
                                       : RedoSteps(*project, count, UndoScope::kProject);
      ASSERT_EQ(outcome.done, done);
      ASSERT_EQ(outcome.undo_left, model.undo.size());
      ASSERT_EQ(outcome.redo_left, model.redo.size());
    }
    ExpectSame(model, *project->head(), kWidth);
  }
}

// Actors who never touch each other's voxels each have an undo of their own that behaves like a
// project's.
TEST(UndoTest, ActorsWithPlacesOfTheirOwnHaveIndependentUndo) {
  constexpr int kWidth = 5;
  const std::vector<std::string> actors = {"ann", "bob", "eve"};
  World world;
  const auto project = world.Create();
  std::vector<Model> models(actors.size());
  std::mt19937 random(7);
  for (int i = 0; i < 1500; ++i) {
    const size_t who = random() % actors.size();
    Model& model = models[who];
    if (random() % 2 == 0) {
      const int x = static_cast<int>(random() % kWidth);
      const auto color = random() % 3 == 0 ? voxel::kAir : voxel::Rgba(1 + random() % 2, 0, 0);
      model.Edit(actors[who], x, color);
      Set(*project, {x * 9, static_cast<int>(who) * 40, 0}, color, By(actors[who]));
    } else {
      const auto count = static_cast<uint32_t>(1 + random() % 3);
      const bool undo = random() % 3 != 0;
      uint32_t done = 0;
      while (done < count && (undo ? model.Undo() : model.Redo())) ++done;
      const UndoOutcome outcome =
          undo ? UndoSteps(*project, count, UndoScope::kActor, By(actors[who]))
               : RedoSteps(*project, count, UndoScope::kActor, By(actors[who]));
      ASSERT_EQ(outcome.done, done);
      ASSERT_EQ(outcome.conflicts, 0);
      ASSERT_EQ(outcome.undo_left, model.undo.size());
      ASSERT_EQ(outcome.redo_left, model.redo.size());
    }
    for (int x = 0; x < kWidth; ++x) {
      const auto found = model.now.find(x);
      ASSERT_EQ(At(*project->head(), {x * 9, static_cast<int>(who) * 40, 0}),
                found == model.now.end() ? voxel::kAir : found->second);
    }
  }
}

}  // namespace
}  // namespace voxeld
