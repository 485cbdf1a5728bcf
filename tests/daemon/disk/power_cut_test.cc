// What is left after the power was cut at any moment, and after any call to the disk failed:
// nothing that was acknowledged is lost, torn or different.
//
// Long runs: VOXELD_DISK_IMAGES=10000, VOXELD_DISK_FAULTS=0 (every call; otherwise so many runs for
//            each way of failing). VOXELD_DISK_SEED for another session.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "daemon/disk/sqlite_db.h"
#include "gtest/gtest.h"
#include "tests/daemon/disk/disk_session.h"
#include "tests/daemon/disk/fault_vfs.h"
#include "tests/daemon/disk/simulated_disk.h"
#include "tests/daemon/disk/temp_dirs.h"
#include "tests/support/colors.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::StrCat;

SessionOptions LongSession() { return FoldingSession(260, 12); }
SessionOptions ShortSession() { return FoldingSession(70, 4); }

TEST(PowerCutTest, NothingAcknowledgedIsLostWhereverThePowerIsCut) {
  const auto seed = static_cast<uint64_t>(FromEnvironment("VOXELD_DISK_SEED", 1));
  const int64_t images = FromEnvironment("VOXELD_DISK_IMAGES", 150);
  const TempDirs dirs;
  FaultVfs vfs;
  DiskSession session(&vfs, dirs.Make("live"), seed, LongSession());
  session.Run();
  ASSERT_TRUE(session.refusals().empty());
  EXPECT_EQ(session.wrong_copy(), "");
  EXPECT_GT(session.copies(), 0);
  EXPECT_GT(RowsIn(dirs.dir("live"), "base"), 0);
  const std::vector<DiskEvent> log = vfs.TakeLog();

  SimulatedDisk disk;
  SimulatedDisk::Random random(seed);
  int64_t made = 0;
  for (size_t cut = 1; cut <= log.size(); ++cut) {
    disk.Apply(log[cut - 1], random);
    // As many as are due by now.
    for (; made * static_cast<int64_t>(log.size()) < images * static_cast<int64_t>(cut); ++made) {
      const std::string image = dirs.Write("image", disk.Cut(random), disk.Written());
      const std::string wrong = Disagreement(image, session.facts(), cut);
      ASSERT_EQ(wrong, "") << "image " << made << ", cut after event " << cut << " of "
                           << log.size() << ", VOXELD_DISK_SEED=" << seed << ": see "
                           << dirs.Keep();
    }
  }
  EXPECT_EQ(made, images);
  std::printf("%d images of a session that changed files and names %d times\n",
              static_cast<int>(made), static_cast<int>(log.size()));
}

// A failed fsync may lose what it was to write, for good, while the system goes on showing it: also
// to a daemon that was started since, which must not put anything behind it.
TEST(PowerCutTest, WhatFollowsARestartDoesNotBuildOnWhatAFailedFsyncLost) {
  const TempDirs dirs;
  FaultVfs vfs;
  DiskOptions options = InDir(dirs.Make("live"));
  options.file.vfs = vfs.name();
  options.file.ops = &vfs;
  const auto edit = [](Project& project, int x) {
    const Outcome outcome = Mutate(project, {}, SetVoxel({x, 0, 0}, voxel::kRed));
    return outcome.status.ok() ? Await(outcome.ticket) : outcome.status;
  };
  {
    Kept kept(options);
    const auto project = kept.Create("p");
    ASSERT_TRUE(edit(*project, 0).ok());
    vfs.SetFault({.call = Fault::Call::kSync, .at = 1, .error = EIO});
    ASSERT_EQ(Reason(edit(*project, 1)), "STORE_FAILED");
    vfs.SetFault({});
  }
  size_t answered = 0;
  {
    Kept kept(options);
    ASSERT_TRUE(edit(*kept.Find("p"), 2).ok());
    answered = vfs.events();
  }
  const std::vector<DiskEvent> log = vfs.TakeLog();
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SimulatedDisk disk;
    SimulatedDisk::Random random(seed);
    for (size_t i = 0; i < answered; ++i) disk.Apply(log[i], random);
    Kept kept(dirs.Write("image", disk.Cut(random), disk.Written()));
    const auto found = kept.registry().Find("p");
    ASSERT_TRUE(found.ok()) << found.status() << " with seed " << seed;
    EXPECT_EQ(At(*(*found)->head(), {0, 0, 0}), voxel::kRed) << seed;
    EXPECT_EQ(At(*(*found)->head(), {2, 0, 0}), voxel::kRed) << seed;
  }
}

// Nor may it move such a log into the file when it ends: what is left of the log on the disk would
// be read over newer pages of the file.
TEST(PowerCutTest, EndWithoutAChangeDoesNotMoveALogThatLostItsMiddle) {
  const TempDirs dirs;
  FaultVfs vfs;
  DiskOptions options = InDir(dirs.Make("live"));
  options.file.vfs = vfs.name();
  options.file.ops = &vfs;
  WriteOptions relaxed;  // which holds numbers back: its transaction writes the state as well
  relaxed.relaxed = true;
  {
    Kept kept(options);
    const auto project = kept.Create("p");
    for (int x = 0; x < 40; ++x) {
      ASSERT_TRUE(Await(Mutate(*project, {}, SetVoxel({x, 0, 0}, voxel::kRed)).ticket).ok());
    }
    vfs.SetFault({.call = Fault::Call::kSync, .at = 1, .error = EIO});
    const Outcome last = Mutate(*project, relaxed, SetVoxel({77, 0, 0}, voxel::kRed));
    ASSERT_EQ(Reason(last.status.ok() ? Await(last.ticket) : last.status), "STORE_FAILED");
    vfs.SetFault({});
  }
  { ASSERT_TRUE(Kept(options).registry().Find("p").ok()); }
  const std::vector<DiskEvent> log = vfs.TakeLog();
  const auto failed = std::find_if(log.begin(), log.end(), [](const DiskEvent& event) {
    return event.kind == DiskEvent::Kind::kFailedSync;
  });
  ASSERT_NE(failed, log.end());
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SimulatedDisk disk;
    SimulatedDisk::Random random(seed);
    for (auto event = log.begin(); event != log.end(); ++event) {
      disk.Apply(*event, random);
      if (event < failed) continue;
      Kept kept(dirs.Write("image", disk.Cut(random), disk.Written()));
      const auto found = kept.registry().Find("p");
      ASSERT_TRUE(found.ok()) << found.status() << " with seed " << seed;
      for (int x = 0; x < 40; ++x) ASSERT_EQ(At(*(*found)->head(), {x, 0, 0}), voxel::kRed) << seed;
    }
  }
}

struct WayToFail {
  const char* what;
  Fault fault;
  std::set<std::string> reasons;  // what clients may be told
};

std::vector<WayToFail> WaysToFail() {
  using Call = Fault::Call;
  const std::set<std::string> failed = {"STORE_FAILED"}, full = {"STORE_FULL"};
  return {
      {"a write fails", {Call::kWrite, 0, false, EIO, false}, failed},
      {"a write finds the disk full", {Call::kWrite, 0, false, ENOSPC, false}, full},
      {"a write finds the quota used up", {Call::kWrite, 0, false, EDQUOT, false}, full},
      {"a write is cut short and fails", {Call::kWrite, 0, false, EIO, true}, failed},
      {"a write is cut short on a full disk", {Call::kWrite, 0, false, ENOSPC, true}, full},
      {"the disk stays full", {Call::kWrite, 0, true, ENOSPC, true}, full},
      {"a sync fails", {Call::kSync, 0, false, EIO, false}, failed},
      {"a sync finds the disk full", {Call::kSync, 0, false, ENOSPC, false}, failed},
      {"every sync fails", {Call::kSync, 0, true, EIO, false}, failed},
      {"a truncation fails", {Call::kTruncate, 0, false, EIO, false}, failed},
      {"a file cannot be removed", {Call::kDelete, 0, false, EIO, false}, failed},
      {"a file cannot be made", {Call::kMake, 0, false, ENOSPC, false}, full},
      {"a file cannot be renamed", {Call::kRename, 0, false, EIO, false}, failed},
      {"a folder is full", {Call::kRename, 0, false, ENOSPC, false}, full},
      {"a folder's sync fails", {Call::kSyncFolder, 0, false, EIO, false}, failed},
      {"an end cannot be marked", {Call::kPut, 0, false, ENOSPC, false}, {}},
      {"a read fails", {Call::kRead, 0, false, EIO, false}, failed},
      {"a read is cut short and fails", {Call::kRead, 0, false, EIO, true}, failed},
      {"every read fails", {Call::kRead, 0, true, EIO, false}, failed},
      {"a read ends early", {Call::kRead, 0, false, 0, true}, {"STORE_DAMAGED", "STORE_FAILED"}},
      {"a file cannot be opened", {Call::kOpen, 0, false, EIO, false}, failed},
      {"there are too many open files", {Call::kOpen, 0, false, EMFILE, false}, {}},
      {"a file can be opened for reading only",
       {Call::kOpen, 0, false, EMFILE, true},
       {"STORE_READ_ONLY"}},
      {"a file does not tell its size", {Call::kSize, 0, false, EIO, false}, failed},
      {"a file is not seen", {Call::kLook, 0, false, EIO, false}, {}},
      {"no memory is shared", {Call::kShare, 0, false, EIO, false}, failed},
  };
}

// The ways are tested in so many parts, which may run side by side.
constexpr size_t kParts = 4;

class FaultTest : public testing::TestWithParam<size_t> {
 protected:
  // One session in which `way` happens at call `at`; then the directory as it is, and after some
  // power cuts since.
  void RunWith(const WayToFail& way, int64_t at) {
    const std::string where = StrCat(way.what, ", call ", at, ", VOXELD_DISK_SEED=", seed_);
    const TempDirs dirs;
    FaultVfs vfs;
    Fault fault = way.fault;
    fault.at = at;
    vfs.SetFault(fault);
    DiskSession session(&vfs, dirs.Make("live"), seed_, ShortSession());
    session.Run();
    folded_ += RowsIn(dirs.dir("live"), "base");
    // A read that says falsely that the file has ended, nobody tells from a file that has: SQLite
    // takes the rest for zeros, and a copy gets those. Whoever opens it finds them.
    const bool lies = way.fault.call == Fault::Call::kRead && way.fault.error == 0;
    ASSERT_TRUE(session.wrong_copy().empty() ||
                (lies && absl::StrContains(session.wrong_copy(), "STORE_DAMAGED")))
        << where << ": " << session.wrong_copy() << ": see " << dirs.Keep();
    copies_ += session.copies();
    for (const std::string& reason : session.refusals()) {
      // Later changes build on refused ones, and deleted or refused projects are not found.
      EXPECT_TRUE(way.reasons.contains(reason) || reason == "PROJECT_NOT_FOUND" ||
                  reason == "COMMIT_FAILED")
          << where << ": " << reason;
    }
    const std::vector<DiskEvent> log = vfs.TakeLog();
    SimulatedDisk disk;
    SimulatedDisk::Random random(seed_ + static_cast<uint64_t>(at));
    const size_t early = log.empty() ? 0 : random() % log.size();
    for (size_t i = 0; i < log.size(); ++i) {
      disk.Apply(log[i], random);
      if (i + 1 != log.size() && i != early) continue;
      const std::string wrong = Disagreement(dirs.Write("image", disk.Cut(random), disk.Written()),
                                             session.facts(), i + 1);
      ASSERT_EQ(wrong, "") << where << ", cut after event " << i + 1 << ": see " << dirs.Keep();
    }
    const std::string wrong = Disagreement(dirs.dir("live"), session.facts(), log.size());
    ASSERT_EQ(wrong, "") << where << ": see " << dirs.Keep();
  }

  // How often each call is made if nothing fails.
  std::vector<int64_t> Calls() {
    const TempDirs dirs;
    FaultVfs vfs;
    DiskSession(&vfs, dirs.Make("live"), seed_, ShortSession()).Run();
    std::vector<int64_t> calls;
    for (size_t call = 0; call < kFaultCalls; ++call) {
      calls.push_back(vfs.calls(static_cast<Fault::Call>(call)));
    }
    return calls;
  }

  const uint64_t seed_ = static_cast<uint64_t>(FromEnvironment("VOXELD_DISK_SEED", 1));
  int64_t folded_ = 0;  // parts, in all sessions: whether one gets that far is for its threads
  int64_t copies_ = 0;  // that backups got
};

TEST_P(FaultTest, NothingAcknowledgedIsLostWhicheverCallFails) {
  const int64_t wanted = FromEnvironment("VOXELD_DISK_FAULTS", 5);
  const std::vector<int64_t> calls = Calls();
  int64_t runs = 0;
  const std::vector<WayToFail> ways = WaysToFail();
  for (size_t i = GetParam(); i < ways.size(); i += kParts) {
    const WayToFail& way = ways[i];
    const int64_t count = calls[static_cast<size_t>(way.fault.call)];
    EXPECT_GT(count, 0) << way.what << ": never called";
    const int64_t stride = wanted == 0 ? 1 : std::max<int64_t>(1, count / wanted);
    for (int64_t at = 1; at <= count; at += stride, ++runs) {
      ASSERT_NO_FATAL_FAILURE(RunWith(way, at));
    }
  }
  EXPECT_GT(folded_, 0);
  EXPECT_GT(copies_, 0);
  std::printf("%d sessions, each with another call that failed\n", static_cast<int>(runs));
}

INSTANTIATE_TEST_SUITE_P(Parts, FaultTest, testing::Range<size_t>(0, kParts));

}  // namespace
}  // namespace voxeld
