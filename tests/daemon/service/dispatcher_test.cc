#include "daemon/service/dispatcher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "daemon/service/services.h"
#include "daemon/store/memory_commit_store.h"
#include "daemon/store/test_commit_store.h"
#include "voxel/base/error.h"
#include "voxel/base/steady_time.h"
#include "voxeld/v1/admin.pb.h"
#include "voxeld/v1/project.pb.h"
#include "voxeld/v1/voxel.pb.h"

namespace voxeld {
namespace {

v1::SetVoxelsRequest SetRequest(const std::string& project, int32_t x) {
  v1::SetVoxelsRequest request;
  request.set_project(project);
  for (const int32_t v : {x, 0, 0}) request.mutable_voxels()->add_xyz(v);
  request.mutable_voxels()->set_color("#c33");
  return request;
}

// A daemon without sockets: calls go straight to the dispatcher.
class DispatcherTest : public testing::Test {
 protected:
  void Start(std::unique_ptr<CommitStore> store, const Dispatcher::Limits& limits = {},
             const WorkerPoolOptions& workers = {}) {
    store_ = std::move(store);
    pool_ = std::make_unique<WorkerPool>(workers);
    registry_ = ProjectRegistry::Create({}, store_.get(), pool_.get(), &absl::Now);
    services_.registry = registry_.get();
    services_.formats = &formats_;
    services_.timers = &timers_;
    dispatcher_ = std::make_unique<Dispatcher>(&methods_, &services_, pool_.get(), limits);
  }

  // Runs a call to its end and answers its status; *ran_on is the thread that answered.
  absl::Status Call(std::string_view name, const google::protobuf::Message& request,
                    google::protobuf::Message* response,
                    Dispatcher::Inline may_inline = Dispatcher::Inline::kAllowed) {
    CallContext context;
    return CallWith(context, name, request, response, may_inline);
  }
  absl::Status CallWith(CallContext& context, std::string_view name,
                        const google::protobuf::Message& request,
                        google::protobuf::Message* response, Dispatcher::Inline may_inline) {
    const Method* method = methods_.FindByName(name);
    EXPECT_NE(method, nullptr) << name;
    absl::Notification answered;
    absl::Status result;
    dispatcher_->Call(*method, context, request, response, may_inline, [&](absl::Status status) {
      result = std::move(status);
      answered_on_ = std::this_thread::get_id();
      answered.Notify();
    });
    answered.WaitForNotification();
    return result;
  }

  absl::Status Create(const std::string& id) {
    v1::CreateProjectRequest request;
    request.set_project(id);
    v1::ProjectResponse response;
    return Call("project.create", request, &response);
  }
  absl::Status Set(const std::string& id, int32_t x, v1::Change* change = nullptr) {
    const v1::SetVoxelsRequest request = SetRequest(id, x);
    v1::ChangeResponse response;
    const absl::Status status = Call("voxel.set", request, &response);
    if (change != nullptr) *change = response.change();
    return status;
  }
  uint32_t Get(const std::string& id, int32_t x) {
    v1::GetVoxelsRequest request;
    request.set_project(id);
    for (const int32_t v : {x, 0, 0}) request.add_xyz(v);
    v1::GetVoxelsResponse response;
    EXPECT_TRUE(Call("voxel.get", request, &response).ok());
    return response.rgba(0);
  }

  bool AnsweredHere() const { return answered_on_ == std::this_thread::get_id(); }

  const MethodTable methods_;
  const voxel::FormatRegistry formats_;
  Timers timers_;
  std::unique_ptr<CommitStore> store_;
  std::unique_ptr<WorkerPool> pool_;
  std::unique_ptr<ProjectRegistry> registry_;
  Services services_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::thread::id answered_on_;
};

TEST_F(DispatcherTest, SmallCallsRunOnTheCallersThread) {
  Start(std::make_unique<MemoryCommitStore>());
  ASSERT_TRUE(Create("castle").ok());
  ASSERT_TRUE(Set("castle", 3).ok());
  EXPECT_TRUE(AnsweredHere());
  EXPECT_EQ(Get("castle", 3), 0xCC3333FFu);
  EXPECT_TRUE(AnsweredHere());
}

TEST_F(DispatcherTest, NothingRunsInlineWhereThatIsForbidden) {
  Start(std::make_unique<MemoryCommitStore>());
  v1::PingRequest request;
  v1::PingResponse response;
  ASSERT_TRUE(Call("admin.ping", request, &response, Dispatcher::Inline::kNever).ok());
  EXPECT_FALSE(AnsweredHere());
}

TEST_F(DispatcherTest, LargeRequestsLeaveTheCallersThread) {
  Start(std::make_unique<MemoryCommitStore>());
  ASSERT_TRUE(Create("castle").ok());
  v1::ApplyEditsRequest request;
  request.set_project("castle");
  v1::FillBox* box = request.add_edits()->mutable_box();
  box->set_color("#c33");
  for (int axis = 0; axis < 3; ++axis) {
    box->mutable_box()->add_min(0);
    box->mutable_box()->add_max(100);
  }
  v1::ApplyEditsResponse response;
  ASSERT_TRUE(Call("voxel.apply_edits", request, &response).ok());
  EXPECT_FALSE(AnsweredHere());
  EXPECT_EQ(response.change().voxels_changed(), 1000000);
}

TEST_F(DispatcherTest, AnswersWaitForTheCommit) {
  absl::Notification may_commit;
  TestCommitOptions options;
  options.fails = [&](int64_t group) {
    if (group > 1) may_commit.WaitForNotification();
    return false;
  };
  Start(std::make_unique<TestCommitStore>(std::move(options)));
  ASSERT_TRUE(Create("castle").ok());  // group 1
  const v1::SetVoxelsRequest request = SetRequest("castle", 1);
  v1::ChangeResponse response;
  CallContext context;
  absl::Notification answered;
  dispatcher_->Call(*methods_.FindByName("voxel.set"), context, request, &response,
                    Dispatcher::Inline::kAllowed, [&](absl::Status) { answered.Notify(); });
  EXPECT_EQ(Get("castle", 1), voxel::kAir);  // applied, not published
  EXPECT_FALSE(answered.HasBeenNotified());
  // An answered call counts a moment longer than its answer takes; then only the parked one is
  // left.
  while (dispatcher_->in_flight() > 1) std::this_thread::yield();
  EXPECT_EQ(dispatcher_->in_flight(), 1);
  may_commit.Notify();
  answered.WaitForNotification();
  EXPECT_EQ(Get("castle", 1), 0xCC3333FFu);
}

TEST_F(DispatcherTest, AFailedCommitIsAnsweredAndChangesNothing) {
  TestCommitOptions options;
  options.fails = [](int64_t group) { return group == 2; };
  Start(std::make_unique<TestCommitStore>(std::move(options)));
  ASSERT_TRUE(Create("castle").ok());
  EXPECT_EQ(voxel::ReasonOf(Set("castle", 1)), "COMMIT_FAILED");
  EXPECT_EQ(Get("castle", 1), voxel::kAir);
  EXPECT_TRUE(Set("castle", 2).ok());
  EXPECT_EQ(Get("castle", 2), 0xCC3333FFu);
}

TEST_F(DispatcherTest, APassedDeadlineStopsACallBeforeItRuns) {
  Start(std::make_unique<MemoryCommitStore>());
  CallContext context;
  context.deadline = voxel::SteadyNow() - absl::Seconds(1);
  v1::CreateProjectRequest request;
  request.set_project("castle");
  v1::ProjectResponse response;
  const absl::Status status =
      CallWith(context, "project.create", request, &response, Dispatcher::Inline::kAllowed);
  EXPECT_EQ(voxel::ReasonOf(status), "DEADLINE_PASSED");
  EXPECT_EQ(registry_->size(), 0);
}

TEST_F(DispatcherTest, DrainingRefusesNewCalls) {
  Start(std::make_unique<MemoryCommitStore>());
  dispatcher_->Drain();
  EXPECT_EQ(voxel::ReasonOf(Create("castle")), "SHUTTING_DOWN");
  EXPECT_EQ(dispatcher_->in_flight(), 0);
}

TEST_F(DispatcherTest, RetriesAreAnsweredWithTheFirstResult) {
  Start(std::make_unique<MemoryCommitStore>());
  ASSERT_TRUE(Create("castle").ok());
  v1::SetVoxelsRequest request = SetRequest("castle", 1);
  request.mutable_write()->set_request_id("first");
  v1::ChangeResponse first;
  v1::ChangeResponse again;
  ASSERT_TRUE(Call("voxel.set", request, &first).ok());
  ASSERT_TRUE(Call("voxel.set", request, &again).ok());
  EXPECT_TRUE(again.change().replayed());
  again.mutable_change()->clear_replayed();
  EXPECT_EQ(first.SerializeAsString(), again.SerializeAsString());
  request.mutable_voxels()->set_color("#cc4");
  EXPECT_EQ(voxel::ReasonOf(Call("voxel.set", request, &again)), "REQUEST_ID_REUSED");
}

// Pings that wait for the only worker, which is busy until Release.
class QueuedCalls {
 public:
  QueuedCalls(Dispatcher* dispatcher, const Method* ping) : dispatcher_(dispatcher), ping_(ping) {
    absl::Notification begun;
    EXPECT_TRUE(dispatcher_
                    ->RunOnWorker("uid:7",
                                  [&] {
                                    begun.Notify();
                                    released_.WaitForNotification();
                                  })
                    .ok());
    begun.WaitForNotification();
  }
  ~QueuedCalls() { Release(); }

  // Whether a call of that peer waits now; else *why* is what it was told.
  bool Call(std::string_view peer, absl::Status* why = nullptr) {
    auto call = std::make_unique<Ping>();
    call->context.peer = peer;
    bool refused = false;
    dispatcher_->Call(*ping_, call->context, call->request, &call->response,
                      Dispatcher::Inline::kNever, [&, ping = call.get()](absl::Status status) {
                        if (!released_.HasBeenNotified()) {
                          refused = true;
                          if (why != nullptr) *why = std::move(status);
                          return;
                        }
                        EXPECT_TRUE(status.ok());
                        ping->answered.Notify();
                      });
    if (!refused) calls_.push_back(std::move(call));
    return !refused;
  }
  // Lets them all run.
  void Release() {
    if (!released_.HasBeenNotified()) released_.Notify();
    for (const auto& call : calls_) call->answered.WaitForNotification();
  }

 private:
  struct Ping {
    CallContext context;
    v1::PingRequest request;
    v1::PingResponse response;
    absl::Notification answered;
  };
  Dispatcher* const dispatcher_;
  const Method* const ping_;
  absl::Notification released_;
  std::vector<std::unique_ptr<Ping>> calls_;
};

WorkerPoolOptions OneWorker() {
  WorkerPoolOptions options;
  options.min_threads = options.max_threads = 1;
  options.max_queued = 5;
  return options;
}

// The only worker, which is busy while this lives.
class BusyWorker {
 public:
  explicit BusyWorker(Dispatcher* dispatcher) {
    absl::Notification begun;
    EXPECT_TRUE(dispatcher
                    ->RunOnWorker("uid:7",
                                  [&] {
                                    begun.Notify();
                                    released_.WaitForNotification();
                                    ended_.Notify();
                                  })
                    .ok());
    begun.WaitForNotification();
  }
  ~BusyWorker() {
    released_.Notify();
    ended_.WaitForNotification();
  }

 private:
  absl::Notification released_;
  absl::Notification ended_;
};

// A call that is gone, with all that it had, as soon as it is answered.
struct ShortLivedCall {
  CallContext context;
  v1::CreateProjectRequest request;
  v1::ProjectResponse response;
};

TEST_F(DispatcherTest, ACallThatWaitsIsAnsweredAtItsDeadlineAndNeverRuns) {
  Start(std::make_unique<MemoryCommitStore>(), {}, OneWorker());
  const Method& create = *methods_.FindByName("project.create");
  {
    const BusyWorker busy(dispatcher_.get());
    auto call = std::make_unique<ShortLivedCall>();
    call->context.deadline = voxel::SteadyNow() + absl::Milliseconds(20);
    call->context.peer = "uid:7";
    call->request.set_project("castle");
    absl::Notification answered;
    absl::Status result;
    dispatcher_->Call(create, call->context, call->request, &call->response,
                      Dispatcher::Inline::kNever, [&](absl::Status status) {
                        EXPECT_FALSE(answered.HasBeenNotified());
                        result = std::move(status);
                        answered.Notify();
                      });
    answered.WaitForNotification();
    EXPECT_EQ(voxel::ReasonOf(result), "DEADLINE_PASSED");
    call = nullptr;
    // The queue still has its place, whoever stops waits for that; unless it came too late to wait.
    EXPECT_EQ(dispatcher_->in_flight(), static_cast<int64_t>(pool_->queued()));
  }
  while (dispatcher_->in_flight() > 0) std::this_thread::yield();
  EXPECT_EQ(registry_->size(), 0);
  EXPECT_EQ(pool_->queued(), 0u);
}

TEST_F(DispatcherTest, AWriteBehindOthersIsAnsweredAtItsDeadlineAndNeverRuns) {
  Start(std::make_unique<MemoryCommitStore>());
  ASSERT_TRUE(Create("castle").ok());
  absl::Notification released;
  (*registry_->Find("castle"))->strand()->Post([&] { released.WaitForNotification(); });
  const v1::SetVoxelsRequest request = SetRequest("castle", 1);
  v1::ChangeResponse response;
  CallContext context;
  context.deadline = voxel::SteadyNow() + absl::Milliseconds(20);
  EXPECT_EQ(voxel::ReasonOf(
                CallWith(context, "voxel.set", request, &response, Dispatcher::Inline::kAllowed)),
            "DEADLINE_PASSED");
  released.Notify();
  ASSERT_TRUE(Set("castle", 2).ok());  // after it
  EXPECT_EQ(Get("castle", 1), voxel::kAir);
}

TEST_F(DispatcherTest, WorkBeforeACallIsGivenUpAtItsDeadline) {
  Start(std::make_unique<MemoryCommitStore>(), {}, OneWorker());
  {
    const BusyWorker busy(dispatcher_.get());
    CallContext context;
    context.peer = "uid:7";
    context.deadline = voxel::SteadyNow() + absl::Milliseconds(20);
    absl::Notification answered;
    EXPECT_TRUE(dispatcher_
                    ->RunOnWorker(
                        context, [] { ADD_FAILURE(); },
                        [&](const absl::Status& status) {
                          EXPECT_EQ(voxel::ReasonOf(status), "DEADLINE_PASSED");
                          answered.Notify();
                        })
                    .ok());
    answered.WaitForNotification();
  }
  while (dispatcher_->in_flight() > 0) std::this_thread::yield();
}

TEST_F(DispatcherTest, CallsThatBeginInTimeLeaveNoTimers) {
  Start(std::make_unique<MemoryCommitStore>(), {}, OneWorker());
  const Method& ping = *methods_.FindByName("admin.ping");
  v1::PingRequest request;
  v1::PingResponse response;
  CallContext contexts[4];
  std::atomic<int> answered{0};
  {
    const BusyWorker busy(dispatcher_.get());
    for (CallContext& context : contexts) {
      context.peer = "uid:7";
      context.deadline = voxel::SteadyNow() + absl::Hours(1);
      dispatcher_->Call(ping, context, request, &response, Dispatcher::Inline::kNever,
                        [&](const absl::Status& status) {
                          EXPECT_TRUE(status.ok());
                          ++answered;
                        });
    }
    EXPECT_EQ(timers_.waiting(), 4u);
    // One that need not wait needs none.
    CallContext here;
    here.deadline = voxel::SteadyNow() + absl::Hours(1);
    EXPECT_TRUE(
        CallWith(here, "admin.ping", request, &response, Dispatcher::Inline::kAllowed).ok());
    EXPECT_EQ(timers_.waiting(), 4u);
  }
  while (answered < 4) std::this_thread::yield();
  EXPECT_EQ(timers_.waiting(), 0u);
}

TEST_F(DispatcherTest, APeerFillsItsOwnShareOfTheQueueAndNoMore) {
  Start(std::make_unique<MemoryCommitStore>(), {.peer_queue = 2}, OneWorker());
  const Method* const ping = methods_.FindByName("admin.ping");
  for (int round = 0; round < 2; ++round) {  // what ran counts no longer
    QueuedCalls calls(dispatcher_.get(), ping);
    EXPECT_TRUE(calls.Call("uid:7"));  // whose call that runs waits no more
    EXPECT_TRUE(calls.Call("uid:7"));
    absl::Status why;
    EXPECT_FALSE(calls.Call("uid:7", &why));
    EXPECT_EQ(voxel::ReasonOf(why), "OVERLOADED");
    EXPECT_EQ(why.message(), "peer uid:7: 2 calls wait already; retry after 50 ms");
    EXPECT_FALSE(dispatcher_->RunOnWorker("uid:7", [] { ADD_FAILURE(); }).ok());
    EXPECT_TRUE(calls.Call("token:bob"));
    EXPECT_TRUE(calls.Call("token:bob"));
    EXPECT_TRUE(calls.Call("token:eve"));
    EXPECT_FALSE(calls.Call("token:eve", &why));
    EXPECT_EQ(why.message(), "the workers: 5 calls wait already; retry after 50 ms");
  }
}

TEST(PeerWaitsTest, PeersThatWaitForNothingAreForgotten) {
  PeerWaits waits(1);
  std::optional<PeerWaits::Turn> first = waits.Enter("first");
  ASSERT_TRUE(first.has_value());
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(waits.Enter(std::to_string(i)).has_value());
  EXPECT_LE(waits.peers(), 257u);
  EXPECT_FALSE(waits.Enter("first").has_value());  // it still waits
  first->End();
  EXPECT_TRUE(waits.Enter("first").has_value());
}

}  // namespace
}  // namespace voxeld
