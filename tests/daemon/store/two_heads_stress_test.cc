// Promises of the two heads under many threads, with a store that takes 5 ms a group and fails some
// of them: an acknowledged edit is in the final content, nothing that was seen disappears, and
// failures end with themselves.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "tests/daemon/store/project_fixture.h"

namespace voxeld {
namespace {

constexpr int kSide = 12;  // voxels live in a cube of that many bricks on a side: many share one

struct Acknowledged {
  voxel::Coord at;
  voxel::Color color;
};

// What the clients of one run were told.
class Ledger {
 public:
  void Add(int64_t revision, const Acknowledged& edit) {
    absl::MutexLock lock(&mu_);
    ASSERT_TRUE(edits_.emplace(revision, edit).second)
        << "two edits were given revision " << revision;
  }
  void AddFailure() {
    absl::MutexLock lock(&mu_);
    ++failures_;
  }
  std::map<int64_t, Acknowledged> edits() const {
    absl::MutexLock lock(&mu_);
    return edits_;
  }
  int failures() const {
    absl::MutexLock lock(&mu_);
    return failures_;
  }

 private:
  mutable absl::Mutex mu_;
  std::map<int64_t, Acknowledged> edits_ ABSL_GUARDED_BY(mu_);
  int failures_ ABSL_GUARDED_BY(mu_) = 0;
};

// One client: `edits` edits, each answered before the next.
void RunClient(Project& project, uint32_t seed, int edits, bool relaxed, Ledger& ledger) {
  std::mt19937 random(seed);
  const auto coordinate = [&] { return static_cast<int32_t>(random() % kSide) * 5 - 20; };
  for (int i = 0; i < edits; ++i) {
    WriteOptions options;
    options.relaxed = relaxed && random() % 2 == 0;
    const Acknowledged edit{{coordinate(), coordinate(), coordinate()},
                            voxel::Rgba(seed & 255, static_cast<uint32_t>(i) & 255,
                                        static_cast<uint32_t>(random() % 255))};
    const Outcome outcome = Set(project, edit.at, edit.color, options);
    absl::Status status = Await(outcome.ticket);
    if (!outcome.status.ok()) status = outcome.status;
    if (!status.ok()) {
      ASSERT_EQ(Reason(status), "COMMIT_FAILED");
      ledger.AddFailure();
    } else if (outcome.voxels_changed > 0) {
      ledger.Add(outcome.revision, edit);
    }
  }
}

// Reads heads until told to stop, and keeps every revision it saw.
void RunReader(const Project& project, const std::atomic<bool>& stop,
               std::map<int64_t, RevisionPtr>& seen) {
  int64_t last = 0;
  while (!stop.load()) {
    const RevisionPtr head = project.head();
    ASSERT_GE(head->info.revision, last) << "the head went back";
    last = head->info.revision;
    seen.emplace(last, head);
    std::this_thread::yield();
  }
}

// The published chain, oldest first; checks that each names the one before it.
std::vector<RevisionPtr> Chain(const Project& project) {
  std::vector<RevisionPtr> chain = project.Retained(0, 1 << 20);
  std::reverse(chain.begin(), chain.end());
  for (size_t i = 1; i < chain.size(); ++i) {
    EXPECT_EQ(chain[i]->info.previous_revision, chain[i - 1]->info.revision);
    EXPECT_GT(chain[i]->info.revision, chain[i - 1]->info.revision);
  }
  return chain;
}

struct StressOptions {
  TestCommitOptions store;
  int clients = 64;
  int edits = 25;
  bool relaxed = false;
};

void Stress(StressOptions options) {
  const bool fails = options.store.fail_every > 0;
  ProjectOptions keep_all;
  keep_all.retained_bytes = int64_t{1} << 40;
  keep_all.retained_revisions = 1 << 20;
  auto store = std::make_unique<TestCommitStore>(std::move(options.store));
  World world(std::move(store), keep_all);
  const auto project = world.Create();
  Ledger ledger;
  std::atomic<bool> stop{false};
  std::vector<std::map<int64_t, RevisionPtr>> seen(2);
  std::vector<std::thread> readers;
  for (auto& one : seen) readers.emplace_back([&] { RunReader(*project, stop, one); });
  std::vector<std::thread> clients;
  for (int c = 0; c < options.clients; ++c) {
    clients.emplace_back([&, c] {
      RunClient(*project, static_cast<uint32_t>(c + 1), options.edits, options.relaxed, ledger);
    });
  }
  for (std::thread& client : clients) client.join();
  stop.store(true);
  for (std::thread& reader : readers) reader.join();

  const std::vector<RevisionPtr> chain = Chain(*project);
  std::map<int64_t, RevisionPtr> published;
  for (const RevisionPtr& revision : chain) published.emplace(revision->info.revision, revision);
  for (const auto& one : seen) {
    for (const auto& [number, revision] : one) {
      ASSERT_TRUE(published.contains(number)) << "revision " << number << " was seen and is gone";
      ASSERT_TRUE(published.at(number) == revision);
    }
  }
  // All that was acknowledged, in revision order, and nothing else, makes the final content.
  const std::map<int64_t, Acknowledged> edits = ledger.edits();
  ASSERT_EQ(edits.size() + 1, chain.size());
  std::map<voxel::Coord, voxel::Color> content;
  for (const auto& [number, edit] : edits) {
    ASSERT_TRUE(published.contains(number)) << "acknowledged revision " << number << " is lost";
    content[edit.at] = edit.color;
  }
  for (const auto& [at, color] : content) ASSERT_EQ(At(*chain.back(), at), color);
  EXPECT_EQ(chain.back()->document->CountVoxels(), static_cast<int64_t>(content.size()));
  EXPECT_GT(edits.size(), 0u);
  EXPECT_EQ(ledger.failures() > 0, fails);
  // The next edit goes on.
  Outcome next;
  do {
    next = Set(*project, {999, 0, 0}, voxel::Rgba(1, 2, 3));
  } while (!next.status.ok() || !Await(next.ticket).ok());
  EXPECT_EQ(At(*project->head(), {999, 0, 0}), voxel::Rgba(1, 2, 3));
}

TEST(TwoHeadsStressTest, SlowStore) {
  StressOptions options;
  options.store.delay = absl::Milliseconds(5);
  Stress(std::move(options));
}

TEST(TwoHeadsStressTest, StoreThatFailsEveryThirdGroup) {
  StressOptions options;
  options.store.delay = absl::Milliseconds(5);
  options.store.fail_every = 3;
  Stress(std::move(options));
}

TEST(TwoHeadsStressTest, FastStoreThatFailsAtRandom) {
  StressOptions options;
  options.edits = 60;
  options.store.fail_every = 1 << 30;
  auto random = std::make_shared<std::mt19937>(5);
  options.store.fails = [random](int64_t) { return (*random)() % 4 == 0; };
  Stress(std::move(options));
}

TEST(TwoHeadsStressTest, RelaxedAndSyncEditsMixedOnAFailingStore) {
  StressOptions options;
  options.relaxed = true;
  options.store.delay = absl::Milliseconds(1);
  options.store.fail_every = 4;
  Stress(std::move(options));
}

TEST(TwoHeadsStressTest, MemoryStoreAnswersAtOnce) {
  World world;
  const auto project = world.Create();
  Ledger ledger;
  std::vector<std::thread> clients;
  for (uint32_t c = 0; c < 8; ++c) {
    clients.emplace_back([&, c] { RunClient(*project, c + 1, 100, false, ledger); });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(ledger.failures(), 0);
  EXPECT_EQ(ledger.edits().size() + 1, Chain(*project).size());
}

// What the store holds at any moment, the disk after a crash, contains every edit acknowledged by
// then.
TEST(TwoHeadsStressTest, AcknowledgedEditsAreDurableFirst) {
  absl::Mutex mu;
  std::set<int64_t> durable;
  TestCommitOptions options;
  options.delay = absl::Milliseconds(1);
  options.fail_every = 5;
  options.on_durable = [&](const CommitRecord& record) {
    absl::MutexLock lock(&mu);
    durable.insert(record.after->info.revision);
  };
  World world(std::make_unique<TestCommitStore>(std::move(options)));
  const auto project = world.Create();
  std::vector<std::thread> clients;
  for (int c = 0; c < 16; ++c) {
    clients.emplace_back([&, c] {
      for (int i = 0; i < 20; ++i) {
        const Outcome outcome = Set(*project, {c, i, 0}, voxel::Rgba(9, 9, 9));
        if (!outcome.status.ok() || !Await(outcome.ticket).ok()) continue;
        absl::MutexLock lock(&mu);
        ASSERT_TRUE(durable.contains(outcome.revision));
      }
    });
  }
  for (std::thread& client : clients) client.join();
}

// Several connections send one request at the same time, over and over, on a failing store: it is
// applied once.
TEST(TwoHeadsStressTest, RacingTwinsOfARequestApplyOnce) {
  TestCommitOptions store;
  store.delay = absl::Milliseconds(1);
  store.fail_every = 3;
  World world(std::make_unique<TestCommitStore>(std::move(store)));
  const auto project = world.Create();
  for (int round = 0; round < 30; ++round) {
    std::atomic<int> applied{0};
    std::vector<std::thread> twins;
    for (int t = 0; t < 6; ++t) {
      twins.emplace_back([&] {
        WriteOptions options;
        options.request_id = "round " + std::to_string(round);
        options.request_hash = 1;
        for (;;) {
          const Outcome outcome =
              Mutate(*project, options, SetVoxel({round, 0, 0}, voxel::Rgba(1, 1, 1)), "yes");
          if (!outcome.status.ok() || !Await(outcome.ticket).ok()) continue;
          if (outcome.replayed) {
            ASSERT_EQ(outcome.answer, "yes");
          } else {
            ++applied;
          }
          return;
        }
      });
    }
    for (std::thread& twin : twins) twin.join();
    ASSERT_EQ(applied.load(), 1);
  }
}

}  // namespace
}  // namespace voxeld
