// Files of earlier formats are brought up to this one, with all that was in them.
#include <string>

#include "daemon/codec/bytes.h"
#include "daemon/codec/frame.h"
#include "daemon/disk/sqlite_db.h"
#include "gtest/gtest.h"
#include "tests/daemon/disk/kept_fixture.h"
#include "tests/support/colors.h"

namespace voxeld {
namespace {

using voxel::kRed;

using OldFileTest = KeptTest;

constexpr int kOldEdits = 5;

// What the voxeld that knew format 1 alone left: no folding, no checkpoints, requests not counted,
// a state of three numbers. Its blobs of revisions and notes were written as they are now.
void MakeFormat1(const std::string& file) {
  const auto db = SqliteDb::Open(file, SqliteDb::Mode::kReadWrite, "").value();
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

TEST_F(OldFileTest, FileOfFormat1IsBroughtUpWithContentHistoryAndAnswers) {
  uint64_t hash = 0;
  {
    Kept kept(dir_);
    const auto project = kept.Create("p");
    for (int x = 0; x < kOldEdits; ++x) {
      ASSERT_TRUE(Keep(Mutate(*project, RequestOfAnn("r" + std::to_string(x)),
                              SetVoxel({x, 0, 0}, kRed), "answer " + std::to_string(x)))
                      .ok());
    }
    ASSERT_TRUE(Keep(UndoSteps(*project, 1, UndoScope::kProject)).ok());
    hash = project->head()->document->ContentHash();
  }
  ASSERT_NO_FATAL_FAILURE(MakeFormat1(FileOf("p")));
  for (int start = 0; start < 2; ++start) {
    Kept kept(dir_);
    const auto project = kept.Find("p");
    EXPECT_EQ(project->head()->info.revision, kOldEdits + 2);
    EXPECT_EQ(project->head()->document->ContentHash(), hash);
    EXPECT_EQ(At(**project->At(3), {1, 0, 0}), kRed);
    EXPECT_EQ(At(**project->At(3), {2, 0, 0}), voxel::kAir);
    for (int x = 0; x < kOldEdits; ++x) {
      const Outcome again =
          Mutate(*project, RequestOfAnn("r" + std::to_string(x)), SetVoxel({9, 9, 9}, kRed));
      EXPECT_TRUE(again.replayed);
      EXPECT_EQ(again.answer, "answer " + std::to_string(x));
    }
    WriteOptions dry;
    dry.validate_only = true;
    const UndoOutcome undo = UndoSteps(*project, 1, UndoScope::kProject, dry);
    EXPECT_EQ(undo.undo_left, static_cast<uint32_t>(kOldEdits - 2));
    EXPECT_EQ(undo.redo_left, 2u);
    const auto report = kept.store().Check(project->identity().uid, {});
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(report->findings, std::vector<std::string>{});
  }
  const auto db = SqliteDb::Open(FileOf("p"), SqliteDb::Mode::kReadOnly, "").value();
  EXPECT_EQ(db->Number("PRAGMA user_version").value(), 4);
  EXPECT_EQ(db->Number("SELECT requests FROM notes ORDER BY number DESC").value(), kOldEdits);
  { ASSERT_TRUE(Keep(Set(*Kept(dir_).Find("p"), {0, 1, 0}, kRed, RequestOfAnn("new"))).ok()); }
}

}  // namespace
}  // namespace voxeld
