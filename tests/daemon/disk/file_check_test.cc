#include "daemon/disk/file_check.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_replace.h"
#include "daemon/disk/offline_check.h"
#include "tests/daemon/disk/kept_fixture.h"
#include "tests/support/colors.h"

namespace voxeld {
namespace {

namespace fs = std::filesystem;

using voxel::kRed;

// A project with something in every table, whose revision 2 has a name.
class FileCheckTest : public KeptTest {
 protected:
  FileCheckTest() {
    Kept kept(dir_);
    const auto project = kept.Create("p");
    EXPECT_TRUE(Keep(Set(*project, {0, 0, 0}, kRed, RequestOfAnn("r"))).ok());
    const CheckpointOutcome marked = OnStrand(*project, [&] {
      return project->SetCheckpoint("first", 0, false, {},
                                    [](const CheckpointOutcome&, std::string*) {});
    });
    EXPECT_TRUE(Keep(marked).ok());
    // Noise that takes several blobs.
    const auto noise = [](const Revision& applied) {
      voxel::Edit edit;
      voxel::SetVoxels set;
      uint32_t state = 1;
      for (int i = 0; i < 600000; ++i) {
        state = state * 1664525 + 1013904223;
        set.positions.push_back({i % 100, i / 100 % 100, i / 10000});
        set.colors.push_back(state | 0xFF);
      }
      edit.op = std::move(set);
      auto result = voxel::ApplyEdits(applied.document, {&edit, 1}, {});
      return result.ok() ? absl::StatusOr<voxel::RefPtr<const voxel::Document>>(result->document)
                         : result.status();
    };
    EXPECT_TRUE(Keep(Mutate(*project, {}, noise)).ok());
  }

  CheckReport Check() {
    auto report = CheckFile(FileOf("p"), {}, {});
    EXPECT_TRUE(report.ok()) << report.status();
    return *report;
  }
  void Execute(const std::string& sql) {
    const auto db = SqliteDb::Open(FileOf("p"), SqliteDb::Mode::kReadWrite, "");
    ASSERT_TRUE(db.ok());
    ASSERT_TRUE((*db)->Execute(sql.c_str()).ok()) << sql;
  }
};

TEST_F(FileCheckTest, SoundFileIsReadBack) {
  const CheckReport report = Check();
  EXPECT_EQ(report.findings, std::vector<std::string>{});
  EXPECT_EQ(report.revisions, 3);
  EXPECT_GT(report.bytes, 600000);
  ASSERT_EQ(report.contents.size(), 2u);
  EXPECT_EQ(report.contents[0]->info.revision, 2);
  EXPECT_EQ(report.contents[1]->info.revision, 3);
}

TEST_F(FileCheckTest, FlippedByteOfAnyBlobIsFoundAndNamed) {
  const fs::path file = FileOf("p");
  const std::string saved = dir_ + "/saved";
  fs::copy_file(file, saved);
  const struct {
    const char* table;
    const char* column;
    const char* row;
    const char* place;
  } cases[] = {{"project", "identity", "1", "the identity"},
               {"state", "state", "1", "the state"},
               {"revisions", "change", "revision = 1", "revision 1"},
               {"more", "change", "part = 1", "revision 3, part 1"},
               {"notes", "note", "number = 1", "note 1"},
               {"checkpoints", "checkpoint", "1", "checkpoint first"}};
  for (const auto& c : cases) {
    fs::copy_file(saved, file, fs::copy_options::overwrite_existing);
    // One byte in the middle gets another value.
    std::string sql =
        "UPDATE TABLE SET BLOB = CAST(substr(BLOB, 1, length(BLOB) / 2) || "
        "CASE WHEN hex(substr(BLOB, length(BLOB) / 2 + 1, 1)) = '41' THEN x'42' ELSE x'41' END || "
        "substr(BLOB, length(BLOB) / 2 + 2) AS blob) WHERE ROW";
    sql = absl::StrReplaceAll(sql, {{"TABLE", c.table}, {"BLOB", c.column}, {"ROW", c.row}});
    Execute(sql);
    const CheckReport report = Check();
    ASSERT_FALSE(report.findings.empty()) << c.table;
    EXPECT_TRUE(report.findings[0].starts_with(std::string(c.place) + ": ")) << report.findings[0];
  }
}

TEST_F(FileCheckTest, MissingRowsAreFound) {
  const fs::path file = FileOf("p");
  const std::string saved = dir_ + "/saved";
  fs::copy_file(file, saved);
  for (const char* sql :
       {"DELETE FROM revisions WHERE revision = 2", "DELETE FROM more WHERE part = 1",
        "DELETE FROM project", "DELETE FROM state", "UPDATE checkpoints SET name = 'other'"}) {
    fs::copy_file(saved, file, fs::copy_options::overwrite_existing);
    Execute(sql);
    EXPECT_FALSE(Check().findings.empty()) << sql;
  }
}

TEST_F(FileCheckTest, WhatIsNoDatabaseIsAFinding) {
  std::ofstream(FileOf("p"), std::ios::binary) << std::string(9000, 'x');
  EXPECT_EQ(Check().findings.size(), 1u);
}

// The daemon refuses it; SQLite, asked to read, does not.
TEST_F(FileCheckTest, HeaderThatForbidsToWriteIsAFinding) {
  {
    std::fstream file(FileOf("p"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(18);
    file.put(3);
  }
  ASSERT_EQ(Check().findings.size(), 1u);
  EXPECT_EQ(Check().findings[0], "SQLite's header is not of a version that we write");
  std::string said;
  EXPECT_FALSE(*CheckOffline(dir_, [&](const std::string& line) { said += line + "\n"; }));
  EXPECT_NE(said.find("header"), std::string::npos) << said;
  Kept kept(dir_);
  const auto report = kept.store().Check(kept.registry().List("", "", 1)[0].uid, {});
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_EQ(report->findings.size(), 1u);
}

// Without its log the file would be an older one, and sound.
TEST_F(FileCheckTest, LogThatCannotBeLookedAtIsAFinding) {
  const std::string log = FileOf("p").string() + "-wal";
  fs::create_symlink(log, log);  // no stat gets to its end
  EXPECT_EQ(Check().findings.size(), 1u);
  fs::remove(log);
  EXPECT_EQ(Check().findings, std::vector<std::string>{});
}

TEST_F(FileCheckTest, CancelledCheckSaysSo) {
  voxel::CancelToken cancel;
  cancel.Cancel();
  voxel::TaskContext context;
  context.cancel = &cancel;
  const auto report = CheckFile(FileOf("p"), {}, context);
  EXPECT_EQ(Reason(report.status()), "CALL_CANCELLED");
}

TEST_F(FileCheckTest, CopiesWhileOthersWriteAreBeginningsOfTheLine) {
  std::vector<std::pair<std::string, int64_t>> copies;
  std::vector<uint64_t> hashes;
  {
    Kept kept(dir_);
    const auto project = kept.Find("p");
    const std::string uid = project->identity().uid;
    std::atomic<bool> stop{false};
    std::thread writer([&] {
      for (int x = 0; !stop; ++x) ASSERT_TRUE(Keep(Set(*project, {x, -1, 0}, kRed)).ok());
    });
    for (int i = 0; i < 5; ++i) {
      const int64_t before = project->head()->info.revision;
      const auto copy = kept.store().CopyOf(uid, {});
      ASSERT_TRUE(copy.ok()) << copy.status();
      EXPECT_GE((*copy)->revision(), before);
      const auto bytes = (*copy)->Read(0, static_cast<size_t>((*copy)->bytes()));
      ASSERT_TRUE(bytes.ok());
      copies.emplace_back(*bytes, (*copy)->revision());
      while (project->head()->info.revision < (*copy)->revision() + 3) std::this_thread::yield();
      hashes.push_back((*project->At((*copy)->revision()))->document->ContentHash());
    }
    stop = true;
    writer.join();
    for (const auto& entry : fs::directory_iterator(dir_ + "/projects")) {
      EXPECT_FALSE(entry.path().filename().string().starts_with(".copy-"));
    }
  }
  for (size_t i = 0; i < copies.size(); ++i) {
    std::ofstream(FileOf("p"), std::ios::binary) << copies[i].first;
    EXPECT_EQ(Check().findings, std::vector<std::string>{});
    Kept kept(dir_);
    const auto project = kept.Find("p");
    EXPECT_EQ(project->head()->info.revision, copies[i].second);
    EXPECT_EQ(project->head()->document->ContentHash(), hashes[i]);
  }
}

}  // namespace
}  // namespace voxeld
