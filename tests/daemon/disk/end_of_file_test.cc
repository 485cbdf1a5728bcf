// What is missing at the end of a project's file is missed.
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_join.h"
#include "daemon/codec/bytes.h"
#include "daemon/codec/frame.h"
#include "daemon/disk/end_mark.h"
#include "daemon/disk/file_check.h"
#include "daemon/disk/sqlite_db.h"
#include "gtest/gtest.h"
#include "tests/daemon/disk/kept.h"
#include "tests/daemon/disk/temp_dirs.h"

namespace voxeld {
namespace {

namespace fs = std::filesystem;

constexpr int kEdits = 5;
constexpr int64_t kFrameBytes = 24 + 4096;  // of SQLite's log

class EndOfFileTest : public testing::Test {
 protected:
  // A project with some revisions and answers; `then` runs while it is open.
  template <typename Then>
  void MakeProject(Then then) {
    Kept kept(dirs_.Make("data"));
    const auto project = kept.Create("p");
    Name(*project, "first");
    for (int x = 0; x < kEdits; ++x) {
      WriteOptions options;
      options.request_id = std::to_string(x);
      ASSERT_TRUE(Await(Mutate(*project, options, SetVoxel({x, 0, 0}, 0xFF)).ticket).ok());
    }
    then(*project);
  }

  static void Name(Project& project, const std::string& checkpoint) {
    const CheckpointOutcome named = OnStrand(project, [&] {
      return project.SetCheckpoint(checkpoint, 0, false, {},
                                   [](const CheckpointOutcome&, std::string*) {});
    });
    ASSERT_TRUE(Await(named.ticket).ok());
  }

  // Leaves in "killed" what a daemon leaves that is killed once last() has run.
  void KillIt(absl::FunctionRef<void(Project&)> last = [](Project&) {}) {
    MakeProject([&](Project& project) {
      last(project);
      dirs_.Make("killed");
      for (const char* suffix : {"", "-wal", kEndMarkSuffix}) {
        const fs::path file = FileIn("data", suffix);
        fs::copy(file, fs::path(dirs_.dir("killed") + "/projects") / file.filename());
      }
    });
  }

  std::string FileIn(const std::string& dir, const std::string& suffix = "") const {
    for (const auto& entry : fs::directory_iterator(dirs_.dir(dir) + "/projects")) {
      if (entry.path().string().ends_with(".voxels" + suffix)) return entry.path();
    }
    return "";
  }

  absl::Status Look(const std::string& dir) const {
    Kept kept(dirs_.dir(dir));
    return kept.registry().Find("p").status();
  }

  void CutLog() const {
    const std::string log = FileIn("killed", "-wal");
    fs::resize_file(log, fs::file_size(log) - kFrameBytes);
  }
  // By a load, by a check of the files and by a backup; and the next time, too: whoever looks takes
  // nothing away of what tells.
  void ExpectMissed(const std::string& words) const {
    for (int look = 0; look < 2; ++look) {
      ExpectDamaged(Look("killed"), words);
      const CheckReport report = CheckFile(FileIn("killed"), {}, {}).value();
      EXPECT_NE(absl::StrJoin(report.findings, "\n").find(words), std::string::npos)
          << report.findings.size();
      Kept kept(dirs_.dir("killed"));
      const std::string uid = kept.store().List().at(0).uid;
      ExpectDamaged(kept.store().CopyOf(uid, {}).status(), words);
      EXPECT_FALSE(kept.store().Check(uid, {}).value().findings.empty());
    }
  }
  static void ExpectDamaged(const absl::Status& status, const std::string& words) {
    EXPECT_EQ(Reason(status), "STORE_DAMAGED") << status;
    EXPECT_NE(std::string(status.message()).find(words), std::string::npos) << status;
  }

  const TempDirs dirs_;
};

TEST_F(EndOfFileTest, RowsThatVanishedAtAnEndAreMissed) {
  for (const char* loss :
       {"DELETE FROM revisions WHERE revision = 6", "DELETE FROM notes WHERE number = 5",
        "DELETE FROM notes WHERE number = 1", "DELETE FROM checkpoints", "DELETE FROM state"}) {
    MakeProject([](Project&) {});
    {
      const auto db = SqliteDb::Open(FileIn("data"), SqliteDb::Mode::kReadWrite, "").value();
      ASSERT_TRUE(db->Execute(loss).ok());
    }
    EXPECT_EQ(Reason(Look("data")), "STORE_DAMAGED") << loss;
  }
}

TEST_F(EndOfFileTest, LogOfAKilledDaemonThatEndsEarlyIsMissed) {
  KillIt();
  CutLog();
  ExpectMissed("revision 6 was durable, and the last is 5");
  // Whoever wants what is left says so.
  fs::remove(FileIn("killed", kEndMarkSuffix));
  Kept kept(dirs_.dir("killed"));
  EXPECT_EQ(kept.Find("p")->head()->info.revision, kEdits);
}

TEST_F(EndOfFileTest, LogOfAKilledDaemonThatIsGoneIsMissed) {
  for (const bool empty : {false, true}) {
    KillIt();
    const std::string log = FileIn("killed", "-wal");
    fs::remove(log);
    if (empty) std::ofstream(log, std::ios::binary).flush();
    ExpectMissed("revision 6 was durable, and the last is 1");
  }
}

TEST_F(EndOfFileTest, LogThatEndsBeforeAnAnswerIsMissed) {
  KillIt([](Project& project) {
    WriteOptions options;
    options.request_id = "changes nothing";
    ASSERT_TRUE(Await(Mutate(project, options, SetVoxel({0, 0, 0}, 0xFF)).ticket).ok());
  });
  CutLog();
  ExpectMissed("note 6 was durable, and the last is 5");
}

TEST_F(EndOfFileTest, LogThatEndsBeforeSomethingElseThanAnEditIsMissed) {
  KillIt([](Project& project) { Name(project, "last"); });
  CutLog();
  ExpectMissed("transaction 3 was durable, and the last is 2");
}

TEST_F(EndOfFileTest, StateTellsTheEndOfWhatWasMovedIntoTheFile) {
  // SQLite moves the log of a killed daemon, as sqlite3 does for whoever looks.
  KillIt();
  ASSERT_EQ(SqliteDb::Open(FileIn("killed"), SqliteDb::Mode::kReadWrite, "")
                .value()
                ->Number("SELECT max(revision) FROM revisions")
                .value(),
            6);
  ASSERT_EQ(FileIn("killed", "-wal"), "");
  EXPECT_TRUE(Look("killed").ok());  // which writes the state
  EXPECT_EQ(FileIn("killed", kEndMarkSuffix), "");
  ASSERT_TRUE(SqliteDb::Open(FileIn("killed"), SqliteDb::Mode::kReadWrite, "")
                  .value()
                  ->Execute("DELETE FROM revisions WHERE revision = 6")
                  .ok());
  ExpectMissed("it ends at revision 5 in place of 6");
}

TEST_F(EndOfFileTest, FileThatWasClosedWellStandsAlone) {
  MakeProject([this](Project&) { EXPECT_NE(FileIn("data", kEndMarkSuffix), ""); });
  EXPECT_EQ(FileIn("data", kEndMarkSuffix), "");
  EXPECT_EQ(FileIn("data", "-wal"), "");
  EXPECT_TRUE(Look("data").ok());
}

TEST_F(EndOfFileTest, MarkThatCannotBeReadAccusesNobody) {
  KillIt();
  fs::resize_file(FileIn("killed", kEndMarkSuffix), 13);
  EXPECT_TRUE(Look("killed").ok());
}

TEST_F(EndOfFileTest, MarkThatTheDiskDoesNotGiveIsNotTakenForNone) {
  KillIt();
  CutLog();
  const std::string mark = FileIn("killed", kEndMarkSuffix);
  fs::remove(mark);
  fs::create_symlink(mark, mark);  // which cannot be opened
  const absl::Status status = Look("killed");
  EXPECT_EQ(Reason(status), "COMMIT_FAILED") << status;
  EXPECT_NE(status.message().find(mark), absl::string_view::npos) << status;
  fs::remove(mark);
  EXPECT_TRUE(Look("killed").ok());
}

TEST_F(EndOfFileTest, MarkOfFormat3CountsTransactionsOnly) {
  for (const uint64_t transactions : {2, 9}) {
    KillIt();
    ByteWriter mark;
    mark.Fixed64(transactions);
    std::ofstream(FileIn("killed", kEndMarkSuffix), std::ios::binary) << SealFrame(mark.Take(), 0);
    if (transactions == 2) {
      EXPECT_TRUE(Look("killed").ok());
    } else {
      ExpectMissed("transaction 9 was durable, and the last is 2");
    }
  }
}

}  // namespace
}  // namespace voxeld
