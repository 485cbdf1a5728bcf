#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/daemon/store/project_fixture.h"

namespace voxeld {
namespace {

voxel::Color Shade(int i) { return voxel::Rgba(1 + (static_cast<uint32_t>(i) % 250), 0, 0); }

void Edit(Project& project, int i) {
  EXPECT_TRUE(Set(project, {i % 7, 0, 0}, Shade(i)).status.ok());
}

TEST(WatchTest, EveryRevisionOnceInOrder) {
  World world;
  const auto project = world.Create();
  for (int i = 0; i < 100; ++i) Edit(*project, i);
  const auto cursor = *project->Watch(1);
  EXPECT_EQ(cursor->position(), 1);
  for (int64_t expected = 2; expected <= 101; ++expected) {
    const RevisionPtr next = *cursor->Next();
    ASSERT_TRUE(bool(next));
    EXPECT_EQ(next->info.revision, expected);
    EXPECT_EQ(cursor->position(), expected);
  }
  EXPECT_FALSE(bool(*cursor->Next()));
}

TEST(WatchTest, WakesOnceWhenSomethingIsPublished) {
  World world;
  const auto project = world.Create();
  const auto cursor = *project->Watch(0);
  absl::Notification woken;  // notifying twice would abort
  cursor->Arm([&] { woken.Notify(); });
  EXPECT_FALSE(woken.HasBeenNotified());
  Edit(*project, 1);
  woken.WaitForNotification();
  Edit(*project, 2);
  EXPECT_EQ((*cursor->Next())->info.revision, 2);
}

TEST(WatchTest, ArmAfterTheNewsWakesAtOnce) {
  World world;
  const auto project = world.Create();
  const auto cursor = *project->Watch(0);
  Edit(*project, 1);
  bool woken = false;
  cursor->Arm([&] { woken = true; });
  EXPECT_TRUE(woken);
}

TEST(WatchTest, NothingIsDeliveredBeforeItIsDurable) {
  HeldWorld world;
  const auto cursor = *world.project->Watch(0);
  const Outcome edit = Set(*world.project, {0, 0, 0}, Shade(1));
  EXPECT_FALSE(bool(*cursor->Next()));
  world.store.SettleOne(absl::OkStatus());
  EXPECT_EQ((*cursor->Next())->info.revision, 2);
}

TEST(WatchTest, FallingBehindTheFloorSaysSo) {
  ProjectOptions options;
  options.retained_revisions = 4;
  World world(std::make_unique<MemoryCommitStore>(), options);
  const auto project = world.Create();
  const auto cursor = *project->Watch(0);
  for (int i = 0; i < 10; ++i) Edit(*project, i);
  const absl::Status status = cursor->Next().status();
  EXPECT_EQ(Reason(status), "REVISION_DROPPED");
  EXPECT_EQ(FactOf(status, "oldest_revision"), std::to_string(project->oldest()->info.revision));
  EXPECT_EQ(Reason(project->Watch(3).status()), "REVISION_DROPPED");
  EXPECT_EQ(Reason(project->Watch(12).status()), "REVISION_UNKNOWN");
}

TEST(WatchTest, ARelaxedRevisionIsDeliveredOnceItIsDurable) {
  HeldWorld world;
  const auto cursor = *world.project->Watch(0);
  WriteOptions relaxed;
  relaxed.relaxed = true;
  EXPECT_TRUE(Set(*world.project, {0, 0, 0}, Shade(1), relaxed).ticket.ready());
  EXPECT_TRUE(Set(*world.project, {1, 0, 0}, Shade(1), relaxed).ticket.ready());
  EXPECT_EQ(world.project->head()->info.revision, 3);
  EXPECT_FALSE(bool(*cursor->Next()));
  bool woken = false;
  cursor->Arm([&] { woken = true; });
  EXPECT_FALSE(woken);
  EXPECT_EQ((*world.project->Watch(0))->position(), 1);
  world.store.SettleOne(absl::OkStatus());
  EXPECT_EQ((*cursor->Next())->info.revision, 2);
  EXPECT_FALSE(bool(*cursor->Next()));
  EXPECT_EQ((*world.project->Watch(0))->position(), 2);
  const auto from_relaxed = *world.project->Watch(3);
  EXPECT_FALSE(bool(*from_relaxed->Next()));
  world.store.SettleAll(absl::OkStatus());
  EXPECT_EQ((*cursor->Next())->info.revision, 3);
  EXPECT_FALSE(bool(*from_relaxed->Next()));
}

TEST(WatchTest, ARelaxedRevisionWhoseCommitFailsComesOnceItWasRepeated) {
  HeldWorld world;
  const auto cursor = *world.project->Watch(0);
  WriteOptions relaxed;
  relaxed.relaxed = true;
  Set(*world.project, {0, 0, 0}, Shade(1), relaxed);
  world.store.SettleOne(absl::UnavailableError("no"));
  EXPECT_FALSE(bool(*cursor->Next()));
  OnStrand(*world.project, [] { return true; });  // it is appended again there
  world.store.SettleOne(absl::OkStatus());
  EXPECT_EQ((*cursor->Next())->info.revision, 2);
  EXPECT_FALSE(bool(*cursor->Next()));
}

TEST(WatchTest, ANumberThatIsNotPartOfTheHistoryIsRefused) {
  HeldWorld world;
  const Outcome lost = Set(*world.project, {0, 0, 0}, Shade(1));
  EXPECT_EQ(lost.revision, 2);
  world.store.SettleOne(absl::UnavailableError("no"));
  EXPECT_EQ(Reason(world.project->Watch(2).status()), "REVISION_UNKNOWN");
  const Outcome kept = Set(*world.project, {0, 0, 0}, Shade(2));
  EXPECT_EQ(kept.revision, 3);
  world.store.SettleAll(absl::OkStatus());
  const absl::Status unknown = world.project->Watch(2).status();
  EXPECT_EQ(Reason(unknown), "REVISION_UNKNOWN");
  EXPECT_EQ(FactOf(unknown, "previous_revision"), "1");
  EXPECT_EQ(FactOf(unknown, "current_revision"), "");
  EXPECT_TRUE(world.project->Watch(1).ok());
}

TEST(WatchTest, TheOneBeforeTheOldestIsAPlaceToBegin) {
  ProjectOptions options;
  options.retained_revisions = 4;
  World world(std::make_unique<MemoryCommitStore>(), options);
  const auto project = world.Create();
  for (int i = 0; i < 10; ++i) Edit(*project, i);
  ASSERT_EQ(project->oldest()->info.revision, 8);
  const auto cursor = *project->Watch(7);
  EXPECT_FALSE(bool(cursor->passed()));
  EXPECT_EQ((*cursor->Next())->info.revision, 8);
  EXPECT_EQ(cursor->passed()->info.revision, 8);
  EXPECT_EQ(Reason(project->Watch(6).status()), "REVISION_DROPPED");
}

ProjectOptions ImpatientOptions() {
  ProjectOptions options;
  options.retained_bytes = int64_t{1} << 40;  // however long it takes
  options.retained_revisions = 1 << 30;
  options.watches.max_untaken = 5;
  options.watches.patience_ms = 0;
  return options;
}

// Edits until the hub has looked at its watches again.
void EditUntil(Project& project, const std::function<bool()>& done) {
  const absl::Time end = absl::Now() + absl::Seconds(30);
  for (int i = 0; !done() && absl::Now() < end; ++i) Edit(project, i);
  EXPECT_TRUE(done());
}

TEST(WatchTest, AWatchThatIsNotAskedIsToldToGiveUp) {
  World world(std::make_unique<MemoryCommitStore>(), ImpatientOptions());
  const auto project = world.Create();
  const auto lazy = *project->Watch(0);
  auto slow = std::make_shared<std::atomic<bool>>(false);
  lazy->OnSlow([slow] { slow->store(true); });
  EditUntil(*project, [&] { return slow->load(); });
  EXPECT_EQ(lazy->position(), 1);
  EXPECT_EQ((*lazy->Next())->info.revision, 2);  // whoever gives up says from where to go on
}

TEST(WatchTest, OneThatFellBehindTheFloorIsToldAtOnce) {
  ProjectOptions options = ImpatientOptions();
  options.watches.max_untaken = int64_t{1} << 40;
  options.retained_revisions = 3;
  World world(std::make_unique<MemoryCommitStore>(), options);
  const auto project = world.Create();
  const auto lazy = *project->Watch(0);
  auto slow = std::make_shared<std::atomic<bool>>(false);
  lazy->OnSlow([slow] { slow->store(true); });
  EditUntil(*project, [&] { return slow->load(); });
}

TEST(WatchTest, WhoWaitsOrTakesIsNotSlow) {
  ProjectOptions options = ImpatientOptions();
  options.watches.max_untaken = 50;
  options.watches.patience_ms = 60000;
  World world(std::make_unique<MemoryCommitStore>(), options);
  const auto project = world.Create();
  const auto waiting = *project->Watch(0);
  waiting->OnSlow([] { ADD_FAILURE() << "one that waits is not slow"; });
  waiting->Arm([] {});
  const auto bursting = *project->Watch(0);
  bursting->OnSlow([] { ADD_FAILURE() << "nobody is slow within its patience"; });
  const absl::Time end = absl::Now() + absl::Milliseconds(500);
  for (int i = 0; absl::Now() < end; ++i) Edit(*project, i);
}

TEST(WatchTest, EndsWithTheProject) {
  World world;
  const auto project = world.Create();
  const auto cursor = *project->Watch(0);
  absl::Notification woken;
  cursor->Arm([&] { woken.Notify(); });
  CommitTicket removed;
  ASSERT_TRUE(world.registry().Remove("p", removed).ok());
  woken.WaitForNotification();
  EXPECT_EQ(Reason(cursor->Next().status()), "PROJECT_NOT_FOUND");
}

TEST(WatchTest, LimitCountsOpenCursors) {
  ProjectOptions options;
  options.watches.max_watches = 2;
  World world(std::make_unique<MemoryCommitStore>(), options);
  const auto project = world.Create();
  auto first = *project->Watch(0);
  const auto second = *project->Watch(0);
  EXPECT_EQ(Reason(project->Watch(0).status()), "LIMIT_STREAMS");
  first = nullptr;
  EXPECT_TRUE(project->Watch(0).ok());
}

TEST(WatchTest, DroppedCursorDropsItsWakeup) {
  World world;
  const auto project = world.Create();
  auto held = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = held;
  auto cursor = *project->Watch(0);
  cursor->Arm([held = std::move(held)] { ADD_FAILURE() << "woken after its end"; });
  cursor = nullptr;
  EXPECT_TRUE(watched.expired());
  Edit(*project, 1);
}

// A watch that is pumped by its wakeups alone, as a connection does it.
class Pump : public std::enable_shared_from_this<Pump> {
 public:
  Pump(std::unique_ptr<WatchCursor> cursor, WorkerPool* pool)
      : pool_(pool), cursor_(std::move(cursor)) {}

  void Run() {
    for (;;) {
      const absl::StatusOr<RevisionPtr> next = cursor_->Next();
      if (!next.ok()) return ended_.Notify();
      if (!*next) break;
      seen_.push_back((*next)->info);
      absl::MutexLock lock(&mu_);
      passed_ = (*next)->info.revision;
    }
    cursor_->Arm([self = shared_from_this()] { self->pool_->Post([self] { self->Run(); }); });
  }
  void WaitFor(int64_t revision) {
    const auto passed = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return passed_ >= revision; };
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(&passed));
  }
  // REQUIRES: the project is deleted.
  const std::vector<RevisionInfo>& Seen() {
    ended_.WaitForNotification();
    return seen_;
  }

 private:
  WorkerPool* const pool_;
  std::unique_ptr<WatchCursor> cursor_;
  std::vector<RevisionInfo> seen_;
  absl::Notification ended_;
  absl::Mutex mu_;
  int64_t passed_ ABSL_GUARDED_BY(mu_) = 0;
};

TEST(WatchTest, ManyWatchesMissNothingUnderLoadAndFailures) {
  TestCommitOptions store;
  store.delay = absl::Milliseconds(1);
  store.fail_every = 4;
  World world(std::make_unique<TestCommitStore>(std::move(store)));
  const auto project = world.Create();
  std::vector<std::shared_ptr<Pump>> pumps;
  for (int i = 0; i < 200; ++i) {
    pumps.push_back(std::make_shared<Pump>(*project->Watch(0), &world.pool()));
    world.pool().Post([pump = pumps.back()] { pump->Run(); });
  }
  std::vector<std::thread> clients;
  for (int c = 0; c < 16; ++c) {
    clients.emplace_back([&, c] {
      for (int i = 0; i < 30; ++i) {
        const Outcome outcome = Set(*project, {c, i, 0}, Shade(i));
        if (outcome.status.ok()) Await(outcome.ticket).IgnoreError();
      }
    });
  }
  for (std::thread& client : clients) client.join();
  std::vector<RevisionPtr> published = project->Retained(0, 1 << 20);
  for (const auto& pump : pumps) pump->WaitFor(published.front()->info.revision);
  CommitTicket removed;
  ASSERT_TRUE(world.registry().Remove("p", removed).ok());
  for (const auto& pump : pumps) {
    const std::vector<RevisionInfo>& seen = pump->Seen();
    ASSERT_EQ(seen.size() + 1, published.size());
    for (size_t i = 0; i < seen.size(); ++i) {
      ASSERT_EQ(seen[i].revision, published[published.size() - 2 - i]->info.revision);
      ASSERT_EQ(seen[i].previous_revision, published[published.size() - 1 - i]->info.revision);
    }
  }
}

}  // namespace
}  // namespace voxeld
