// What a durable edit of one voxel takes while its project is folded all the time, beside the same
// without folding. In VOXELD_BENCH_DIR, or the current directory: a real disk.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX's

#include <algorithm>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "bench/landscape.h"
#include "daemon/disk/disk_store.h"
#include "daemon/store/project_registry.h"
#include "voxel/base/check.h"
#include "voxel/ops/apply.h"

namespace voxeld {
namespace {

namespace fs = std::filesystem;

constexpr int kSide = 1024;

std::string NewDirectory() {
  const char* const place = getenv("VOXELD_BENCH_DIR");  // NOLINT(concurrency-mt-unsafe)
  std::string name = std::string(place == nullptr ? "." : place) + "/fold_bench_XXXXXX";
  VOXEL_CHECK(mkdtemp(name.data()) != nullptr);
  return name;
}

// A landscape on the disk, in a project that retains next to nothing.
class Kept {
 public:
  explicit Kept(bool folding) {
    DiskOptions disk;
    disk.dir = dir_;
    disk.file.upkeep.fold_bytes = folding ? 1 : std::numeric_limits<int64_t>::max();
    disk.file.upkeep.fold_percent = 0;
    store_ = DiskStore::Open(disk, "a benchmark", &log_).value();
    RegistryOptions options;
    options.project.retained_revisions = 8;
    registry_ = ProjectRegistry::Create(options, store_.get(), &pool_, &absl::Now);
    auto layer = voxel::MakeRef<voxel::Layer>();
    layer->id = "main";
    layer->volume = voxel::Landscape(kSide);
    auto document = voxel::MakeRef<voxel::Document>();
    document->layers.push_back(std::move(layer));
    NewProject wanted;
    wanted.id = "p";
    wanted.document = std::move(document);
    CommitTicket ticket;
    project_ = *registry_->Add(wanted, ticket);
    Wait(ticket);
  }
  ~Kept() {
    project_ = nullptr;
    registry_ = nullptr;
    store_ = nullptr;
    fs::remove_all(dir_);
  }

  void Edit(int i) {
    absl::Notification kept;
    project_->strand()->Post([&] {
      const auto change =
          [&](const Revision& applied) -> absl::StatusOr<voxel::RefPtr<const voxel::Document>> {
        voxel::Edit edit;
        edit.op = voxel::SetVoxels{{{i * 7 % kSide, i * 3 % kSide, 200}},
                                   {voxel::Rgba(i % 256, i / 256, 2)}};
        auto result = voxel::ApplyEdits(applied.document, {&edit, 1}, {});
        VOXEL_CHECK(result.ok());
        return result->document;
      };
      project_->Mutate({}, change, [](const Outcome&, std::string*) {})
          .ticket.Then([&](const absl::Status& status) {
            VOXEL_CHECK(status.ok());
            kept.Notify();
          });
    });
    kept.WaitForNotification();
  }

  int64_t folds() const {
    for (const auto& entry : fs::directory_iterator(dir_ + "/projects")) {
      if (!std::string(entry.path()).ends_with(".voxels")) continue;
      const auto db = SqliteDb::Open(entry.path(), SqliteDb::Mode::kReadWrite, "");
      return (*db)->Number("SELECT max(generation) FROM base").value();
    }
    return 0;
  }

 private:
  static void Wait(const CommitTicket& ticket) {
    absl::Notification done;
    ticket.Then([&](const absl::Status& status) {
      VOXEL_CHECK(status.ok());
      done.Notify();
    });
    done.WaitForNotification();
  }

  const std::string dir_ = NewDirectory();
  const Log log_{open("/dev/null", O_WRONLY | O_CLOEXEC), Severity::kError};
  WorkerPool pool_{WorkerPoolOptions()};
  std::unique_ptr<DiskStore> store_;
  std::unique_ptr<ProjectRegistry> registry_;
  std::shared_ptr<Project> project_;
};

void BM_DurableEdit(benchmark::State& state) {
  Kept kept(state.range(0) != 0);
  std::vector<int64_t> took;
  int i = 0;
  for (auto _ : state) {
    const absl::Time begin = absl::Now();
    kept.Edit(i++);
    took.push_back(absl::ToInt64Microseconds(absl::Now() - begin));
  }
  std::sort(took.begin(), took.end());
  const auto at = [&](double share) {
    return static_cast<double>(
        took[static_cast<size_t>(share * static_cast<double>(took.size() - 1))]);
  };
  state.counters["p50_us"] = at(0.5);
  state.counters["p99_us"] = at(0.99);
  state.counters["p999_us"] = at(0.999);
  state.counters["max_us"] = at(1);
  state.counters["folds"] = static_cast<double>(kept.folds());
}
BENCHMARK(BM_DurableEdit)->ArgName("folding")->Arg(0)->Arg(1)->Iterations(10000)->UseRealTime();

}  // namespace
}  // namespace voxeld

BENCHMARK_MAIN();
