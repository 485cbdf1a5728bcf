// What a project costs its readers and its writer, and how many acknowledged edits a second it
// takes from 64 clients when each group commit takes 5 ms and 200 watches are open.
#include <benchmark/benchmark.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "daemon/store/memory_commit_store.h"
#include "daemon/store/project_registry.h"
#include "daemon/store/test_commit_store.h"
#include "voxel/base/check.h"
#include "voxel/ops/apply.h"

namespace voxeld {
namespace {

struct World {
  explicit World(std::unique_ptr<CommitStore> made)
      : store(std::move(made)),
        registry(ProjectRegistry::Create({}, store.get(), &pool, &absl::Now)) {
    auto layer = voxel::MakeRef<voxel::Layer>();
    layer->id = "main";
    auto document = voxel::MakeRef<voxel::Document>();
    document->layers.push_back(voxel::RefPtr<const voxel::Layer>::Adopt(layer.release()));
    NewProject wanted;
    wanted.id = "p";
    wanted.document = voxel::RefPtr<const voxel::Document>::Adopt(document.release());
    CommitTicket ticket;
    project = *registry->Add(wanted, ticket);
    absl::Notification created;
    ticket.Then([&](const absl::Status&) { created.Notify(); });
    created.WaitForNotification();
  }

  WorkerPool pool{WorkerPoolOptions()};
  std::unique_ptr<CommitStore> store;
  std::unique_ptr<ProjectRegistry> registry;
  std::shared_ptr<Project> project;
};

Outcome SetOne(Project& project, voxel::Coord at, voxel::Color color) {
  const auto change =
      [&](const Revision& applied) -> absl::StatusOr<voxel::RefPtr<const voxel::Document>> {
    voxel::Edit edit;
    edit.op = voxel::SetVoxels{{at}, {color}};
    auto result = voxel::ApplyEdits(applied.document, {&edit, 1}, {});
    if (!result.ok()) return result.status();
    return result->document;
  };
  return project.Mutate({}, change, [](const Outcome&, std::string*) {});
}

// Pins and releases the head. All threads read one project.
void BM_Head(benchmark::State& state) {
  static World* world = nullptr;
  if (state.thread_index() == 0) world = new World(std::make_unique<MemoryCommitStore>());
  for (auto _ : state) benchmark::DoNotOptimize(world->project->head()->info.revision);
  if (state.thread_index() == 0) delete world;
}
BENCHMARK(BM_Head)->ThreadRange(1, 2);

void BM_Find(benchmark::State& state) {
  World world(std::make_unique<MemoryCommitStore>());
  for (auto _ : state) benchmark::DoNotOptimize(world.registry->Find("p").ok());
}
BENCHMARK(BM_Find);

// One voxel, inline on a free strand, in memory: the whole way from the change to the published
// head.
void BM_OneVoxelEdit(benchmark::State& state) {
  World world(std::make_unique<MemoryCommitStore>());
  uint32_t i = 0;
  for (auto _ : state) {
    ++i;
    const voxel::Coord at{static_cast<int32_t>(i % 64), static_cast<int32_t>(i / 64 % 64), 0};
    VOXEL_CHECK(world.project->strand()->TryRunInline([&] {
      VOXEL_CHECK(SetOne(*world.project, at, voxel::Rgba(i & 255, i >> 8 & 255, 1)).status.ok());
    }));
  }
}
BENCHMARK(BM_OneVoxelEdit);

// A watch that takes what there is and waits again.
struct Pump : std::enable_shared_from_this<Pump> {
  std::unique_ptr<WatchCursor> cursor;
  std::atomic<int64_t>* seen = nullptr;

  void Run() {
    for (;;) {
      const auto next = cursor->Next();
      if (!next.ok()) return;
      if (!*next) break;
      seen->fetch_add(1, std::memory_order_relaxed);
    }
    cursor->Arm([self = shared_from_this()] { self->Run(); });
  }
};

// Clients that each send the next edit when the last one is answered, without a thread of their
// own.
struct Client : std::enable_shared_from_this<Client> {
  Project* project = nullptr;
  std::atomic<int64_t>* left = nullptr;
  std::atomic<int>* running = nullptr;
  absl::Notification* done = nullptr;
  int32_t x = 0;
  uint32_t n = 0;

  void Next() {
    if (left->fetch_sub(1, std::memory_order_relaxed) <= 0) {
      if (running->fetch_sub(1) == 1) done->Notify();
      return;
    }
    project->strand()->Post([self = shared_from_this()] {
      const uint32_t n = ++self->n;
      SetOne(*self->project, {self->x, static_cast<int32_t>(n % 50), 0},
             voxel::Rgba(n & 255, n >> 8 & 255, 1))
          .ticket.Then([self](const absl::Status& status) {
            VOXEL_CHECK(status.ok());
            self->Next();
          });
    });
  }
};

void BM_SixtyFourClientsOnASlowStore(benchmark::State& state) {
  constexpr int64_t kEdits = 20'000;
  TestCommitOptions options;
  options.delay = absl::Milliseconds(5);
  World world(std::make_unique<TestCommitStore>(std::move(options)));
  std::atomic<int64_t> seen{0};
  for (int64_t i = 0; i < state.range(0); ++i) {
    auto pump = std::make_shared<Pump>();
    pump->cursor = *world.project->Watch(0);
    pump->seen = &seen;
    pump->Run();
  }
  for (auto _ : state) {
    std::atomic<int64_t> left{kEdits};
    std::atomic<int> running{64};
    absl::Notification done;
    for (int32_t c = 0; c < 64; ++c) {
      auto client = std::make_shared<Client>();
      client->project = world.project.get();
      client->left = &left;
      client->running = &running;
      client->done = &done;
      client->x = c;
      client->Next();
    }
    done.WaitForNotification();
  }
  state.SetItemsProcessed(state.iterations() * kEdits);
  state.counters["delivered"] = static_cast<double>(seen.load());
  CommitTicket removed;
  VOXEL_CHECK(world.registry->Remove("p", removed).ok());
}
BENCHMARK(BM_SixtyFourClientsOnASlowStore)
    ->Arg(0)
    ->Arg(200)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace voxeld

BENCHMARK_MAIN();
