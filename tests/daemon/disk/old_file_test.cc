// Files of earlier formats are brought up to this one, with all that was in them, wherever the
// power is cut meanwhile.
#include <string>
#include <vector>

#include "daemon/codec/bytes.h"
#include "daemon/codec/frame.h"
#include "daemon/disk/sqlite_db.h"
#include "gtest/gtest.h"
#include "tests/daemon/disk/fault_vfs.h"
#include "tests/daemon/disk/kept_fixture.h"
#include "tests/daemon/disk/simulated_disk.h"
#include "tests/support/colors.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::kRed;

using OldFileTest = KeptTest;

constexpr int kOldEdits = 5;

void MakeOldEdits(Project& project) {
  for (int x = 0; x < kOldEdits; ++x) {
    const WriteOptions request = RequestOfAnn(voxel::StrCat("r", x));
    ASSERT_TRUE(
        Keep(Mutate(project, request, SetVoxel({x, 0, 0}, kRed), voxel::StrCat("answer ", x)))
            .ok());
  }
}

void ExpectOldAnswers(Project& project) {
  for (int x = 0; x < kOldEdits; ++x) {
    const WriteOptions request = RequestOfAnn(voxel::StrCat("r", x));
    const Outcome again = Mutate(project, request, SetVoxel({9, 9, 9}, kRed));
    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(again.answer, voxel::StrCat("answer ", x));
  }
}

void ExpectNothingIsWrong(Kept& kept, const Project& project) {
  const auto report = kept.store().Check(project.identity().uid, {});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->findings, std::vector<std::string>{});
}

// What the voxeld that knew format 1 alone left: no folding, no checkpoints, requests not counted,
// a state of three numbers. Its blobs of revisions and notes were written as they are now.
void MakeFormat1(const std::string& file, const std::string& vfs) {
  const auto db = SqliteDb::Open(file, SqliteDb::Mode::kReadWrite, vfs).value();
  ASSERT_TRUE(db->Execute("BEGIN; CREATE TABLE rows AS SELECT number, note FROM notes;"
                          "DROP TABLE notes; DROP TABLE kept; DROP TABLE checkpoints;"
                          "CREATE TABLE notes(number INTEGER PRIMARY KEY, note BLOB NOT NULL);"
                          "INSERT INTO notes SELECT number, note FROM rows; DROP TABLE rows;"
                          "PRAGMA user_version = 1; COMMIT")
                  .ok());
  ByteWriter state;
  for (int i = 0; i < 3; ++i) state.Signed(0);
  const std::string frame = SealFrame(state.bytes(), 0);
  SqliteStatement put = db->Prepare("UPDATE state SET state = ?").value();
  put.BindBlob(1, frame);
  ASSERT_TRUE(put.Run().ok());
}

int64_t FormatOf(const std::string& dir) {
  const auto db = SqliteDb::Open(FileIn(dir, "p"), SqliteDb::Mode::kReadOnly, "").value();
  return db->Number("PRAGMA user_version").value();
}

TEST_F(OldFileTest, FileOfFormat1IsBroughtUpWithContentHistoryAndAnswers) {
  uint64_t hash = 0;
  {
    Kept kept(dir_);
    const auto project = kept.Create("p");
    ASSERT_NO_FATAL_FAILURE(MakeOldEdits(*project));
    ASSERT_TRUE(Keep(UndoSteps(*project, 1, UndoScope::kProject)).ok());
    hash = project->head()->document->ContentHash();
  }
  ASSERT_NO_FATAL_FAILURE(MakeFormat1(FileOf("p"), ""));
  for (int start = 0; start < 2; ++start) {
    Kept kept(dir_);
    const auto project = kept.Find("p");
    EXPECT_EQ(project->head()->info.revision, kOldEdits + 2);
    EXPECT_EQ(project->head()->document->ContentHash(), hash);
    EXPECT_EQ(At(**project->At(3), {1, 0, 0}), kRed);
    EXPECT_EQ(At(**project->At(3), {2, 0, 0}), voxel::kAir);
    ExpectOldAnswers(*project);
    WriteOptions dry;
    dry.validate_only = true;
    const UndoOutcome undo = UndoSteps(*project, 1, UndoScope::kProject, dry);
    EXPECT_EQ(undo.undo_left, static_cast<uint32_t>(kOldEdits - 2));
    EXPECT_EQ(undo.redo_left, 2u);
    ExpectNothingIsWrong(kept, *project);
  }
  EXPECT_EQ(FormatOf(dir_), 4);
  const auto db = SqliteDb::Open(FileOf("p"), SqliteDb::Mode::kReadOnly, "").value();
  EXPECT_EQ(db->Number("SELECT requests FROM notes ORDER BY number DESC").value(), kOldEdits);
  { ASSERT_TRUE(Keep(Set(*Kept(dir_).Find("p"), {0, 1, 0}, kRed, RequestOfAnn("new"))).ok()); }
}

TEST_F(OldFileTest, FileIsTheOldOneOrTheNewOneWhereverThePowerIsCut) {
  FaultVfs vfs;
  DiskOptions options = InDir(dir_);
  options.file.vfs = vfs.name();
  options.file.ops = &vfs;
  {
    Kept kept(options);
    ASSERT_NO_FATAL_FAILURE(MakeOldEdits(*kept.Create("p")));
  }
  ASSERT_NO_FATAL_FAILURE(MakeFormat1(FileOf("p"), vfs.name()));
  const size_t old = vfs.events();
  size_t edited = 0;
  {
    Kept kept(options);
    ASSERT_TRUE(Keep(Set(*kept.Find("p"), {0, 1, 0}, kRed)).ok());
    edited = vfs.events();
  }
  const std::vector<DiskEvent> log = vfs.TakeLog();
  ASSERT_GT(edited, old);
  const TempDirs dirs;
  int images_of_old = 0;
  for (uint64_t seed = 0; seed < 3; ++seed) {
    SimulatedDisk disk;
    SimulatedDisk::Random random(seed);
    for (size_t cut = 1; cut <= log.size(); ++cut) {
      disk.Apply(log[cut - 1], random);
      if (cut < old) continue;
      SCOPED_TRACE(voxel::StrCat("cut after event ", cut, " of ", log.size(), ", seed ", seed));
      const SimulatedDisk::Files files = disk.Cut(random);
      images_of_old += FormatOf(dirs.Write("look", files)) == 1 ? 1 : 0;
      Kept kept(dirs.Write("image", files, disk.Written()));
      const auto found = kept.registry().Find("p");
      ASSERT_TRUE(found.ok()) << found.status();
      Project& project = **found;
      for (int x = 0; x < kOldEdits; ++x) EXPECT_EQ(At(*project.head(), {x, 0, 0}), kRed);
      if (cut >= edited) {
        EXPECT_EQ(At(*project.head(), {0, 1, 0}), kRed);
      }
      ExpectOldAnswers(project);
      ExpectNothingIsWrong(kept, project);
    }
  }
  EXPECT_GT(images_of_old, 0);
}

}  // namespace
}  // namespace voxeld
