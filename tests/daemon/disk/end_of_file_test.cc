// What is missing at the end of a project's file is missed.
#include <filesystem>
#include <string>

#include "daemon/disk/end_mark.h"
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
    for (int x = 0; x < kEdits; ++x) {
      WriteOptions options;
      options.request_id = std::to_string(x);
      ASSERT_TRUE(Await(Mutate(*project, options, SetVoxel({x, 0, 0}, 0xFF)).ticket).ok());
    }
    then();
  }

  // Leaves in "killed" what a daemon leaves that is killed.
  void KillIt() {
    MakeProject([this] {
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

  const TempDirs dirs_;
};

TEST_F(EndOfFileTest, RowsThatVanishedAtAnEndAreMissed) {
  for (const char* loss :
       {"DELETE FROM revisions WHERE revision = 6", "DELETE FROM notes WHERE number = 5",
        "DELETE FROM notes WHERE number = 1", "DELETE FROM state"}) {
    MakeProject([] {});
    {
      const auto db = SqliteDb::Open(FileIn("data"), SqliteDb::Mode::kReadWrite, "").value();
      ASSERT_TRUE(db->Execute(loss).ok());
    }
    EXPECT_EQ(Reason(Look("data")), "STORE_DAMAGED") << loss;
  }
}

TEST_F(EndOfFileTest, LogOfAKilledDaemonThatEndsEarlyIsMissed) {
  KillIt();
  const std::string log = FileIn("killed", "-wal");
  fs::resize_file(log, fs::file_size(log) - kFrameBytes);
  const absl::Status status = Look("killed");
  EXPECT_EQ(Reason(status), "STORE_DAMAGED");
  EXPECT_NE(status.message().find("of 6 transactions the last 1 are missing"),
            absl::string_view::npos)
      << status;
  // Whoever wants what is left says so.
  fs::remove(FileIn("killed", kEndMarkSuffix));
  Kept kept(dirs_.dir("killed"));
  EXPECT_EQ(kept.Find("p")->head()->info.revision, kEdits);
}

TEST_F(EndOfFileTest, FileThatWasClosedWellStandsAlone) {
  MakeProject([this] { EXPECT_NE(FileIn("data", kEndMarkSuffix), ""); });
  EXPECT_EQ(FileIn("data", kEndMarkSuffix), "");
  EXPECT_EQ(FileIn("data", "-wal"), "");
  EXPECT_TRUE(Look("data").ok());
}

TEST_F(EndOfFileTest, MarkThatCannotBeReadAccusesNobody) {
  KillIt();
  fs::resize_file(FileIn("killed", kEndMarkSuffix), 13);
  EXPECT_TRUE(Look("killed").ok());
}

}  // namespace
}  // namespace voxeld
