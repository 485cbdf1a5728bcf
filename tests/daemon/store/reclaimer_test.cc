#include "daemon/store/reclaimer.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "absl/time/clock.h"
#include "daemon/runtime/rcu.h"
#include "tests/daemon/store/project_fixture.h"

namespace voxeld {
namespace {

class ReclaimerTest : public testing::Test {
 protected:
  ReclaimerTest() {
    WorkerPoolOptions options;
    options.min_threads = 1;
    options.max_threads = 1;
    pool_ = std::make_unique<WorkerPool>(options);
    reclaimer_ = std::make_shared<Reclaimer>(pool_.get());
    pool_->Post([this] { release_.WaitForNotification(); });
    while (pool_->queued() > 0) std::this_thread::yield();  // the only thread is busy now
  }
  ~ReclaimerTest() override {
    Release();
    RcuBarrier();  // what waits for a grace period posts to the pool
    reclaimer_->Detach();
  }
  void Release() {
    if (!release_.HasBeenNotified()) release_.Notify();
  }
  // Ends `revision` here.
  void Drop(RevisionPtr) {}
  RevisionPtr NewRevision() {
    auto revision = voxel::MakeRef<Revision>();
    revision->document = BlankDocument();
    revision->reclaimer = reclaimer_;
    return RevisionPtr::Adopt(revision.release());
  }

  absl::Notification release_;
  std::unique_ptr<WorkerPool> pool_;
  std::shared_ptr<Reclaimer> reclaimer_;
};

TEST_F(ReclaimerTest, LastHolderOfARevisionLeavesTheFreeingToOneTask) {
  for (int i = 0; i < 100; ++i) Drop(NewRevision());
  EXPECT_EQ(reclaimer_->waiting(), 100u);
  EXPECT_EQ(pool_->queued(), 1u);
  Release();
  while (reclaimer_->waiting() > 0) std::this_thread::yield();
  Drop(NewRevision());  // a new task is posted for it
  while (reclaimer_->waiting() > 0) std::this_thread::yield();
}

TEST_F(ReclaimerTest, SmallRevisionsWaitForCompany) {
  for (int i = 0; i < 63; ++i) reclaimer_->DropLater(NewRevision(), 100);
  EXPECT_EQ(pool_->queued(), 0u);
  reclaimer_->DropLater(NewRevision(), 100);
  RcuBarrier();
  EXPECT_EQ(pool_->queued(), 1u);
  Release();
  while (reclaimer_->waiting() > 0) std::this_thread::yield();
}

TEST_F(ReclaimerTest, FlushedOnesWaitNoLonger) {
  reclaimer_->DropLater(NewRevision(), 100);
  reclaimer_->Flush();
  RcuBarrier();
  EXPECT_EQ(pool_->queued(), 1u);
  Release();
  while (reclaimer_->waiting() > 0) std::this_thread::yield();
  reclaimer_->Flush();  // nothing waits: no grace period is begun for it
  RcuBarrier();
  EXPECT_EQ(pool_->queued(), 0u);
}

TEST_F(ReclaimerTest, WhoRetiresFreesWhereWorkersAreTooBusyToDoIt) {
  for (int i = 0; i < 20'000; ++i) {
    reclaimer_->DropLater(NewRevision(), 100);
    if (i % 1'000 == 0) RcuBarrier();  // else all of them wait for the same grace period
  }
  EXPECT_LE(reclaimer_->waiting(), 6'000u);
  EXPECT_EQ(pool_->queued(), 1u);  // nobody else could
}

TEST_F(ReclaimerTest, LargeRevisionDoesNotWait) {
  reclaimer_->DropLater(NewRevision(), int64_t{1} << 20);
  RcuBarrier();
  EXPECT_EQ(pool_->queued(), 1u);
}

TEST_F(ReclaimerTest, WhatIsNoLongerRetainedOutlivesThoseWhoMayStillBeLookingAtIt) {
  const auto revision = NewRevision();
  const auto others = [&revision] { return RevisionPtr::Share(revision.get()); };
  {
    RcuReadSection reader;
    reclaimer_->DropLater(others(), int64_t{1} << 20);
    Release();
    absl::SleepFor(absl::Milliseconds(50));  // far longer than a grace period takes
    EXPECT_EQ(pool_->queued(), 0u);
    EXPECT_EQ(reclaimer_->waiting(), 0u);  // nor is it among what may be freed
  }
  RcuBarrier();
  while (reclaimer_->waiting() > 0) std::this_thread::yield();
}

TEST_F(ReclaimerTest, DetachedFreesAtOnce) {
  Drop(NewRevision());
  reclaimer_->Detach();
  EXPECT_EQ(reclaimer_->waiting(), 0u);
  Drop(NewRevision());
  EXPECT_EQ(reclaimer_->waiting(), 0u);
}

}  // namespace
}  // namespace voxeld
