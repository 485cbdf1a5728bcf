// Projects that the disk, or a file, leaves in trouble: what is told of them, and that the others
// go on.
#include <cerrno>
#include <fstream>
#include <string>

#include "gtest/gtest.h"
#include "tests/daemon/disk/disk_session.h"
#include "tests/daemon/disk/fault_vfs.h"
#include "tests/daemon/disk/kept_fixture.h"
#include "tests/support/colors.h"

namespace voxeld {
namespace {

using voxel::kRed;

using StoreTroubleTest = KeptTest;

// SQLite takes a file of a later version of its own for one that may only be read.
TEST_F(StoreTroubleTest, FileThatSaysItIsOfALaterSqliteIsDamaged) {
  { ASSERT_TRUE(Keep(Set(*Kept(dir_).Create("p"), {0, 0, 0}, kRed, RequestOfAnn("r"))).ok()); }
  {
    std::fstream file(FileOf("p"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(18);  // of SQLite's header: the version that may write
    file.put(3);
  }
  Kept kept(dir_);
  const absl::Status status = kept.registry().Find("p").status();
  EXPECT_EQ(Reason(status), "STORE_DAMAGED") << status;
}

// Nobody knows what a disk holds whose fsync failed.
TEST_F(StoreTroubleTest, ProjectWhoseFsyncFailedIsOnlyReadUntilARestartAndTheOthersGoOn) {
  const auto edit = [](Project& project, int x) {
    const Outcome outcome = Mutate(project, {}, SetVoxel({x, 0, 0}, kRed));
    return outcome.status.ok() ? Await(outcome.ticket) : outcome.status;
  };
  {
    FaultVfs disk;
    DiskOptions options = InDir(dir_);
    options.file.vfs = disk.name();
    options.file.ops = &disk;
    Kept kept(options);
    const auto bad = kept.Create("bad");
    const auto good = kept.Create("good");
    ASSERT_TRUE(edit(*bad, 0).ok());
    disk.SetFault({.call = Fault::Call::kSync, .at = 1, .error = EIO});
    const absl::Status failed = edit(*bad, 1);
    EXPECT_EQ(Reason(failed), "STORE_FAILED");
    EXPECT_NE(failed.message().find("restart voxeld"), absl::string_view::npos) << failed;
    EXPECT_NE(FactOf(failed, "path").find("/projects/bad."), std::string::npos);
    // The next fsync would succeed, and proves nothing.
    const int64_t syncs = disk.calls(Fault::Call::kSync);
    for (int x = 2; x < 5; ++x) EXPECT_EQ(Reason(edit(*bad, x)), "STORE_FAILED");
    EXPECT_EQ(disk.calls(Fault::Call::kSync), syncs);
    EXPECT_EQ(At(*bad->head(), {0, 0, 0}), kRed);
    EXPECT_EQ(At(*bad->head(), {1, 0, 0}), voxel::kAir);
    EXPECT_TRUE(edit(*good, 0).ok());
    const auto troubles = kept.health().troubles(10);
    ASSERT_EQ(troubles.size(), 1u);
    EXPECT_EQ(troubles[0].project, "bad");
    EXPECT_EQ(troubles[0].reason, "STORE_FAILED");
    EXPECT_EQ(kept.health().refused().at("STORE_FAILED"), 4);
  }
  Kept kept(dir_);
  EXPECT_TRUE(edit(*kept.Find("bad"), 1).ok());
  EXPECT_EQ(At(*kept.Find("bad")->head(), {1, 0, 0}), kRed);
  EXPECT_TRUE(kept.health().troubles(10).empty());
}

}  // namespace
}  // namespace voxeld
