#include "daemon/store/project.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/daemon/store/project_fixture.h"
#include "tests/support/colors.h"

namespace voxeld {
namespace {

using voxel::kBlue;
using voxel::kRed;

Outcome Paint(Project& project, voxel::Color color, const WriteOptions& options = {}) {
  return Set(project, kHere, color, options);
}

WriteOptions Relaxed() {
  WriteOptions options;
  options.relaxed = true;
  return options;
}

TEST(ProjectTest, EditMakesARevisionThatSaysWhatChanged) {
  World world;
  const auto project = world.Create();
  WriteOptions options = By("ann");
  options.comment = "a dot";
  const Outcome outcome = Set(*project, kThere, kRed, options);
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_TRUE(Await(outcome.ticket).ok());
  const RevisionPtr head = project->head();
  EXPECT_EQ(outcome.revision, 2);
  EXPECT_EQ(head->info.revision, 2);
  EXPECT_EQ(head->info.previous_revision, 1);
  EXPECT_EQ(head->info.actor, "ann");
  EXPECT_EQ(head->info.comment, "a dot");
  EXPECT_EQ(head->info.voxels_changed, 1);
  EXPECT_EQ(head->info.bounds, voxel::BoxAt(kThere));
  EXPECT_EQ(head->info.layers, std::vector<std::string>{"main"});
  EXPECT_EQ(At(*head, kThere), kRed);
}

TEST(ProjectTest, EditThatChangesNothingMakesNoRevision) {
  World world;
  const auto project = world.Create();
  Paint(*project, kRed);
  const Outcome outcome = Paint(*project, kRed);
  EXPECT_TRUE(outcome.status.ok());
  EXPECT_EQ(outcome.revision, 2);
  EXPECT_EQ(outcome.voxels_changed, 0);
  EXPECT_EQ(outcome.applied->info.revision, 2);
  EXPECT_EQ(project->head()->info.revision, 2);
}

TEST(ProjectTest, ValidateOnlyTellsButChangesNothing) {
  World world;
  const auto project = world.Create();
  WriteOptions options;
  options.validate_only = true;
  const Outcome outcome = Paint(*project, kRed, options);
  EXPECT_EQ(outcome.voxels_changed, 1);
  EXPECT_EQ(outcome.revision, 1);
  EXPECT_EQ(At(*outcome.applied, kHere), kRed);
  EXPECT_EQ(project->head()->info.revision, 1);
  EXPECT_EQ(Paint(*project, kBlue).revision, 2);  // the number stayed free
}

TEST(ProjectTest, ExpectedRevisionGuards) {
  World world;
  const auto project = world.Create();
  WriteOptions options;
  options.expected_revision = 1;
  EXPECT_TRUE(Paint(*project, kRed, options).status.ok());
  const Outcome late = Paint(*project, kBlue, options);
  EXPECT_EQ(Reason(late.status), "REVISION_MISMATCH");
  EXPECT_EQ(FactOf(late.status, "current_revision"), "2");
  EXPECT_EQ(At(*project->head(), kHere), kRed);
}

TEST(ProjectTest, UnchangedGuardsItsBoxOnly) {
  World world;
  const auto project = world.Create();
  Paint(*project, kRed);  // revision 2
  Set(*project, kThere, kRed);
  WriteOptions options;
  options.unchanged = {.box = voxel::BoxAt(kHere), .since_revision = 2};
  EXPECT_TRUE(Set(*project, kThere, kBlue, options).status.ok());  // kHere stands as it was
  options.unchanged->since_revision = 1;
  const Outcome changed = Paint(*project, kBlue, options);
  EXPECT_EQ(Reason(changed.status), "BOX_CHANGED");
  EXPECT_EQ(FactOf(changed.status, "current_revision"), "4");
  options.unchanged->since_revision = 99;
  const Outcome unknown = Paint(*project, kBlue, options);
  EXPECT_EQ(Reason(unknown.status), "REVISION_UNKNOWN");
  EXPECT_EQ(voxel::FieldOf(unknown.status), "write.unchanged.since_revision");
}

TEST(ProjectTest, RetryGetsTheFirstAnswer) {
  World world;
  const auto project = world.Create();
  const Outcome first = Mutate(*project, Request("r", 7), SetVoxel(kHere, kRed), "answer one");
  EXPECT_FALSE(first.replayed);
  Paint(*project, kBlue);
  const Outcome again = Mutate(*project, Request("r", 7), SetVoxel(kHere, kRed), "answer two");
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.answer, "answer one");
  EXPECT_EQ(again.revision, 2);
  EXPECT_EQ(At(*project->head(), kHere), kBlue);  // not applied again
  EXPECT_EQ(Reason(Mutate(*project, Request("r", 8), SetVoxel(kHere, kRed)).status),
            "REQUEST_ID_REUSED");
}

TEST(ProjectTest, ErrorsAreNotRemembered) {
  World world;
  const auto project = world.Create();
  WriteOptions options = Request("r", 7);
  options.expected_revision = 9;
  EXPECT_FALSE(Paint(*project, kRed, options).status.ok());
  options.expected_revision = 0;
  EXPECT_FALSE(Paint(*project, kRed, options).replayed);
}

// The two heads, step by step.

TEST(ProjectTest, NothingIsSeenOrAnsweredBeforeItIsDurable) {
  HeldWorld world;
  const Outcome edit = Paint(*world.project, kRed);
  WriteOptions stale;
  stale.expected_revision = 1;
  const Outcome aborted = Paint(*world.project, kBlue, stale);  // derived from the applied head
  WriteOptions dry;
  dry.validate_only = true;
  const Outcome dry_run = Paint(*world.project, kBlue, dry);
  const Outcome noop = Paint(*world.project, kRed);
  EXPECT_EQ(Reason(aborted.status), "REVISION_MISMATCH");
  for (const Outcome* outcome : {&edit, &aborted, &dry_run, &noop}) {
    EXPECT_FALSE(outcome->ticket.ready());
  }
  EXPECT_EQ(world.project->head()->info.revision, 1);
  world.store.SettleOne(absl::OkStatus());
  for (const Outcome* outcome : {&edit, &aborted, &dry_run, &noop}) {
    EXPECT_TRUE(outcome->ticket.ready() && !outcome->ticket.failed());
  }
  EXPECT_EQ(world.project->head()->info.revision, 2);
}

TEST(ProjectTest, FailedCommitFailsAllThatBuiltOnIt) {
  HeldWorld world;
  const Outcome first = Paint(*world.project, kRed);
  const Outcome second = Set(*world.project, kThere, kRed);
  const Outcome noop = Paint(*world.project, kRed);
  world.store.SettleAll(kBroken);
  for (const Outcome* outcome : {&first, &second, &noop}) {
    EXPECT_EQ(Reason(Await(outcome->ticket)), "COMMIT_FAILED");
  }
  EXPECT_EQ(world.project->head()->info.revision, 1);
  // The next edit starts from the published content, with a number that nobody has had.
  const Outcome next = Set(*world.project, kThere, kBlue);
  EXPECT_EQ(world.store.oldest().before->info.revision, 1);
  world.store.SettleOne(absl::OkStatus());
  EXPECT_TRUE(Await(next.ticket).ok());
  EXPECT_EQ(next.revision, 4);
  const RevisionPtr head = world.project->head();
  EXPECT_EQ(head->info.previous_revision, 1);
  EXPECT_EQ(At(*head, kHere), voxel::kAir);
  EXPECT_EQ(At(*head, kThere), kBlue);
  EXPECT_EQ(Reason(world.project->At(2).status()), "REVISION_UNKNOWN");
}

TEST(ProjectTest, FailureAfterADurableOneLeavesThatPublished) {
  HeldWorld world;
  const Outcome first = Paint(*world.project, kRed);
  const Outcome second = Paint(*world.project, kBlue);
  world.store.SettleOne(absl::OkStatus());
  world.store.SettleOne(kBroken);
  EXPECT_TRUE(Await(first.ticket).ok());
  EXPECT_FALSE(Await(second.ticket).ok());
  EXPECT_EQ(At(*world.project->head(), kHere), kRed);
}

TEST(ProjectTest, RelaxedEditIsSeenAtOnceIfNoSyncOneWaits) {
  HeldWorld world;
  const Outcome relaxed = Paint(*world.project, kRed, Relaxed());
  EXPECT_TRUE(relaxed.ticket.ready());
  EXPECT_EQ(world.project->head()->info.revision, 2);
  const Outcome sync = Set(*world.project, kThere, kRed);
  const Outcome behind = Paint(*world.project, kBlue, Relaxed());
  EXPECT_FALSE(behind.ticket.ready());
  EXPECT_EQ(world.project->head()->info.revision, 2);
  world.store.SettleOne(absl::OkStatus());
  world.store.SettleOne(absl::OkStatus());  // the sync one: both are published
  EXPECT_TRUE(sync.ticket.ready() && behind.ticket.ready());
  EXPECT_EQ(world.project->head()->info.revision, 4);
}

TEST(ProjectTest, FailedRelaxedEditStaysAndIsCommittedAgain) {
  HeldWorld world;
  Paint(*world.project, kRed, Relaxed());
  const Outcome sync = Set(*world.project, kThere, kRed);
  world.store.SettleOne(kBroken);
  world.store.SettleOne(kBroken);
  EXPECT_FALSE(Await(sync.ticket).ok());
  EXPECT_EQ(At(*world.project->head(), kHere), kRed);  // what was seen never disappears
  OnStrand(*world.project, [] { return 0; });          // let the retry be appended
  EXPECT_EQ(world.store.held(), 1u);
  EXPECT_EQ(world.store.oldest().before->info.revision, 1);
  EXPECT_EQ(world.store.oldest().after->info.revision, 2);
  const Outcome next = Set(*world.project, kThere, kBlue);
  EXPECT_EQ(next.applied->info.previous_revision, 2);
  world.store.SettleAll(absl::OkStatus());
  EXPECT_TRUE(Await(next.ticket).ok());
}

TEST(ProjectTest, RelaxedEditThatKeepsFailingIsTriedAgainWithTheNextEdit) {
  HeldWorld world;
  Paint(*world.project, kRed, Relaxed());
  int tries = 0;
  while (world.store.held() > 0) {
    world.store.SettleOne(kBroken);
    OnStrand(*world.project, [] { return 0; });
    ASSERT_LT(++tries, 100);  // it must not go on for ever by itself
  }
  const Outcome next = Set(*world.project, kThere, kBlue);
  ASSERT_EQ(world.store.held(), 2u);
  EXPECT_EQ(world.store.oldest().after->info.revision, 2);
  world.store.SettleAll(absl::OkStatus());
  EXPECT_TRUE(Await(next.ticket).ok());
}

TEST(ProjectTest, DuplicateInFlightWaitsForTheFirstAndFailsWithIt) {
  HeldWorld world;
  const Outcome first = Mutate(*world.project, Request("r", 1), SetVoxel(kHere, kRed), "one");
  const Outcome twin = Mutate(*world.project, Request("r", 1), SetVoxel(kHere, kRed), "two");
  EXPECT_TRUE(twin.replayed);
  EXPECT_FALSE(twin.ticket.ready());
  world.store.SettleAll(kBroken);
  EXPECT_EQ(Reason(Await(first.ticket)), "COMMIT_FAILED");
  EXPECT_EQ(Reason(Await(twin.ticket)), "COMMIT_FAILED");
  // Forgotten: a retry runs, even with another hash.
  const Outcome retry = Mutate(*world.project, Request("r", 2), SetVoxel(kHere, kBlue), "three");
  EXPECT_FALSE(retry.replayed);
  EXPECT_TRUE(retry.status.ok());
}

TEST(ProjectTest, TooManyWaitingRevisionsAreRefusedAtOnce) {
  ProjectOptions options;
  options.max_pending = 3;
  HeldWorld world(options);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Set(*world.project, {i, 0, 0}, kRed).status.ok());
  const Outcome refused = Paint(*world.project, kRed);
  EXPECT_EQ(Reason(refused.status), "OVERLOADED");
  EXPECT_TRUE(refused.ticket.ready());
  world.store.SettleAll(absl::OkStatus());
  EXPECT_TRUE(Paint(*world.project, kRed).status.ok());
}

TEST(ProjectTest, RelaxedWritersAreSlowedBeforeTheyAreRefused) {
  ProjectOptions options;
  options.max_pending = 4;
  HeldWorld world(options);
  WriteOptions relaxed;
  relaxed.relaxed = true;
  std::vector<CommitTicket> tickets;
  for (int x = 0; x < 4; ++x) {
    const Outcome set = Set(*world.project, {x, 0, 0}, kRed, relaxed);
    ASSERT_TRUE(set.status.ok());
    EXPECT_EQ(world.project->head()->info.revision, x + 2);  // seen at once
    tickets.push_back(set.ticket);
  }
  EXPECT_TRUE(tickets[0].ready() && tickets[1].ready());
  EXPECT_FALSE(tickets[2].ready() || tickets[3].ready());
  world.store.SettleOne(absl::OkStatus());
  world.store.SettleOne(absl::OkStatus());
  EXPECT_FALSE(tickets[2].ready());
  world.store.SettleOne(absl::OkStatus());
  EXPECT_TRUE(tickets[2].ready());
  // One that the store refuses for now was seen all the same.
  world.store.SettleOne(kBroken);
  EXPECT_TRUE(Await(tickets[3]).ok());
}

TEST(ProjectTest, ReadersNameAnyRetainedRevision) {
  World world;
  const auto project = world.Create();
  for (uint32_t i = 1; i <= 5; ++i) Paint(*project, voxel::Rgba(i, 0, 0));
  EXPECT_EQ(At(**project->At(3), kHere), voxel::Rgba(2, 0, 0));
  EXPECT_EQ((*project->At(0))->info.revision, 6);
  EXPECT_EQ(Reason(project->At(7).status()), "REVISION_UNKNOWN");
  EXPECT_EQ(Reason(project->At(-1).status()), "REVISION_UNKNOWN");
  std::vector<int64_t> listed;
  for (const RevisionPtr& r : project->Retained(4, 3)) listed.push_back(r->info.revision);
  EXPECT_EQ(listed, (std::vector<int64_t>{4, 3, 2}));
}

TEST(ProjectTest, OldRevisionsAreDroppedByCount) {
  ProjectOptions options;
  options.retained_revisions = 4;
  World world(std::make_unique<MemoryCommitStore>(), options);
  const auto project = world.Create();
  for (uint32_t i = 1; i <= 9; ++i) Paint(*project, voxel::Rgba(i, 0, 0));
  EXPECT_EQ(project->oldest()->info.revision, 7);
  const absl::Status dropped = project->At(6).status();
  EXPECT_EQ(Reason(dropped), "REVISION_DROPPED");
  EXPECT_EQ(project->Retained(0, 100).size(), 4u);
}

TEST(ProjectTest, OldRevisionsAreDroppedByTheBricksThatOnlyTheyHold) {
  ProjectOptions options;
  options.retained_bytes = 64 << 10;
  World world(std::make_unique<MemoryCommitStore>(), options);
  const auto project = world.Create();
  for (uint32_t i = 1; i <= 500; ++i) Paint(*project, voxel::Rgba(i & 255, i >> 8, 0));
  const auto kept = static_cast<int>(project->Retained(0, 10000).size());
  EXPECT_GT(kept, 5);
  EXPECT_LT(kept, 300);
  EXPECT_EQ(project->oldest()->info.revision, 501 - kept + 1);
}

}  // namespace
}  // namespace voxeld
