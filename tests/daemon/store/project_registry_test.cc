#include "daemon/store/project_registry.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/daemon/store/project_fixture.h"

namespace voxeld {
namespace {

std::vector<std::string> Ids(const std::vector<ProjectEntry>& entries) {
  std::vector<std::string> ids;
  for (const ProjectEntry& entry : entries) ids.push_back(entry.id);
  return ids;
}
using Strings = std::vector<std::string>;

// Each look at the clock finds it days before or after the last one.
absl::Time JumpingClock() {
  static std::atomic<int> looks{0};
  const int look = ++looks;
  return absl::FromUnixSeconds(1'700'000'000) + absl::Hours(look % 2 == 0 ? 24 * look : -48 * look);
}

TEST(ProjectRegistryClockTest, ClockThatJumpsChangesNothingButTheTimesThatAreShown) {
  WorkerPool pool{WorkerPoolOptions()};
  MemoryCommitStore store;
  const auto registry = ProjectRegistry::Create({}, &store, &pool, &JumpingClock);
  CommitTicket ticket;
  const auto project = *registry->Add(BlankProject("p"), ticket);
  ASSERT_TRUE(Await(ticket).ok());
  WriteOptions options;
  for (int x = 0; x < 20; ++x) {
    options.request_id = std::to_string(x);
    const Outcome outcome = Mutate(*project, options, SetVoxel({x, 0, 0}, 0xFF), "first");
    ASSERT_TRUE(outcome.status.ok());
    EXPECT_EQ(outcome.revision, x + 2);
  }
  for (int x = 0; x < 20; ++x) {
    options.request_id = std::to_string(x);
    const Outcome again = Mutate(*project, options, SetVoxel({x, 9, 9}, 0xFF), "second");
    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(again.answer, "first");
  }
  EXPECT_EQ(UndoSteps(*project, 20, UndoScope::kProject).done, 20u);
  EXPECT_EQ(project->head()->document->CountVoxels(), 0);
}

TEST(ProjectRegistryTest, FindsWhatWasAddedUntilItIsRemoved) {
  World world;
  const auto project = world.Create("castle");
  EXPECT_EQ(*world.registry().Find("castle"), project);
  EXPECT_EQ(Reason(world.registry().Find("casle").status()), "PROJECT_NOT_FOUND");
  CommitTicket ticket;
  EXPECT_EQ(Reason(world.registry().Add(BlankProject("castle"), ticket).status()),
            "PROJECT_EXISTS");
  EXPECT_TRUE(world.registry().Remove("castle", ticket).ok());
  EXPECT_EQ(Reason(world.registry().Find("castle").status()), "PROJECT_NOT_FOUND");
  EXPECT_EQ(Reason(world.registry().Remove("castle", ticket)), "PROJECT_NOT_FOUND");
  EXPECT_EQ(Reason(Set(*project, {0, 0, 0}, voxel::Rgba(1, 1, 1)).status), "PROJECT_NOT_FOUND");
  const auto second = world.Create("castle");
  EXPECT_NE(second->identity().uid, project->identity().uid);
}

TEST(ProjectRegistryTest, FirstRevisionDescribesTheDocument) {
  World world;
  const auto source = world.Create("a");
  Set(*source, {5, 6, 7}, voxel::Rgba(1, 1, 1));
  NewProject wanted;
  wanted.id = "b";
  wanted.forked_from = {"a", "uid-of-a", 7};
  wanted.actor = "ann";
  wanted.document = source->head()->document;
  CommitTicket ticket;
  const auto fork = *world.registry().Add(wanted, ticket);
  EXPECT_EQ(fork->identity().forked_from.id, "a");
  EXPECT_EQ(fork->identity().forked_from.uid, "uid-of-a");
  EXPECT_EQ(fork->identity().forked_from.revision, 7);
  const RevisionInfo& info = fork->head()->info;
  EXPECT_EQ(info.revision, 1);
  EXPECT_EQ(info.previous_revision, 0);
  EXPECT_EQ(info.actor, "ann");
  EXPECT_EQ(info.voxels_changed, 1);
  EXPECT_EQ(info.bounds, voxel::BoxAt({5, 6, 7}));
}

TEST(ProjectRegistryTest, ClonesShareEveryBrick) {
  World world;
  const auto source = world.Create("a");
  Mutate(*source, {}, [](const Revision& applied) {
    voxel::Edit edit;
    edit.op = voxel::FillBox{{{-300, 3, 5}, {301, 402, 203}}, voxel::Rgba(9, 9, 9)};
    auto result = voxel::ApplyEdits(applied.document, {&edit, 1}, {});
    return absl::StatusOr<voxel::RefPtr<const voxel::Document>>(result->document);
  });
  NewProject wanted;
  wanted.id = "b";
  wanted.document = source->head()->document;
  CommitTicket ticket;
  const auto clone = *world.registry().Add(wanted, ticket);
  const voxel::Document& original = *source->head()->document;
  const voxel::Document& copy = *clone->head()->document;
  EXPECT_EQ(&copy, &original) << "the very same document";
  EXPECT_EQ(copy.BytesNotIn(original), 0);
  // And where one of them changes a voxel, all others stay shared.
  Set(*clone, {0, 4, 6}, voxel::Rgba(1, 1, 1));
  const int64_t unshared = clone->head()->document->BytesNotIn(original);
  EXPECT_GT(unshared, 0);
  EXPECT_LT(unshared, original.layers[0]->volume.Bytes() / 50);
}

TEST(ProjectRegistryTest, ListsByPrefixInOrderAndInPages) {
  World world;
  for (const char* id : {"b2", "a", "b1", "c", "b3"}) world.Create(id);
  ProjectRegistry& registry = world.registry();
  EXPECT_EQ(Ids(registry.List("", "", 10)), (Strings{"a", "b1", "b2", "b3", "c"}));
  EXPECT_EQ(Ids(registry.List("", "b", 2)), (Strings{"b1", "b2"}));
  EXPECT_EQ(Ids(registry.List("b2", "b", 2)), (Strings{"b3"}));
  EXPECT_EQ(Ids(registry.List("a", "", 2)), (Strings{"b1", "b2"}));
  EXPECT_EQ(registry.size(), 5);
}

TEST(ProjectRegistryTest, LimitOfProjects) {
  MemoryCommitStore store;
  WorkerPool pool{WorkerPoolOptions()};
  RegistryOptions options;
  options.max_projects = 2;
  const auto registry = ProjectRegistry::Create(options, &store, &pool, &absl::Now);
  CommitTicket ticket;
  EXPECT_TRUE(registry->Add(BlankProject("a"), ticket).ok());
  EXPECT_TRUE(registry->Add(BlankProject("b"), ticket).ok());
  EXPECT_EQ(Reason(registry->Add(BlankProject("c"), ticket).status()), "LIMIT_PROJECTS");
  CommitTicket removed;
  EXPECT_TRUE(registry->Remove("a", removed).ok());
  EXPECT_TRUE(registry->Add(BlankProject("c"), ticket).ok());
}

TEST(ProjectRegistryTest, ProjectIsFoundOnceItIsDurable) {
  HeldCommitStore store;
  WorkerPool pool{WorkerPoolOptions()};
  const auto registry = ProjectRegistry::Create({}, &store, &pool, &absl::Now);
  CommitTicket first, second;
  ASSERT_TRUE(registry->Add(BlankProject("a"), first).ok());
  EXPECT_FALSE(registry->Find("a").ok());
  EXPECT_TRUE(registry->List("", "", 9).empty());
  // Whether it exists is not known yet: the answer waits for the same commit.
  EXPECT_EQ(Reason(registry->Add(BlankProject("a"), second).status()), "PROJECT_EXISTS");
  EXPECT_FALSE(second.ready());
  store.SettleOne(absl::UnavailableError("disk"));
  EXPECT_EQ(Reason(Await(first)), "COMMIT_FAILED");
  EXPECT_EQ(Reason(Await(second)), "COMMIT_FAILED");
  EXPECT_FALSE(registry->Find("a").ok());
  ASSERT_TRUE(registry->Add(BlankProject("a"), first).ok());
  store.SettleOne(absl::OkStatus());
  EXPECT_TRUE(Await(first).ok());
  EXPECT_TRUE(registry->Find("a").ok());
}

TEST(ProjectRegistryTest, EphemeralProjectsDoNotWaitForTheStore) {
  HeldCommitStore store;
  WorkerPool pool{WorkerPoolOptions()};
  const auto registry = ProjectRegistry::Create({}, &store, &pool, &absl::Now);
  NewProject wanted = BlankProject("scratch");
  wanted.ephemeral = true;
  CommitTicket ticket;
  const auto project = *registry->Add(wanted, ticket);
  EXPECT_TRUE(ticket.ready());
  EXPECT_TRUE(Set(*project, {0, 0, 0}, voxel::Rgba(1, 1, 1)).ticket.ready());
  EXPECT_EQ(store.held(), 0u);
}

TEST(ProjectRegistryTest, OneOfManyRacersCreates) {
  World world;
  std::atomic<int> created{0};
  std::vector<std::thread> racers;
  for (int t = 0; t < 8; ++t) {
    racers.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        CommitTicket ticket;
        const std::string id = "p" + std::to_string(i);
        if (world.registry().Add(BlankProject(id), ticket).ok()) ++created;
        // Who lost against a creation in flight is told so once that one is settled.
        EXPECT_TRUE(Await(ticket).ok());
        ASSERT_TRUE(world.registry().Find(id).ok());
      }
    });
  }
  for (std::thread& racer : racers) racer.join();
  EXPECT_EQ(created.load(), 50);
}

TEST(ProjectRegistryTest, FindNeverSeesHalfAProjectWhileOthersComeAndGo) {
  World world;
  world.Create("stays");
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int t = 0; t < 3; ++t) {
    readers.emplace_back([&] {
      while (!stop.load()) {
        ASSERT_TRUE(world.registry().Find("stays").ok());
        if (const auto found = world.registry().Find("comes"); found.ok()) {
          ASSERT_EQ((*found)->identity().id, "comes");
          ASSERT_GE((*found)->head()->info.revision, 1);
        }
      }
    });
  }
  for (int i = 0; i < 300; ++i) {
    world.Create("comes");
    CommitTicket removed;
    ASSERT_TRUE(world.registry().Remove("comes", removed).ok());
  }
  stop.store(true);
  for (std::thread& reader : readers) reader.join();
}

TEST(RandomUidTest, NeverRepeats) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string uid = RandomUid();
    EXPECT_EQ(uid.size(), 32u);
    EXPECT_TRUE(seen.insert(uid).second);
  }
}

}  // namespace
}  // namespace voxeld
