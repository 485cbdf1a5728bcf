#include "daemon/memory/memory_pressure.h"

#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "voxel/base/slab_allocator.h"

namespace voxeld {
namespace {

using Stage = MemoryPressure::Stage;

constexpr size_t kBlock = 16448;

class MemoryPressureTest : public testing::Test {
 protected:
  ~MemoryPressureTest() override {
    for (void* block : blocks_) voxel::SlabFree(block, kBlock);
  }
  void Take(int blocks) {
    for (int i = 0; i < blocks; ++i) blocks_.push_back(voxel::SlabAllocate(kBlock));
  }
  int64_t Above(int blocks) const { return used_ + blocks * static_cast<int64_t>(kBlock); }
  void CountWith(Stage stage, absl::Duration pause, int* count) {
    pressure_.RelieveWith(stage, pause, [count] {
      ++*count;
      return true;
    });
  }

  // Blocks come from shared lists by the dozen: far more than that lies between the stages.
  const int64_t used_ = voxel::SlabUsedBytes();
  MemoryPressure pressure_{
      {.caches = Above(1000), .projects = Above(2000), .refusing = Above(3000)}};
  std::vector<void*> blocks_;
};

TEST_F(MemoryPressureTest, StagesBeginOneAfterTheOther) {
  int caches = 0, projects = 0;
  CountWith(Stage::kCaches, absl::ZeroDuration(), &caches);
  CountWith(Stage::kProjects, absl::ZeroDuration(), &projects);
  pressure_.Check();
  EXPECT_EQ(pressure_.stage(), Stage::kNone);
  EXPECT_EQ(caches + projects, 0);
  Take(1500);
  pressure_.Check();
  EXPECT_EQ(pressure_.stage(), Stage::kCaches);
  EXPECT_EQ(caches, 1);
  EXPECT_EQ(projects, 0);
  Take(1000);
  pressure_.Check();
  EXPECT_EQ(pressure_.stage(), Stage::kProjects);
  EXPECT_EQ(caches, 1);  // it is still at it
  EXPECT_EQ(projects, 1);
  Take(1000);
  EXPECT_EQ(pressure_.stage(), Stage::kRefusing);
  EXPECT_EQ(pressure_.begun(Stage::kCaches), 1);
}

TEST_F(MemoryPressureTest, AStageBeginsAgainOnlyOnceItHasEndedAndItsPauseIsOver) {
  int caches = 0, projects = 0;
  CountWith(Stage::kCaches, absl::ZeroDuration(), &caches);
  CountWith(Stage::kProjects, absl::Hours(1), &projects);
  Take(2500);
  for (int i = 0; i < 3; ++i) {
    pressure_.Check();
    pressure_.Check();
    EXPECT_EQ(caches, i + 1);
    pressure_.Relieved(Stage::kCaches);
    pressure_.Relieved(Stage::kProjects);
  }
  EXPECT_EQ(projects, 1);
}

TEST_F(MemoryPressureTest, AStageThatIsNotWorthItIsNotBegun) {
  int asked = 0;
  bool worth = false;
  pressure_.RelieveWith(Stage::kCaches, absl::ZeroDuration(), [&] {
    ++asked;
    return worth;
  });
  Take(1500);
  pressure_.Check();
  pressure_.Check();  // nothing runs, so it is asked again
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(pressure_.begun(Stage::kCaches), 0);
  worth = true;
  pressure_.Check();
  pressure_.Check();
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(pressure_.begun(Stage::kCaches), 1);
}

TEST_F(MemoryPressureTest, WhatIsNotWorthItIsNotAskedForAgainWithinThePause) {
  int asked = 0;
  pressure_.RelieveWith(Stage::kCaches, absl::Hours(1), [&] {
    ++asked;
    return false;
  });
  Take(1500);
  pressure_.Check();
  pressure_.Check();
  EXPECT_EQ(asked, 1);
}

TEST_F(MemoryPressureTest, NobodyIsCalledOnceDetached) {
  int projects = 0;
  CountWith(Stage::kProjects, absl::ZeroDuration(), &projects);
  pressure_.Detach(Stage::kProjects);
  Take(2500);
  pressure_.Check();
  EXPECT_EQ(projects, 0);
  EXPECT_EQ(pressure_.begun(Stage::kProjects), 0);
}

TEST_F(MemoryPressureTest, OneOfManyThatLookBeginsIt) {
  int caches = 0;  // counted by one at a time, or ThreadSanitizer says so
  CountWith(Stage::kCaches, absl::ZeroDuration(), &caches);
  Take(1500);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (int n = 0; n < 1000; ++n) pressure_.Check();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(caches, 1);
}

TEST_F(MemoryPressureTest, ALimitIsDividedSoThatTheCheapComesFirst) {
  const MemoryPressure::Limits limits = MemoryPressure::LimitsFor(800);
  EXPECT_EQ(limits.caches, 500);
  EXPECT_EQ(limits.projects, 600);
  EXPECT_EQ(limits.refusing, 800);
}

}  // namespace
}  // namespace voxeld
