#include "daemon/disk/disk_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "daemon/disk/end_mark.h"
#include "daemon/disk/sqlite_db.h"
#include "gtest/gtest.h"
#include "tests/daemon/disk/disk_session.h"
#include "tests/daemon/disk/kept_fixture.h"
#include "tests/support/colors.h"

namespace voxeld {
namespace {

namespace fs = std::filesystem;
using voxel::Rgba;

using voxel::kRed;

using DiskStoreTest = KeptTest;

TEST_F(DiskStoreTest, ProjectsComeBackWithContentHistoryAndAnswers) {
  uint64_t hash = 0;
  std::string uid;
  absl::Time changed;
  {
    Kept kept(dir_);
    const auto project = kept.Create("castle");
    uid = project->identity().uid;
    for (int x = 0; x < 5; ++x) {
      ASSERT_TRUE(Keep(Mutate(*project, RequestOfAnn("r" + std::to_string(x)),
                              SetVoxel({x, 0, -x}, kRed), "answer " + std::to_string(x)))
                      .ok());
    }
    hash = project->head()->document->ContentHash();
    changed = project->head()->info.time;
  }
  Kept kept(dir_);
  const auto listed = kept.registry().List("", "", 10);
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_FALSE(listed[0].open);
  EXPECT_TRUE(kept.registry().closed("castle"));
  const auto project = kept.Find("castle");
  EXPECT_EQ(project->identity().uid, uid);
  EXPECT_EQ(project->head()->info.revision, 6);
  EXPECT_EQ(project->head()->info.actor, "ann");
  EXPECT_EQ(project->head()->info.time, changed);
  EXPECT_EQ(project->head()->document->ContentHash(), hash);
  EXPECT_EQ(At(**project->At(3), {1, 0, -1}), kRed);
  EXPECT_EQ(At(**project->At(3), {2, 0, -2}), voxel::kAir);

  const Outcome again = Mutate(*project, RequestOfAnn("r2"), SetVoxel({9, 9, 9}, kRed));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.answer, "answer 2");
  EXPECT_EQ(again.revision, 4);
  EXPECT_EQ(Reason(Mutate(*project, RequestOfAnn("r2", 8), SetVoxel({9, 9, 9}, kRed)).status),
            "REQUEST_ID_REUSED");

  const UndoOutcome undone = UndoSteps(*project, 2, UndoScope::kProject);
  EXPECT_EQ(undone.done, 2u);
  EXPECT_EQ(undone.undo_left, 3u);
  ASSERT_TRUE(Keep(undone).ok());
  EXPECT_EQ(project->head()->info.revision, 7);
  EXPECT_EQ(At(*project->head(), {3, 0, -3}), voxel::kAir);
}

TEST_F(DiskStoreTest, RedoAndActorsStepsSurvive) {
  {
    Kept kept(dir_);
    const auto project = kept.Create("p");
    ASSERT_TRUE(Keep(Set(*project, {0, 0, 0}, kRed, By("ann"))).ok());
    ASSERT_TRUE(Keep(Set(*project, {1, 0, 0}, kRed, By("bob"))).ok());
    ASSERT_TRUE(Keep(UndoSteps(*project, 1, UndoScope::kProject)).ok());
  }
  {
    Kept kept(dir_);
    const auto project = kept.Find("p");
    const UndoOutcome redone = RedoSteps(*project, 1, UndoScope::kProject);
    EXPECT_EQ(redone.done, 1u);
    ASSERT_TRUE(Keep(redone).ok());
    EXPECT_EQ(At(*project->head(), {1, 0, 0}), kRed);
    // A step of ann's that meets only conflicts makes no revision, and is kept all the same.
    ASSERT_TRUE(Keep(Set(*project, {0, 0, 0}, Rgba(1, 2, 3), By("bob"))).ok());
    const UndoOutcome conflict = UndoSteps(*project, 1, UndoScope::kActor, By("ann"));
    EXPECT_EQ(conflict.conflicts, 1);
    ASSERT_TRUE(Keep(conflict).ok());
  }
  Kept kept(dir_);
  EXPECT_EQ(UndoSteps(*kept.Find("p"), 1, UndoScope::kActor, By("ann")).done, 0u);
}

CheckpointOutcome Mark(Project& project, const std::string& name, int64_t revision = 0) {
  WriteOptions options = By("ann");
  options.comment = "why " + name;
  return OnStrand(project, [&] {
    return project.SetCheckpoint(name, revision, /*move=*/true, options,
                                 [](const CheckpointOutcome&, std::string*) {});
  });
}

TEST_F(DiskStoreTest, CheckpointsKeepTheirRevisionsOverRestarts) {
  RegistryOptions options;
  options.project.retained_revisions = 4;
  uint64_t hash = 0;
  {
    Kept kept(dir_, options);
    const auto project = kept.Create("p");
    ASSERT_TRUE(Keep(Set(*project, {0, 0, 0}, kRed)).ok());
    ASSERT_TRUE(Keep(Mark(*project, "first")).ok());
    hash = project->head()->document->ContentHash();
    for (int x = 1; x < 2000; ++x) ASSERT_TRUE(Set(*project, {x, 0, 0}, kRed).status.ok());
    ASSERT_TRUE(Keep(Mark(*project, "last")).ok());
    ASSERT_TRUE(Keep(Mark(*project, "moved", 1999)).ok());
    ASSERT_TRUE(Keep(Mark(*project, "moved", 2)).ok());
    ASSERT_TRUE(Keep(Mark(*project, "gone")).ok());
    const CheckpointOutcome gone = OnStrand(*project, [&] {
      return project->DeleteCheckpoint("gone", {}, [](const CheckpointOutcome&, std::string*) {});
    });
    ASSERT_TRUE(Keep(gone).ok());
  }
  for (int restart = 0; restart < 2; ++restart) {
    Kept kept(dir_, options);
    const auto project = kept.Find("p");
    const CheckpointsPtr checkpoints = project->checkpoints();
    ASSERT_EQ(checkpoints->all().size(), 3u);
    EXPECT_EQ(checkpoints->Find("gone"), nullptr);
    EXPECT_EQ(checkpoints->Find("moved")->revision->info.revision, 2);
    EXPECT_EQ(checkpoints->Find("last")->revision->info.revision, 2001);
    const Checkpoint* first = checkpoints->Find("first");
    EXPECT_EQ(first->actor, "ann");
    EXPECT_EQ(first->comment, "why first");
    EXPECT_EQ(Reason(project->At(1).status()), "REVISION_DROPPED");
    ASSERT_TRUE(project->At(2).ok());
    EXPECT_EQ((*project->At(2))->document->ContentHash(), hash);
    ASSERT_TRUE(Keep(Set(*project, {0, 1 + restart, 0}, kRed)).ok());
  }
}

TEST_F(DiskStoreTest, CheckpointsKeepTheirRevisionsOverFoldsAndRestarts) {
  RegistryOptions options;
  options.project.retained_revisions = 4;
  DiskOptions disk = InDir(dir_);
  disk.file.upkeep.fold_bytes = 1000;
  disk.file.upkeep.fold_percent = 0;
  std::vector<std::pair<int64_t, uint64_t>> named;  // revision, content
  for (int round = 0; round < 3; ++round) {
    Kept kept(disk, options);
    const auto project = round == 0 ? kept.Create("p") : kept.Find("p");
    const auto is_folded = [&] {
      const auto db = SqliteDb::Open(FileOf("p"), SqliteDb::Mode::kReadWrite, "");
      return *(*db)->Number("SELECT count(DISTINCT revision) FROM kept") == round + 1;
    };
    EXPECT_EQ(project->checkpoints()->all().size(), static_cast<size_t>(round));
    ASSERT_TRUE(Keep(Set(*project, {0, 0, round}, kRed)).ok());
    ASSERT_TRUE(Keep(Mark(*project, "round" + std::to_string(round))).ok());
    named.emplace_back(project->head()->info.revision, project->head()->document->ContentHash());
    int x = 1;
    for (; x < 100000 && !is_folded(); ++x) {
      ASSERT_TRUE(Keep(Set(*project, {x, 1 + round, 0}, kRed)).ok());
    }
    ASSERT_LT(x, 100000) << "nothing was folded";
    for (const auto& [revision, content] : named) {
      ASSERT_TRUE(project->At(revision).ok());
      EXPECT_EQ((*project->At(revision))->document->ContentHash(), content);
    }
  }
  Kept kept(disk, options);
  const auto project = kept.Find("p");
  for (const auto& [revision, content] : named) {
    ASSERT_TRUE(project->At(revision).ok());
    EXPECT_EQ((*project->At(revision))->document->ContentHash(), content);
    EXPECT_EQ(Reason(project->At(revision + 1).status()), "REVISION_DROPPED");
  }
  const auto report = kept.store().Check(project->identity().uid, {});
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->findings, std::vector<std::string>{});
}

TEST_F(DiskStoreTest, FileWithoutCheckpointsIsBroughtUp) {
  {
    Kept kept(dir_);
    ASSERT_TRUE(Keep(Set(*kept.Create("p"), {0, 0, 0}, kRed)).ok());
  }
  {
    const auto db = SqliteDb::Open(FileOf("p"), SqliteDb::Mode::kReadWrite, "");
    ASSERT_TRUE(db.ok());
    ASSERT_TRUE((*db)->Execute("DROP TABLE checkpoints; PRAGMA user_version = 2").ok());
  }
  {
    Kept kept(dir_);
    const auto project = kept.Find("p");
    EXPECT_EQ(At(*project->head(), {0, 0, 0}), kRed);
    ASSERT_TRUE(Keep(Mark(*project, "first")).ok());
  }
  EXPECT_NE(Kept(dir_).Find("p")->checkpoints()->Find("first"), nullptr);
}

TEST_F(DiskStoreTest, RelaxedRevisionsBecomeDurableAndTheirNumbersAreNeverGivenAgain) {
  WriteOptions relaxed;
  relaxed.relaxed = true;
  int64_t seen = 0;
  {
    Kept kept(dir_);
    const auto project = kept.Create("p");
    for (int x = 0; x < 100; ++x) ASSERT_TRUE(Keep(Set(*project, {x, 0, 0}, kRed, relaxed)).ok());
    seen = project->head()->info.revision;
    EXPECT_EQ(seen, 101);
  }
  Kept kept(dir_);
  const auto project = kept.Find("p");
  EXPECT_EQ(project->head()->info.revision, seen);
  ASSERT_TRUE(Keep(Set(*project, {0, 1, 0}, kRed)).ok());
  EXPECT_GT(project->head()->info.revision, seen);
  EXPECT_EQ(project->head()->info.previous_revision, seen);
}

TEST_F(DiskStoreTest, ARelaxedRevisionIsSyncedInItsTimeWhateverFollows) {
  WriteOptions relaxed;
  relaxed.relaxed = true;
  DiskOptions options = InDir(dir_);
  options.relaxed_delay = absl::Milliseconds(500);
  Kept kept(options);
  const auto project = kept.Create("p");
  ASSERT_TRUE(Keep(Set(*project, {0, 0, 0}, kRed, relaxed)).ok());  // numbers are held back
  ASSERT_TRUE(Keep(Set(*project, {0, 1, 0}, kRed)).ok());
  const auto watch = project->Watch(0);  // tells what is durable
  ASSERT_TRUE(watch.ok());
  bool synced = false;
  // If each made the others wait anew, none would be synced before they end.
  for (int x = 1; x < 5000 && !synced; ++x) {
    ASSERT_TRUE(Keep(Set(*project, {x, 0, 0}, kRed, relaxed)).ok());
    absl::SleepFor(absl::Milliseconds(1));
    absl::StatusOr<RevisionPtr> next = (*watch)->Next();
    for (; next.ok() && *next != nullptr; next = (*watch)->Next()) {
      // The first ones may have been written with the one before them.
      synced = synced || (*next)->info.revision > 100;
    }
    ASSERT_TRUE(next.ok());
  }
  EXPECT_TRUE(synced);
}

TEST_F(DiskStoreTest, RemovedProjectsAreGoneAndTheirIdIsFree) {
  {
    Kept kept(dir_);
    kept.Create("p");
    CommitTicket removed;
    ASSERT_TRUE(kept.registry().Remove("p", removed).ok());
    ASSERT_TRUE(Await(removed).ok());
    EXPECT_TRUE(FileOf("p").empty());
    const auto again = kept.Create("p");
    ASSERT_TRUE(Keep(Set(*again, {0, 0, 0}, kRed)).ok());
  }
  Kept kept(dir_);
  EXPECT_EQ(kept.registry().size(), 1);
  EXPECT_EQ(kept.Find("p")->head()->info.revision, 2);
}

// Deletions wait at the door of the folder until they are let in.
class SlowDeletion : public DiskOps {
 public:
  int Rename(const std::string& from, const std::string& to) override {
    if (to.find("/.gone-") != to.npos) {
      arrived.Notify();
      let_in.WaitForNotification();
    }
    return DiskOps::Rename(from, to);
  }
  absl::Notification arrived, let_in;
};

TEST_F(DiskStoreTest, ProjectIsMadeOnceTheOneThatHadItsIdIsOffTheDisk) {
  SlowDeletion ops;
  DiskOptions options = InDir(dir_);
  options.file.ops = &ops;
  Kept kept(options);
  const std::string uid = kept.Create("castle")->identity().uid;
  const fs::path old = FileOf("castle");
  CommitTicket removed, made;
  ASSERT_TRUE(kept.registry().Remove("castle", removed).ok());
  ops.arrived.WaitForNotification();
  ASSERT_TRUE(kept.registry().Add(BlankProject("castle"), made).ok());
  kept.Create("tower");  // time for the other one to be made, if it were
  EXPECT_FALSE(made.ready());
  EXPECT_EQ(FileOf("castle"), old);
  ops.let_in.Notify();
  EXPECT_TRUE(Await(removed).ok());
  EXPECT_TRUE(Await(made).ok());
  EXPECT_FALSE(fs::exists(old));
  EXPECT_NE(kept.Find("castle")->identity().uid, uid);
}

TEST_F(DiskStoreTest, OfTwoFilesWithOneIdTheOneWrittenLastIsTheProjectAndStaysIt) {
  {
    Kept kept(dir_);
    ASSERT_TRUE(Keep(Set(*kept.Create("castle"), {1, 0, 0}, kRed)).ok());
  }
  // What a daemon that is killed while it puts one in the place of another leaves.
  const fs::path newer = FileOf("castle");
  const fs::path older = dir_ + "/projects/castle." + std::string(32, '0') + ".voxels";
  fs::copy(newer, older);
  std::ofstream(older.string() + kEndMarkSuffix) << "-";
  const auto written = fs::last_write_time(newer);
  fs::last_write_time(older, written - std::chrono::hours(1));
  std::ofstream(older.string() + "-wal").flush();  // as somebody leaves who only reads it
  const std::string aside = older.string() + ".aside";
  for (int start = 0; start < 2; ++start) {
    Kept kept(dir_);
    EXPECT_EQ(kept.registry().size(), 1);
    EXPECT_TRUE(newer.string().find(kept.Find("castle")->identity().uid) != std::string::npos);
    EXPECT_FALSE(fs::exists(older));
    EXPECT_TRUE(fs::exists(aside));
    EXPECT_TRUE(fs::exists(aside + kEndMarkSuffix));
    fs::last_write_time(aside, fs::last_write_time(newer) + std::chrono::hours(1));
  }
}

TEST_F(DiskStoreTest, CreationIsRememberedWithItsRequest) {
  NewProject wanted = BlankProject("p");
  wanted.request_id = "create";
  wanted.request_hash = 5;
  wanted.answer = [](const Project& project) { return project.identity().id + " made"; };
  {
    Kept kept(dir_);
    CommitTicket ticket;
    ASSERT_TRUE(kept.registry().Add(wanted, ticket).ok());
    ASSERT_TRUE(Await(ticket).ok());
  }
  Kept kept(dir_);
  const Outcome again =
      Mutate(*kept.Find("p"), RequestOfAnn("create", 5), SetVoxel({0, 0, 0}, kRed));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.answer, "p made");
}

TEST_F(DiskStoreTest, EphemeralProjectsAreNotKept) {
  {
    Kept kept(dir_);
    NewProject wanted = BlankProject("p");
    wanted.ephemeral = true;
    CommitTicket ticket;
    ASSERT_TRUE(kept.registry().Add(wanted, ticket).ok());
    ASSERT_TRUE(Await(ticket).ok());
  }
  EXPECT_EQ(Kept(dir_).registry().size(), 0);
}

TEST_F(DiskStoreTest, SecondDaemonIsRefusedAndToldWhoIsThere) {
  const Log log{open("/dev/null", O_WRONLY | O_CLOEXEC), Severity::kError};
  const Kept kept(dir_);
  const auto second = DiskStore::Open(InDir(dir_), "another", &log);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(second.status().message().find("in use by a test"), absl::string_view::npos);
}

TEST_F(DiskStoreTest, DamagedProjectIsRefusedByNameAndTheOthersGoOn) {
  {
    Kept kept(dir_);
    for (const char* id : {"good", "bad"}) {
      ASSERT_TRUE(Keep(Set(*kept.Create(id), {0, 0, 0}, kRed, RequestOfAnn("r"))).ok());
    }
  }
  {
    std::fstream file(FileOf("bad"), std::ios::in | std::ios::out | std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(file), {});
    const size_t at = bytes.find("main");
    ASSERT_NE(at, std::string::npos);
    file.seekp(static_cast<std::streamoff>(at));
    file.put('x');
  }
  Kept kept(dir_);
  EXPECT_EQ(kept.registry().size(), 2);
  const absl::Status status = kept.registry().Find("bad").status();
  EXPECT_EQ(Reason(status), "STORE_DAMAGED");
  EXPECT_NE(status.message().find("/projects/bad."), absl::string_view::npos) << status;
  EXPECT_EQ(At(*kept.Find("good")->head(), {0, 0, 0}), kRed);
}

// Between its transactions the daemon goes on reading the file: what it reads is then old.
TEST_F(DiskStoreTest, EditsGoOnAfterAnotherProgramWroteTheFile) {
  const auto write_beside = [&] {
    const auto db = SqliteDb::Open(FileOf("p"), SqliteDb::Mode::kReadWrite, "");
    ASSERT_TRUE(db.ok());
    ASSERT_TRUE((*db)->Execute("CREATE TABLE IF NOT EXISTS visitors(name TEXT)").ok());
    ASSERT_TRUE((*db)->Execute("INSERT INTO visitors VALUES('sqlite3')").ok());
  };
  {
    Kept kept(dir_);
    const auto project = kept.Create("p");
    for (int x = 0; x < 3; ++x) {
      ASSERT_TRUE(Keep(Mutate(*project, {}, SetVoxel({x, 0, 0}, kRed))).ok());
      write_beside();
    }
    ASSERT_TRUE(Keep(Mutate(*project, {}, SetVoxel({3, 0, 0}, kRed))).ok());
  }
  Kept kept(dir_);
  EXPECT_EQ(kept.Find("p")->head()->info.revision, 5);
}

TEST_F(DiskStoreTest, EditsWaitForAnotherProgramThatWritesTheFile) {
  Kept kept(dir_);
  const auto project = kept.Create("p");
  for (int x = 0; x < 3; ++x) {  // the first one finds the file closed, the others as they left it
    const auto db = SqliteDb::Open(FileOf("p"), SqliteDb::Mode::kReadWrite, "");
    ASSERT_TRUE(db.ok());
    ASSERT_TRUE((*db)->Execute("BEGIN IMMEDIATE").ok());
    std::thread other([&] {
      absl::SleepFor(absl::Milliseconds(100));
      EXPECT_TRUE((*db)->Execute("COMMIT").ok());
    });
    EXPECT_TRUE(Keep(Mutate(*project, {}, SetVoxel({x, 0, 0}, kRed))).ok());
    other.join();
  }
}

// Who checkpoints with TRUNCATE holds the lock of writers while it waits for readers.
TEST_F(DiskStoreTest, EditsLetACheckpointOfAnotherProgramThrough) {
  Kept kept(dir_);
  const auto project = kept.Create("p");
  ASSERT_TRUE(Keep(Mutate(*project, {}, SetVoxel({0, 0, 0}, kRed))).ok());
  std::atomic<bool> over{false};
  std::thread other([&] {
    const auto db = SqliteDb::Open(FileOf("p"), SqliteDb::Mode::kReadWrite, "");
    EXPECT_TRUE(db.ok());
    const auto busy = db.ok() ? (*db)->Number("PRAGMA wal_checkpoint(TRUNCATE)") : -1;
    EXPECT_EQ(busy.value_or(-1), 0);
    over.store(true);
  });
  for (int x = 1; !over.load() || x < 3; ++x) {
    absl::SleepFor(absl::Milliseconds(3));  // in which it finds the file free
    EXPECT_TRUE(Keep(Mutate(*project, {}, SetVoxel({x % 1000, x / 1000, 0}, kRed))).ok());
  }
  other.join();
}

TEST_F(DiskStoreTest, IdleProjectsAreGivenUpAndComeBackUnchanged) {
  RegistryOptions options;
  options.pressure = NoRoom();
  options.idle_after = absl::ZeroDuration();
  Kept kept(dir_, options);
  std::vector<uint64_t> hashes;
  for (int i = 0; i < 20; ++i) {
    const auto project = kept.Create("p" + std::to_string(i));
    ASSERT_TRUE(Keep(Set(*project, {i, i, i}, kRed)).ok());
    hashes.push_back(project->head()->document->ContentHash());
  }
  int closed = 0;
  for (int i = 0; i < 20; ++i) closed += kept.registry().closed("p" + std::to_string(i));
  EXPECT_GT(closed, 0);
  for (int i = 0; i < 20; ++i) {
    const auto project = kept.Find("p" + std::to_string(i));
    EXPECT_EQ(project->head()->document->ContentHash(), hashes[static_cast<size_t>(i)]);
    EXPECT_EQ(UndoSteps(*project, 1, UndoScope::kProject).done, 1u);
  }
}

TEST_F(DiskStoreTest, OneObjectIsFoundWhoeverRacesAndHoweverOftenItIsGivenUp) {
  RegistryOptions options;
  options.pressure = NoRoom();
  options.idle_after = absl::ZeroDuration();
  {
    Kept kept(dir_, options);
    kept.Create("p");
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&kept, t] {
        for (int i = 0; i < 50; ++i) {
          const auto project = kept.Find("p");
          ASSERT_TRUE(Keep(Set(*project, {i, t, 0}, kRed)).ok());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(kept.Find("p")->head()->info.revision, 201);
  }
  EXPECT_EQ(Kept(dir_).Find("p")->head()->document->CountVoxels(), 200);
}

// So many relaxed edits of a few voxels, all of them kept when this returns.
void EditMany(Project& project, int first, int count) {
  WriteOptions relaxed = By("ann");
  relaxed.relaxed = true;
  for (int i = first; i < first + count;) {
    const Outcome last = OnStrand(project, [&] {
      Outcome outcome;
      for (int end = std::min(i + 1000, first + count); i < end; ++i) {
        relaxed.relaxed = i + 1 < end;  // the last one waits for those before it
        const voxel::Color color = Rgba(i % 255, i / 255 % 255, i % 7 + 1);
        outcome = project.Mutate(relaxed, SetVoxel({i % 100, 3, 0}, color),
                                 [](const Outcome&, std::string*) {});
      }
      return outcome;
    });
    ASSERT_TRUE(Keep(last).ok());
  }
}

TEST_F(DiskStoreTest, FileStopsGrowingHoweverManyRevisionsComeAndIsTheSameAfterwards) {
  const int64_t revisions = FromEnvironment("VOXELD_DISK_REVISIONS", 200'000);
  RegistryOptions options;
  options.project.retained_revisions = 100;
  uint64_t hash = 0;
  int64_t head = 0;
  uintmax_t largest = 0;
  {
    Kept kept(dir_, options);
    const auto project = kept.Create("p");
    for (int i = 0; i < revisions; i += 5000) {
      EditMany(*project, i, 5000);
      uintmax_t bytes = 0;
      for (const auto& entry : fs::directory_iterator(dir_ + "/projects")) {
        std::error_code gone;
        const uintmax_t size = entry.file_size(gone);
        bytes += gone ? 0 : size;
      }
      largest = std::max(largest, bytes);
    }
    hash = project->head()->document->ContentHash();
    head = project->head()->info.revision;
    EXPECT_EQ(head, revisions + 1);
  }
  EXPECT_LT(largest, uintmax_t{16} << 20);  // unfolded 32
  Kept kept(dir_, options);
  const auto project = kept.Find("p");
  EXPECT_EQ(project->head()->info.revision, head);
  EXPECT_EQ(project->head()->document->ContentHash(), hash);
  const UndoOutcome undone = UndoSteps(*project, 1, UndoScope::kProject);
  EXPECT_EQ(undone.undo_left, 98u);
  ASSERT_TRUE(Keep(undone).ok());
  // Upkeep was cut short by the end of the daemon, and now goes on.
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (fs::file_size(FileOf("p")) > uintmax_t{3} << 20 && absl::Now() < deadline) {
    absl::SleepFor(absl::Milliseconds(5));
  }
  EXPECT_LT(absl::Now(), deadline);
}

TEST_F(DiskStoreTest, DaemonMayEndAndProjectsBeLoadedAndRemovedWhileTheyAreFolded) {
  RegistryOptions options;
  options.project.retained_revisions = 20;
  options.pressure = NoRoom();  // projects come and go
  options.idle_after = absl::ZeroDuration();
  UpkeepOptions always;
  always.fold_bytes = 1;
  always.fold_percent = 0;
  for (int round = 0; round < 3; ++round) {
    Kept kept(dir_, options, always);
    if (round == 0) kept.Create("p");
    const auto doomed = kept.Create("doomed");
    std::thread other([&] { EditMany(*doomed, 0, 1000); });
    for (int i = 0; i < 4; ++i) EditMany(*kept.Find("p"), round * 1000 + i * 250, 250);
    other.join();
    EditMany(*doomed, 0, 300);
    CommitTicket removed;
    ASSERT_TRUE(kept.registry().Remove("doomed", removed).ok());
    ASSERT_TRUE(Await(removed).ok());
  }
  Kept kept(dir_, options);
  EXPECT_EQ(kept.registry().size(), 1);
  const auto project = kept.Find("p");
  for (int i = 2900; i < 3000; ++i) {
    EXPECT_EQ(At(*project->head(), {i % 100, 3, 0}), Rgba(i % 255, i / 255 % 255, i % 7 + 1));
  }
}

TEST_F(DiskStoreTest, ManyProjectsTakeFewDescriptors) {
  Kept kept(dir_);
  for (int i = 0; i < 150; ++i) kept.Create("p" + std::to_string(i));
  for (int i = 0; i < 150; ++i) {
    ASSERT_TRUE(Keep(Set(*kept.Find("p" + std::to_string(i)), {i, 0, 0}, kRed)).ok());
  }
  const auto descriptors = std::distance(fs::directory_iterator("/proc/self/fd"), {});
  EXPECT_LT(descriptors, 4 * 80 + 50);
}

}  // namespace
}  // namespace voxeld
