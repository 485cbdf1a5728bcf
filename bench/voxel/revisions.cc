// What needs revisions: differences, undo, and a commit beside a large revision that goes.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "bench/voxel/cases.h"
#include "bench/voxel/our_grid.h"
#include "bench/voxel/sides.h"
#include "daemon/store/memory_commit_store.h"
#include "daemon/store/project_registry.h"
#include "daemon/store/undo_plan.h"
#include "voxel/grid/diff.h"

namespace voxel {
namespace {

using Clock = std::chrono::steady_clock;

void DiffInOneBrick(benchmark::State& state) {
  const Volume& before = SharedBall<OurGrid>().volume();
  const Coord corner{128, 128, 128};
  VolumeEditor editor(before);
  for (int i = 0; i < kBrickVoxels; i += 2) {
    editor.Set(corner + Coord{i & 15, i >> 4 & 15, i >> 8}, kPaint);
  }
  const Volume after = editor.Commit();
  VOXEL_CHECK(Diff(before, after).total() == kBrickVoxels / 2);
  for (auto _ : state) benchmark::DoNotOptimize(Diff(before, after));
}

// A project in memory whose one step recoloured the whole ball.
class RecoloredProject {
 public:
  RecoloredProject() {
    voxeld::NewProject wanted;
    wanted.id = "p";
    wanted.document = SharedBall<OurGrid>().document();
    voxeld::CommitTicket ticket;
    project = *registry_->Add(wanted, ticket);
    absl::Notification created;
    ticket.Then([&](const absl::Status&) { created.Notify(); });
    created.WaitForNotification();
    Run([&] {
      OurGrid grid = SharedBall<OurGrid>().Copy();
      for (uint32_t i = 0; i < 16; ++i) grid.Recolor(OneOf16(i), Rgba(i, 1, 1));
      const auto change = [&](const voxeld::Revision&) { return grid.document(); };
      const auto outcome = project->Mutate({}, change, [](const voxeld::Outcome&, std::string*) {});
      VOXEL_CHECK(outcome.voxels_changed == BallVoxels());
    });
  }
  void Run(absl::FunctionRef<void()> task) { VOXEL_CHECK(project->strand()->TryRunInline(task)); }

 private:
  voxeld::WorkerPool pool_{voxeld::WorkerPoolOptions()};
  voxeld::MemoryCommitStore store_;
  std::unique_ptr<voxeld::ProjectRegistry> registry_ =
      voxeld::ProjectRegistry::Create({}, &store_, &pool_, &absl::Now);

 public:
  std::shared_ptr<voxeld::Project> project;
};

// Which content an undo and a redo go to: all there is to them but counting, numbering and
// publishing, which every edit has.
void PlanUndoAndRedo(benchmark::State& state) {
  RecoloredProject world;
  std::vector<voxeld::RevisionPtr> revisions = world.project->Retained(0, 2);
  const auto find = [&](int64_t number) -> voxeld::RevisionPtr {
    for (const voxeld::RevisionPtr& revision : revisions) {
      if (revision->info.revision == number) return revision;
    }
    return nullptr;
  };
  voxeld::UndoHistory history;
  const voxeld::RevisionPtr& last = revisions.front();
  voxeld::HistoryChange step;
  step.kind = voxeld::HistoryChange::Kind::kStep;
  step.step.before = last->info.previous_revision;
  step.step.after = last->info.revision;
  history.Apply(step);
  bool undo = true;
  for (auto _ : state) {
    const voxeld::UndoPlan plan =
        PlanForProject(undo ? voxeld::UndoDirection::kUndo : voxeld::UndoDirection::kRedo, 1,
                       history, *last, find);
    history.Apply(plan.history);
    undo = !undo;
    benchmark::DoNotOptimize(plan.document.get());
  }
}

// The whole way of an undo or redo to the published head, its exact counts included.
void UndoAndRedo(benchmark::State& state) {
  RecoloredProject world;
  const auto no_answer = [](const voxeld::UndoOutcome&, std::string*) {};
  bool undo = true;
  for (auto _ : state) {
    world.Run([&] {
      const auto scope = voxeld::UndoScope::kProject;
      const voxeld::UndoOutcome outcome = undo ? world.project->Undo(1, scope, {}, {}, no_answer)
                                               : world.project->Redo(1, scope, {}, {}, no_answer);
      VOXEL_CHECK(outcome.done == 1 && outcome.voxels_changed == BallVoxels());
    });
    undo = !undo;
  }
}

// About 500 MB of raw bricks.
Volume LargeVolume() {
  VolumeEditor editor{Volume()};
  DenseBrick voxels;
  for (int i = 0; i < kBrickVoxels; ++i) voxels[static_cast<size_t>(i)] = Distinct(1u + i);
  for (int i = 0; i < 31'000; ++i) {
    voxels[0] = Distinct(10'000u + i);
    editor.PutBrick({(i & 31) * 16, (i >> 5 & 31) * 16, (i >> 10) * 16}, voxels);
  }
  return editor.Commit();
}

// Commits one voxel after the other while another thread frees `large`; how long each took.
std::vector<double> CommitWhileFreeing(Volume large) {
  const std::vector<Coord>& places = BallPoints();
  Volume volume = SharedBall<OurGrid>().volume();
  std::vector<Volume> history(64, volume);
  std::vector<double> seconds;
  std::atomic<bool> freeing{false};
  std::atomic<bool> freed{false};
  std::thread other([&] {
    freeing.store(true);
    large = Volume();
    freed.store(true);
  });
  while (!freeing.load()) std::this_thread::yield();
  for (uint32_t i = 0; !freed.load(); ++i) {
    const Clock::time_point start = Clock::now();
    VolumeEditor editor(volume);
    editor.Set(places[i % kPoints], OneOf16(i / 3));
    volume = editor.Commit();
    history[i % history.size()] = volume;
    seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
  }
  other.join();
  return seconds;
}

// The time is the 99th percentile of the commits beside as many frees as give enough of them.
void CommitBesideAFree(benchmark::State& state) {
  constexpr int64_t kCommits = 5000;
  for (auto _ : state) {
    std::vector<double> seconds;
    int frees = 0;
    for (; std::ssize(seconds) < kCommits; ++frees) {
      Volume large = LargeVolume();
      VOXEL_CHECK(large.Bytes() > 500'000'000);
      const std::vector<double> more = CommitWhileFreeing(std::move(large));
      seconds.insert(seconds.end(), more.begin(), more.end());
    }
    const auto rank = seconds.begin() + std::ssize(seconds) * 99 / 100;
    std::nth_element(seconds.begin(), rank, seconds.end());
    state.SetIterationTime(*rank);
    state.counters["commits"] = static_cast<double>(seconds.size());
    state.counters["frees"] = frees;
  }
}

}  // namespace

void RegisterRevisions() {
  Case("diff_brick", "ours", DiffInOneBrick);
  Case("undo_plan", "ours", PlanUndoAndRedo);
  Case("undo_counted", "ours", UndoAndRedo);
  Case("commit_beside_free", "ours", CommitBesideAFree)->Iterations(1)->UseManualTime();
}

}  // namespace voxel
