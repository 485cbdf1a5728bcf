#include "daemon/store/checkpoints.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/daemon/store/project_fixture.h"
#include "tests/support/colors.h"

namespace voxeld {
namespace {

using voxel::kRed;

ProjectOptions FewRevisions() {
  ProjectOptions options;
  options.retained_revisions = 3;
  options.max_checkpoints = 3;
  return options;
}

CheckpointOutcome Mark(Project& project, const std::string& name, int64_t revision = 0,
                       bool move = false, const WriteOptions& options = {}) {
  return OnStrand(project, [&] {
    return project.SetCheckpoint(
        name, revision, move, options,
        [](const CheckpointOutcome&, std::string* answer) { *answer = "marked"; });
  });
}

CheckpointOutcome Unmark(Project& project, const std::string& name,
                         const WriteOptions& options = {}) {
  return OnStrand(project, [&] {
    return project.DeleteCheckpoint(
        name, options, [](const CheckpointOutcome&, std::string* answer) { *answer = "gone"; });
  });
}

RollbackOutcome BackTo(Project& project, const RollbackTarget& target,
                       const WriteOptions& options = {}) {
  return OnStrand(project, [&] {
    return project.Rollback(target, options,
                            [](const RollbackOutcome&, std::string* answer) { *answer = "back"; });
  });
}

void Paint(Project& project, uint32_t first, uint32_t last) {
  for (uint32_t i = first; i <= last; ++i) Set(project, kHere, voxel::Rgba(i, 0, 0));
}

// A project whose revision 2 has a name and lies far below the floor.
class CheckpointsTest : public testing::Test {
 protected:
  CheckpointsTest() : project(world.Create()) {
    Paint(*project, 1, 1);
    EXPECT_TRUE(Mark(*project, "first").status.ok());
    Paint(*project, 2, 20);
  }
  World world{std::make_unique<MemoryCommitStore>(), FewRevisions()};
  const std::shared_ptr<Project> project;
};

TEST_F(CheckpointsTest, NamedRevisionStaysReadableBelowTheFloor) {
  EXPECT_EQ(project->head()->info.revision, 21);
  EXPECT_EQ(project->oldest()->info.revision, 19);
  ASSERT_TRUE(project->At(2).ok());
  EXPECT_EQ(At(**project->At(2), kHere), voxel::Rgba(1, 0, 0));
  EXPECT_EQ(Reason(project->At(3).status()), "REVISION_DROPPED");
  EXPECT_EQ(Reason(project->At(1).status()), "REVISION_DROPPED");
}

TEST_F(CheckpointsTest, ListOfRevisionsEndsWithTheNamedOnes) {
  const auto numbers = [&](int64_t from, int32_t limit) {
    std::vector<int64_t> list;
    for (const RevisionPtr& r : project->Retained(from, limit)) list.push_back(r->info.revision);
    return list;
  };
  EXPECT_EQ(numbers(0, 100), (std::vector<int64_t>{21, 20, 19, 2}));
  EXPECT_EQ(numbers(0, 2), (std::vector<int64_t>{21, 20}));
  EXPECT_EQ(numbers(18, 100), (std::vector<int64_t>{2}));
  EXPECT_EQ(numbers(1, 100), (std::vector<int64_t>{}));
}

TEST_F(CheckpointsTest, DeletedNameLetsItsRevisionGo) {
  EXPECT_EQ(Unmark(*project, "first").checkpoint.revision->info.revision, 2);
  EXPECT_EQ(Reason(project->At(2).status()), "REVISION_DROPPED");
  EXPECT_EQ(Reason(Unmark(*project, "first").status), "CHECKPOINT_NOT_FOUND");
}

TEST_F(CheckpointsTest, NameMovesOnlyIfTold) {
  const absl::Status exists = Mark(*project, "first").status;
  EXPECT_EQ(Reason(exists), "CHECKPOINT_EXISTS");
  EXPECT_NE(exists.message().find("at revision 2"), absl::string_view::npos) << exists;
  EXPECT_TRUE(Mark(*project, "first", 20, true).status.ok());
  EXPECT_EQ(project->checkpoints()->Find("first")->revision->info.revision, 20);
  EXPECT_EQ(Reason(project->At(2).status()), "REVISION_DROPPED");
}

TEST_F(CheckpointsTest, NamedRevisionGetsFurtherNamesAndDroppedOnesNone) {
  EXPECT_TRUE(Mark(*project, "again", 2).status.ok());
  EXPECT_EQ(Reason(Mark(*project, "lost", 3).status), "REVISION_DROPPED");
  EXPECT_EQ(voxel::FieldOf(Mark(*project, "lost", 3).status), "revision");
  EXPECT_EQ(Reason(Mark(*project, "later", 22).status), "REVISION_UNKNOWN");
  Unmark(*project, "first");
  EXPECT_TRUE(project->At(2).ok());
}

TEST_F(CheckpointsTest, SoManyAndNoMore) {
  EXPECT_TRUE(Mark(*project, "b").status.ok());
  EXPECT_TRUE(Mark(*project, "c").status.ok());
  EXPECT_EQ(Reason(Mark(*project, "d").status), "LIMIT_CHECKPOINTS");
  EXPECT_TRUE(Mark(*project, "c", 2, true).status.ok());
}

TEST_F(CheckpointsTest, BytesAreThoseThatOnlyTheNameHolds) {
  const auto held = project->checkpoints()->HeldBytes(*project->oldest());
  ASSERT_EQ(held.size(), 1u);
  EXPECT_GT(held.at(2), 0);
  Mark(*project, "head");
  EXPECT_EQ(project->checkpoints()->HeldBytes(*project->oldest()).size(), 1u);
}

TEST_F(CheckpointsTest, NamesMakeNoRevisionAndUndoPassesThemBy) {
  EXPECT_EQ(Mark(*project, "second").revision, 21);
  EXPECT_EQ(project->head()->info.revision, 21);
  EXPECT_EQ(UndoSteps(*project, 1, UndoScope::kProject).done, 1u);
  EXPECT_EQ(At(*project->head(), kHere), voxel::Rgba(19, 0, 0));
}

TEST_F(CheckpointsTest, RollbackIsOneRevisionThatUndoTakesBack) {
  const RollbackOutcome back = BackTo(*project, {"first", 0}, By("ann"));
  ASSERT_TRUE(back.status.ok()) << back.status;
  EXPECT_EQ(back.revision, 22);
  EXPECT_EQ(back.target->info.revision, 2);
  EXPECT_EQ(back.voxels_changed, 1);
  EXPECT_EQ(project->head()->document->ContentHash(), (*project->At(2))->document->ContentHash());
  EXPECT_EQ(project->head()->info.actor, "ann");
  EXPECT_EQ(UndoSteps(*project, 1, UndoScope::kProject).done, 1u);
  EXPECT_EQ(At(*project->head(), kHere), voxel::Rgba(20, 0, 0));
  EXPECT_EQ(RedoSteps(*project, 1, UndoScope::kProject).done, 1u);
  EXPECT_EQ(At(*project->head(), kHere), voxel::Rgba(1, 0, 0));
}

TEST_F(CheckpointsTest, RollbackObeysGuardsAndNames) {
  EXPECT_EQ(Reason(BackTo(*project, {"nobody", 0}).status), "CHECKPOINT_NOT_FOUND");
  EXPECT_EQ(Reason(BackTo(*project, {"", 3}).status), "REVISION_DROPPED");
  EXPECT_EQ(Reason(BackTo(*project, {"", 99}).status), "REVISION_UNKNOWN");
  WriteOptions guarded;
  guarded.expected_revision = 20;
  EXPECT_EQ(Reason(BackTo(*project, {"first", 0}, guarded).status), "REVISION_MISMATCH");
  WriteOptions look;
  look.validate_only = true;
  EXPECT_EQ(BackTo(*project, {"first", 0}, look).voxels_changed, 1);
  EXPECT_EQ(project->head()->info.revision, 21);
  EXPECT_EQ(BackTo(*project, {"", 21}).revision, 21);  // the content that is there already
}

TEST_F(CheckpointsTest, ValidateOnlyNamesNothing) {
  WriteOptions look;
  look.validate_only = true;
  EXPECT_TRUE(Mark(*project, "b", 0, false, look).status.ok());
  EXPECT_TRUE(Unmark(*project, "first", look).status.ok());
  EXPECT_EQ(project->checkpoints()->all().size(), 1u);
  EXPECT_NE(project->checkpoints()->Find("first"), nullptr);
}

TEST_F(CheckpointsTest, RetriesGetTheFirstAnswer) {
  EXPECT_FALSE(Mark(*project, "b", 0, false, Request("r", 1)).replayed);
  const CheckpointOutcome again = Mark(*project, "b", 0, false, Request("r", 1));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.answer, "marked");
  EXPECT_FALSE(Unmark(*project, "b", Request("s", 2)).replayed);
  EXPECT_EQ(Unmark(*project, "b", Request("s", 2)).answer, "gone");
  EXPECT_EQ(Reason(Unmark(*project, "b", Request("r", 2)).status), "REQUEST_ID_REUSED");
}

TEST(CheckpointCommitTest, NamesAreSeenWhenTheyAreDurableAndGoneIfTheyFail) {
  HeldWorld world;
  Project& project = *world.project;
  ASSERT_TRUE(Set(project, kHere, kRed).status.ok());
  const CheckpointOutcome marked = Mark(project, "pending");  // of a revision that is not there yet
  EXPECT_EQ(marked.checkpoint.revision->info.revision, 2);
  EXPECT_EQ(project.checkpoints()->Find("pending"), nullptr);
  EXPECT_EQ(Reason(Mark(project, "pending").status), "CHECKPOINT_EXISTS");  // applied already
  world.store.SettleOne(absl::OkStatus());
  EXPECT_EQ(project.checkpoints()->Find("pending"), nullptr);
  EXPECT_FALSE(marked.ticket.ready());
  world.store.SettleOne(absl::OkStatus());
  EXPECT_TRUE(Await(marked.ticket).ok());
  EXPECT_NE(project.checkpoints()->Find("pending"), nullptr);

  const CheckpointOutcome removed = Unmark(project, "pending");
  const CheckpointOutcome other = Mark(project, "other");
  world.store.SettleAll(kBroken);
  EXPECT_EQ(Reason(Await(removed.ticket)), "COMMIT_FAILED");
  EXPECT_EQ(Reason(Await(other.ticket)), "COMMIT_FAILED");
  EXPECT_NE(project.checkpoints()->Find("pending"), nullptr);
  EXPECT_EQ(project.checkpoints()->Find("other"), nullptr);
  EXPECT_EQ(Reason(Mark(project, "pending").status), "CHECKPOINT_EXISTS");
}

TEST(CheckpointCommitTest, NamesAreNeverRelaxed) {
  HeldWorld world;
  WriteOptions relaxed;
  relaxed.relaxed = true;
  const CheckpointOutcome marked = Mark(*world.project, "a", 0, false, relaxed);
  EXPECT_FALSE(marked.ticket.ready());
  EXPECT_FALSE(world.store.oldest().relaxed);
  world.store.SettleAll(absl::OkStatus());
  EXPECT_TRUE(Await(marked.ticket).ok());
}

}  // namespace
}  // namespace voxeld
