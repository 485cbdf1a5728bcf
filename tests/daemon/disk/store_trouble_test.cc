// Projects that the disk, or a file, leaves in trouble: what is told of them, and that the others
// go on.
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "daemon/disk/disk_ops.h"
#include "daemon/disk/sqlite_db.h"
#include "gtest/gtest.h"
#include "tests/daemon/disk/disk_session.h"
#include "tests/daemon/disk/fault_vfs.h"
#include "tests/daemon/disk/kept_fixture.h"
#include "tests/support/colors.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

namespace fs = std::filesystem;

using voxel::kRed;
using voxel::StrCat;

class StoreTroubleTest : public KeptTest {
 protected:
  DiskOptions On(FaultVfs& disk) const {
    DiskOptions options = InDir(dir_);
    options.file.vfs = disk.name();
    options.file.ops = &disk;
    return options;
  }
};

std::string Bytes(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// What a killed daemon leaves in a data directory, by path; without SQLite's shared memory, which
// nobody trusts.
std::map<std::string, std::string> FilesOf(const std::string& dir) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(dir + "/projects")) {
    if (!entry.path().string().ends_with("-shm")) files[entry.path()] = Bytes(entry.path());
  }
  return files;
}

// Nothing is concluded from a read that failed once: the next one who asks gets the project, and
// until then no byte of it was touched.
TEST_F(StoreTroubleTest, ProjectThatCouldNotBeReadOnceIsThereTheNextTime) {
  std::map<std::string, std::string> left;
  {
    Kept kept(dir_);
    const auto project = kept.Create("p");
    for (int x = 0; x < 5; ++x) {
      ASSERT_TRUE(Keep(Set(*project, {x, 0, 0}, kRed, RequestOfAnn(std::to_string(x)))).ok());
    }
    left = FilesOf(dir_);
  }
  ASSERT_EQ(left.size(), 3u);  // the file, its log, the mark
  using Call = Fault::Call;
  const struct {
    Fault fault;
    const char* reason;  // null: nothing is refused
  } cases[] = {{{.call = Call::kRead, .error = EIO}, "STORE_FAILED"},
               // For whoever sees the file end before its end.
               {{.call = Call::kRead, .error = 0, .partly = true}, "STORE_DAMAGED"},
               {{.call = Call::kOpen, .error = EIO}, "STORE_FAILED"},
               {{.call = Call::kOpen, .error = EMFILE}, "COMMIT_FAILED"},
               {{.call = Call::kOpen, .error = EMFILE, .partly = true}, nullptr},
               {{.call = Call::kSize, .error = EIO}, "STORE_FAILED"},
               {{.call = Call::kLook, .error = EIO}, nullptr},
               {{.call = Call::kShare, .error = EIO}, "STORE_FAILED"}};
  for (const auto& c : cases) {
    Fault fault = c.fault;
    int refused = 0;
    bool reached = true;
    for (fault.at = 1; reached; ++fault.at) {
      const std::string where = StrCat("case ", &c - cases, ", call ", fault.at);
      for (const auto& [path, bytes] : left) std::ofstream(path, std::ios::binary) << bytes;
      FaultVfs disk;
      auto kept = std::make_unique<Kept>(On(disk));
      disk.SetFault(fault);
      const absl::Status status = kept->registry().Find("p").status();
      reached = disk.calls(fault.call) >= fault.at;
      disk.SetFault({});
      if (!status.ok()) {
        ++refused;
        EXPECT_EQ(Reason(status), c.reason == nullptr ? "" : c.reason) << where << ": " << status;
        EXPECT_EQ(kept->health().troubles(10).size(), 1u) << where;
        // Damage is not looked for again until somebody starts a daemon.
        if (Reason(status) == "STORE_DAMAGED") kept = nullptr;
        EXPECT_TRUE(FilesOf(dir_) == left) << where;
        if (kept == nullptr) kept = std::make_unique<Kept>(On(disk));
      }
      const auto project = kept->registry().Find("p");
      ASSERT_TRUE(project.ok()) << where << ": " << project.status();
      EXPECT_EQ((*project)->head()->info.revision, 6) << where;
      EXPECT_EQ(At(*(*project)->head(), {4, 0, 0}), kRed) << where;
      EXPECT_TRUE(kept->health().troubles(10).empty()) << where;
    }
    EXPECT_EQ(refused > 0, c.reason != nullptr) << "case " << &c - cases;
  }
}

// The state in the file may be older than what the log has: then only the mark tells the end.
TEST_F(StoreTroubleTest, LogOfAProjectThatCouldNotBeLoadedAgainStaysWithItsMark) {
  FaultVfs disk;
  Kept kept(On(disk));
  const auto project = kept.Create("p");
  const auto noise = [](const Revision& applied) {
    voxel::SetVoxels set;
    std::mt19937 colors(1);
    for (int i = 0; i < 300'000; ++i) {  // more than SQLite keeps in memory
      set.positions.push_back({i % 100, i / 100 % 100, i / 10000});
      set.colors.push_back(static_cast<voxel::Color>(colors() | 0xFF));
    }
    voxel::Edit edit;
    edit.op = std::move(set);
    auto result = voxel::ApplyEdits(applied.document, {&edit, 1}, {});
    return result.ok() ? absl::StatusOr<voxel::RefPtr<const voxel::Document>>(result->document)
                       : result.status();
  };
  ASSERT_TRUE(Keep(Mutate(*project, {}, noise)).ok());
  const std::map<std::string, std::string> left = FilesOf(dir_);
  ASSERT_EQ(left.size(), 3u);
  disk.SetFault({.call = Fault::Call::kRead, .at = 1, .error = EIO});
  const auto loaded = kept.store().Load(project->identity().uid, {}, nullptr);
  EXPECT_EQ(Reason(loaded.status()), "STORE_FAILED") << loaded.status();
  EXPECT_TRUE(FilesOf(dir_) == left);
}

// A catalogue that cannot be read is not an empty one.
TEST_F(StoreTroubleTest, FolderThatCannotBeReadIsRefusedAtTheStart) {
  { Kept(dir_).Create("p"); }
  class Unreadable : public DiskOps {
   public:
    int List(const std::string& path, std::vector<std::string>& names) override {
      return ++lists_ < 2 ? DiskOps::List(path, names) : EIO;  // not by who cleans up
    }

   private:
    int lists_ = 0;
  } ops;
  DiskOptions options = InDir(dir_);
  options.file.ops = &ops;
  const Log log{-1, Severity::kError};
  const auto store = DiskStore::Open(options, "a test", &log);
  EXPECT_EQ(store.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(store.status().message().find("cannot be read: Input/output error"),
            absl::string_view::npos)
      << store.status();
}

// Nor is a file older than another one because nobody says how old it is.
TEST_F(StoreTroubleTest, NoFileIsSetAsideWhileTheDiskDoesNotSayWhichIsNewer) {
  { Kept(dir_).Create("p"); }
  const fs::path file = FileOf("p");
  const fs::path other = dir_ + "/projects/p." + std::string(32, '0') + ".voxels";
  fs::create_symlink(other, other);  // no stat gets to its end
  const Log log{-1, Severity::kError};
  const auto store = DiskStore::Open(InDir(dir_), "a test", &log);
  EXPECT_EQ(store.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(store.status().message().find(other.string()), absl::string_view::npos)
      << store.status();
  EXPECT_TRUE(fs::exists(file));
  fs::remove(other);
  EXPECT_EQ(Kept(dir_).registry().size(), 1);
}

TEST_F(StoreTroubleTest, CopyThatCannotBeReadToItsEndIsAnError) {
  FaultVfs disk;
  Kept kept(On(disk));
  const std::string uid = kept.Create("p")->identity().uid;
  const auto copy = kept.store().CopyOf(uid, {});
  ASSERT_TRUE(copy.ok()) << copy.status();
  const auto bytes = static_cast<size_t>((*copy)->bytes());
  EXPECT_EQ((*copy)->Read(0, bytes + 10).value().size(), bytes);
  for (const int error : {0, EIO}) {
    disk.SetFault({.call = Fault::Call::kRead, .at = 1, .error = error, .partly = true});
    EXPECT_EQ(Reason((*copy)->Read(0, bytes + 10).status()), "STORE_FAILED") << error;
  }
}

TEST_F(StoreTroubleTest, ProjectOfALaterVoxeldIsRefusedByNameAndTheOthersGoOn) {
  {
    Kept kept(dir_);
    for (const char* id : {"later", "good"}) {
      ASSERT_TRUE(Keep(Set(*kept.Create(id), {0, 0, 0}, kRed, RequestOfAnn("r"))).ok());
    }
  }
  const auto set_format = [this](const std::string& format) {
    const auto db = SqliteDb::Open(FileOf("later"), SqliteDb::Mode::kReadWrite, "").value();
    ASSERT_TRUE(db->Execute(("PRAGMA user_version = " + format).c_str()).ok());
  };
  set_format("5");
  const std::map<std::string, std::string> left = FilesOf(dir_);
  {
    Kept kept(dir_);
    EXPECT_EQ(kept.registry().size(), 2);
    const absl::Status status = kept.registry().Find("later").status();
    EXPECT_EQ(Reason(status), "FORMAT_UNSUPPORTED") << status;
    EXPECT_NE(status.message().find(FileOf("later").string()), absl::string_view::npos) << status;
    EXPECT_NE(status.message().find("format 5"), absl::string_view::npos) << status;
    const auto troubles = kept.health().troubles(10);
    ASSERT_EQ(troubles.size(), 1u);
    EXPECT_EQ(troubles[0].project, "later");
    EXPECT_EQ(troubles[0].reason, "FORMAT_UNSUPPORTED");
    EXPECT_TRUE(Keep(Set(*kept.Find("good"), {1, 0, 0}, kRed)).ok());
  }
  EXPECT_EQ(Bytes(FileOf("later")), left.at(FileOf("later")));
  set_format("4");
  EXPECT_EQ(At(*Kept(dir_).Find("later")->head(), {0, 0, 0}), kRed);
}

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
    Kept kept(On(disk));
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
