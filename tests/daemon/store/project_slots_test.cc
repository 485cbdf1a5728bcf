#include "daemon/store/project_slots.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "daemon/runtime/rcu.h"
#include "daemon/store/open_work.h"
#include "daemon/store/reclaimer.h"
#include "tests/daemon/store/project_fixture.h"

namespace voxeld {
namespace {

// A project that a vault has, and a table in which it is open.
class ProjectSlotsTest : public testing::Test {
 protected:
  ~ProjectSlotsTest() override {
    RcuBarrier();  // what was retired refers to the reclaimer, and that to the pool
    reclaimer_->Detach();
  }

  std::shared_ptr<ProjectImpl> Open(const std::string& id) {
    slots_.AddClosed(id, id);
    std::string uid;
    EXPECT_TRUE(slots_.WhenOpen(id, [](const absl::Status& status) { EXPECT_TRUE(status.ok()); }));
    EXPECT_TRUE(slots_.StartLoading(id, uid));
    auto first = voxel::MakeRef<Revision>();
    first->info.revision = 1;
    first->document = BlankDocument();
    ProjectIdentity identity;
    identity.id = id;
    identity.uid = uid;
    RestoredProject start{.identity = std::move(identity),
                          .revisions = {{RevisionPtr::Adopt(first.release()), 0}},
                          .kept = {},
                          .history = {},
                          .requests = {},
                          .checkpoints = {},
                          .next_revision = 2};
    ProjectImpl::Parts parts{.store = &store_,
                             .vault = nullptr,
                             .pool = &pool_,
                             .now = &absl::Now,
                             .reclaimer = reclaimer_,
                             .open_work = std::make_shared<OpenWork>(),
                             .pressure = nullptr,
                             .timers = nullptr,
                             .retry_every = absl::Seconds(1)};
    auto project =
        std::make_shared<ProjectImpl>(std::move(start), ProjectOptions(), std::move(parts));
    slots_.Loaded(id, project, absl::OkStatus());
    return project;
  }

  WorkerPool pool_{WorkerPoolOptions()};
  MemoryCommitStore store_;
  const std::shared_ptr<Reclaimer> reclaimer_ = std::make_shared<Reclaimer>(&pool_);
  ProjectSlots slots_;
};

// As whoever deletes it does: it is asked for first, so that it is open, and may leave memory
// before it is taken out.
TEST_F(ProjectSlotsTest, AProjectThatIsGivenUpWhileItIsHeldCanBeRemoved) {
  const std::shared_ptr<ProjectImpl> held = Open("castle");
  slots_.GiveUp(held);
  ASSERT_TRUE(slots_.closed("castle"));
  EXPECT_EQ(slots_.Remove("castle"), held);
  EXPECT_FALSE(slots_.known("castle"));
  EXPECT_EQ(slots_.size(), 0);
  EXPECT_EQ(slots_.Remove("castle"), nullptr);
}

TEST_F(ProjectSlotsTest, OneThatNobodyHoldsMustBeLoadedFirst) {
  std::shared_ptr<ProjectImpl> held = Open("castle");
  slots_.GiveUp(held);
  held = nullptr;
  RcuBarrier();  // readers that found it just before have had it
  EXPECT_EQ(slots_.Remove("castle"), nullptr);
  EXPECT_TRUE(slots_.known("castle"));
  EXPECT_EQ(slots_.size(), 1);
}

}  // namespace
}  // namespace voxeld
