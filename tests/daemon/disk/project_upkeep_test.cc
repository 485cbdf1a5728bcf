#include "daemon/disk/project_upkeep.h"

#include <cerrno>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/disk/project_file.h"
#include "gtest/gtest.h"
#include "tests/daemon/disk/fault_vfs.h"
#include "tests/daemon/store/project_fixture.h"
#include "tests/support/colors.h"
#include "voxel/base/status_macros.h"

namespace voxeld {
namespace {

namespace fs = std::filesystem;

using voxel::kRed;
absl::Time now = absl::FromUnixSeconds(1'700'000'000);

// What a file gives back: compared with what it is to be.
struct Seen {
  int64_t head = 0;
  uint64_t content = 0;
  uint32_t undo_left = 0;
  uint32_t redo_left = 0;
  std::vector<std::string> requests;

  bool operator==(const Seen&) const = default;
};

// A project file that is written by hand, with all that it is to hold beside it.
class UpkeepTest : public testing::Test {
 protected:
  UpkeepTest() {
    std::string name = testing::TempDir() + "upkeep_XXXXXX";
    dir_ = mkdtemp(name.data());
    path_ = dir_ + "/p";
    options_.upkeep.fold_bytes = 1000;
    options_.upkeep.now = [] { return now; };
    options_.upkeep.slice_rows = 7;
    Create(BlankDocument());
  }
  void Create(voxel::RefPtr<const voxel::Document> document) {
    file_ = nullptr;
    fs::remove(path_);
    revisions_.clear();
    revisions_.push_back(Next(std::move(document)));
    CommitRecord first;
    first.after = revisions_.back();
    ProjectIdentity identity;
    identity.id = "p";
    EXPECT_TRUE(ProjectFile::Create(path_, options_, identity, first).ok());
    Open();
    upkeep_ = std::make_unique<ProjectUpkeep>(options_);
  }
  ~UpkeepTest() override {
    file_ = nullptr;
    fs::remove_all(dir_);
  }

  void Open() {
    file_ = nullptr;
    file_ = ProjectFile::Open(path_, options_).value();
  }

  RevisionPtr head() const { return revisions_.back(); }

  // So many voxels, hardly two alike.
  voxel::RefPtr<const voxel::Document> Noise(int voxels) const {
    voxel::SetVoxels noise;
    for (int i = 0; i < voxels; ++i) {
      noise.positions.push_back({i % 500, i / 500, 0});
      noise.colors.push_back(voxel::Rgba(i * 7 % 251, i / 251 % 255, i % 253));
    }
    voxel::Edit edit;
    edit.op = std::move(noise);
    return voxel::ApplyEdits(head()->document, {&edit, 1}, {}).value().document;
  }

  RevisionPtr Next(voxel::RefPtr<const voxel::Document> document) {
    auto revision = voxel::MakeRef<Revision>();
    revision->info.revision = revisions_.empty() ? 1 : head()->info.revision + 1;
    revision->info.previous_revision = revision->info.revision - 1;
    revision->info.actor = "ann";
    revision->info.time = now;
    revision->document = std::move(document);
    return RevisionPtr(std::move(revision));
  }

  absl::Status Commit(const std::function<absl::Status()>& work) {
    EXPECT_TRUE(file_->Begin().ok());
    absl::Status status = work();
    if (status.ok()) status = file_->Commit();
    if (!status.ok()) file_->Rollback();
    return status;
  }

  // Makes the next revision, durably.
  void Put(voxel::RefPtr<const voxel::Document> document, HistoryChange history,
           const std::string& request = "") {
    CommitRecord record;
    record.before = head();
    record.after = Next(std::move(document));
    record.history = std::move(history);
    record.request_id = request;
    record.time = now;
    ASSERT_TRUE(Commit([&] { return file_->Put(record); }).ok());
    Remember(record);
  }
  void Remember(const CommitRecord& record) {
    history_.Apply(record.history);
    revisions_.push_back(record.after);
    if (!record.request_id.empty()) requests_.push_back(record.request_id);
  }
  HistoryChange NextStep() const {
    HistoryChange change;
    change.kind = HistoryChange::Kind::kStep;
    change.step.actor = "ann";
    change.step.before = head()->info.revision;
    change.step.after = change.step.before + 1;
    return change;
  }
  void Edit(voxel::Coord at, const std::string& request = "") {
    Put(SetVoxel(at, kRed)(*head()).value(), NextStep(), request);
  }
  // As many edits, in one transaction.
  void Edits(int count, const std::string& request = "") {
    const absl::Status status = Commit([&]() -> absl::Status {
      for (int i = 0; i < count; ++i) {
        const auto x = static_cast<int>(head()->info.revision);
        CommitRecord record;
        record.before = head();
        record.history = NextStep();
        record.after = Next(SetVoxel({x, 5, -i % 16}, kRed)(*head()).value());
        if (!request.empty()) record.request_id = request + std::to_string(i);
        record.time = now;
        VOXEL_RETURN_IF_ERROR(file_->Put(record));
        Remember(record);
      }
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
  }
  void Undo(uint32_t count) {
    HistoryChange change;
    change.kind = HistoryChange::Kind::kProjectUndo;
    change.count = count;
    Put(revision(history_.UndoTarget(count))->document, change);
  }
  void Redo(uint32_t count) {
    HistoryChange change;
    change.kind = HistoryChange::Kind::kProjectRedo;
    change.count = count;
    Put(revision(history_.RedoTarget(count))->document, change);
  }
  // A step that makes no revision.
  void Note() {
    CommitRecord record;
    record.before = head();
    record.history.kind = HistoryChange::Kind::kStep;
    record.history.step.kind = UndoStep::Kind::kActorUndo;
    record.history.step.count = 1;
    record.history.step.actor = "ann";
    record.history.step.before = record.history.step.after = head()->info.revision;
    record.time = now;
    ASSERT_TRUE(Commit([&] { return file_->Put(record); }).ok());
    history_.Apply(record.history);
  }

  RevisionPtr revision(int64_t number) const { return revisions_[static_cast<size_t>(number - 1)]; }

  // Runs the upkeep; after_slice() may end it as a crash would.
  absl::Status Upkeep(int64_t oldest, std::vector<RevisionPtr> kept = {},
                      const std::function<absl::Status()>& after_slice = nullptr) {
    Retirement retired;
    if (oldest > 0) retired.oldest = revision(oldest);
    retired.kept = std::move(kept);
    return upkeep_
        ->Run(retired,
              [&](ProjectUpkeep::Work work) {
                ++slices_;
                absl::Status status = Commit([&] { return work(*file_); });
                if (status.ok() && after_slice) status = after_slice();
                return status;
              })
        .status();
  }

  RestoredProject Load(ProjectFile& file) {
    absl::StatusOr<RestoredProject> project = file.Restore({}, nullptr);
    EXPECT_TRUE(project.ok()) << project.status();
    return *std::move(project);
  }
  static Seen See(RestoredProject& project, int64_t oldest) {
    project.history.DropBelow(oldest);
    Seen seen{.head = project.revisions.back().revision->info.revision,
              .content = project.revisions.back().revision->document->ContentHash(),
              .undo_left = project.history.undo_left(),
              .redo_left = project.history.redo_left(),
              .requests = {}};
    for (const RestoredProject::Request& request : project.requests) {
      seen.requests.push_back(request.id);
    }
    return seen;
  }
  // What there is to be seen while nothing older than `oldest` is retained.
  Seen Expected(int64_t oldest) const {
    UndoHistory history = history_;
    history.DropBelow(oldest);
    return {.head = head()->info.revision,
            .content = head()->document->ContentHash(),
            .undo_left = history.undo_left(),
            .redo_left = history.redo_left(),
            .requests = requests_};
  }
  void ExpectAllThere(int64_t oldest) {
    RestoredProject project = Load(*file_);
    EXPECT_EQ(See(project, oldest), Expected(oldest));
    for (const PublishedRevisions::Item& item : project.revisions) {
      const Revision& original = *revision(item.revision->info.revision);
      EXPECT_EQ(item.revision->document->ContentHash(), original.document->ContentHash());
      EXPECT_EQ(item.revision->info.previous_revision, original.info.previous_revision);
    }
  }

  int64_t Rows(const std::string& from) const {
    auto db = SqliteDb::Open(path_, SqliteDb::Mode::kReadWrite, "").value();
    return db->Number(("SELECT count(*) FROM " + from).c_str()).value();
  }

  // Why a copy of the file itself, which neither log nor mark tells the end of, is refused once
  // `loss` has happened to it; empty: it is not.
  std::string FileAloneAfter(const char* loss) const {
    const std::string copy = dir_ + "/copy";
    fs::copy_file(path_, copy);
    EXPECT_TRUE(SqliteDb::Open(copy, SqliteDb::Mode::kReadWrite, "").value()->Execute(loss).ok());
    absl::Status seen;
    {
      const auto file = ProjectFile::Open(copy, {});
      seen = file.ok() ? (*file)->Restore({}, nullptr).status() : file.status();
    }
    fs::remove(copy);
    return Reason(seen);
  }

  FaultVfs disk_;  // for those who want its faults
  std::string dir_, path_;
  FileOptions options_;
  std::unique_ptr<ProjectFile> file_;
  std::unique_ptr<ProjectUpkeep> upkeep_;
  std::vector<RevisionPtr> revisions_;  // all there ever were
  UndoHistory history_;
  std::vector<std::string> requests_;
  int slices_ = 0;
};

TEST_F(UpkeepTest, FoldedProjectIsTheSameAndItsOldRowsAreGone) {
  Edits(100);
  ASSERT_TRUE(Upkeep(90).ok());
  EXPECT_EQ(Rows("revisions"), 11);
  EXPECT_EQ(Rows("revisions WHERE revision <= 90"), 0);
  EXPECT_EQ(file_->state().base_revision, 90);
  ExpectAllThere(90);
  Open();
  ExpectAllThere(90);
  EXPECT_EQ(Load(*file_).revisions.front().revision->info.revision, 90);

  Edits(200);  // and again, on top of a base
  ASSERT_TRUE(Upkeep(280).ok());
  EXPECT_EQ(file_->state().generation, 2);
  EXPECT_EQ(Rows("base WHERE generation <> 2"), 0);
  ExpectAllThere(280);
}

TEST_F(UpkeepTest, NothingIsFoldedBeforeItIsWorthIt) {
  Edits(10);
  ASSERT_TRUE(Upkeep(5).ok());
  EXPECT_EQ(file_->state().base_revision, 0);
  Edits(90);
  ASSERT_TRUE(Upkeep(100).ok());
  EXPECT_EQ(file_->state().base_revision, 100);
  Edits(5);
  ASSERT_TRUE(Upkeep(105).ok());  // less than the floor has come since
  EXPECT_EQ(file_->state().base_revision, 100);
}

TEST_F(UpkeepTest, WhatAProjectBeganWithCountsAsItsBase) {
  Create(Noise(20000));
  Edits(100);
  ASSERT_TRUE(Upkeep(1).ok());  // nothing would go
  EXPECT_EQ(file_->state().base_revision, 0);
  ASSERT_TRUE(Upkeep(90).ok());  // little would
  EXPECT_EQ(file_->state().base_revision, 0);
  ExpectAllThere(1);
}

TEST_F(UpkeepTest, AShareOfAFewBytesIsNotNothing) {
  options_.upkeep.fold_bytes = 0;
  options_.upkeep.fold_percent = 1'000'000;
  upkeep_ = std::make_unique<ProjectUpkeep>(options_);
  Edits(10);
  ASSERT_TRUE(Upkeep(5).ok());  // not ten thousand times what a blank project takes
  EXPECT_EQ(file_->state().base_revision, 0);
}

TEST_F(UpkeepTest, RevisionThatIsNotDurableYetIsNoBase) {
  Edits(100);
  revisions_.push_back(Next(head()->document));
  ASSERT_TRUE(Upkeep(102).ok());
  EXPECT_EQ(file_->state().base_revision, 0);
  EXPECT_EQ(file_->head(), 101);
}

TEST_F(UpkeepTest, HeadItselfCanBeTheBase) {
  Edits(100);
  ASSERT_TRUE(Upkeep(101).ok());
  EXPECT_EQ(Rows("revisions"), 0);
  Open();
  EXPECT_EQ(file_->head(), 101);
  ExpectAllThere(101);
  Edits(1);
  ExpectAllThere(101);
}

// Undo that reaches below the base, and back, counts steps that the base must remember.
TEST_F(UpkeepTest, UndoAndRedoOverAFoldAreCountedRight) {
  Edits(60);
  Note();
  Undo(20);
  Edits(3);
  Undo(6);  // the base will be between the edits that this takes back
  Redo(5);
  Note();
  Edits(2);
  for (const int64_t oldest : {30, 62, 64, 66, 67}) {
    SCOPED_TRACE(oldest);
    ASSERT_TRUE(Upkeep(oldest).ok());
    ExpectAllThere(oldest);
    options_.upkeep.fold_bytes = 1;  // the rest is small
    options_.upkeep.fold_percent = 0;
    upkeep_ = std::make_unique<ProjectUpkeep>(options_);
  }
  EXPECT_EQ(file_->state().base_revision, 67);
}

TEST_F(UpkeepTest, KeptRevisionsComeBackAndShareTheBase) {
  Edits(100);
  ASSERT_TRUE(Upkeep(90, {revision(3), revision(50)}).ok());
  for (int round = 0; round < 2; ++round) {
    RestoredProject project = Load(*file_);
    ASSERT_EQ(project.kept.size(), 2u);
    EXPECT_EQ(project.kept[0]->info.revision, 3);
    EXPECT_EQ(project.kept[0]->info.actor, "ann");
    EXPECT_EQ(project.kept[1]->document->ContentHash(), revision(50)->document->ContentHash());
    EXPECT_EQ(project.kept[0]->document->ContentHash(), revision(3)->document->ContentHash());
    Edits(150);
    ASSERT_TRUE(Upkeep(200, project.kept).ok());
    Open();
  }
  EXPECT_EQ(Rows("kept WHERE generation <> 2"), 0);
  Edits(1000);
  ASSERT_TRUE(Upkeep(500).ok());  // they are no longer wanted
  EXPECT_EQ(Rows("kept"), 0);
}

TEST_F(UpkeepTest, FileCopiedBetweenAnyTwoSlicesIsWhole) {
  Edits(60);
  Note();
  Edits(20);
  int images = 0;
  const auto image = [&] {
    const std::string copy = dir_ + "/copy";
    for (const char* suffix : {"", "-wal"}) {
      fs::copy_file(path_ + suffix, copy + suffix, fs::copy_options::overwrite_existing);
    }
    auto file = ProjectFile::Open(copy, options_);
    EXPECT_TRUE(file.ok()) << file.status();
    RestoredProject project = Load(**file);
    EXPECT_EQ(See(project, 75), Expected(75));
    ++images;
    // What was left there is swept away, and it can be folded all the same.
    ProjectUpkeep upkeep(options_);
    const Retirement retired{revision(75), {revision(9)}};
    const auto done = upkeep.Run(retired, [&](ProjectUpkeep::Work work) {
      EXPECT_TRUE((*file)->Begin().ok());
      const absl::Status put = work(**file);
      return put.ok() ? (*file)->Commit() : put;
    });
    EXPECT_TRUE(done.ok()) << done.status();
    EXPECT_FALSE((*file)->HasLeftovers().value());
    RestoredProject folded = Load(**file);
    EXPECT_EQ(See(folded, 75), Expected(75));
    EXPECT_EQ(folded.kept.size(), 1u);
    return absl::OkStatus();
  };
  ASSERT_TRUE(Upkeep(75, {revision(9)}, image).ok());
  EXPECT_EQ(file_->state().base_revision, 75);
  EXPECT_GT(images, 15);
}

TEST_F(UpkeepTest, RunThatFailsAnywhereIsTriedAgain) {
  Edits(80);
  ASSERT_TRUE(Upkeep(75).ok());
  Edits(120);
  const int64_t oldest = 190;
  for (int fail_at = 1;; ++fail_at) {
    ASSERT_LT(fail_at, 1000);
    slices_ = 0;
    upkeep_ = std::make_unique<ProjectUpkeep>(options_);
    const auto done =
        upkeep_->Run({revision(oldest), {}}, [&](ProjectUpkeep::Work work) -> absl::Status {
          if (++slices_ == fail_at) return absl::ResourceExhaustedError("full");
          return Commit([&] { return work(*file_); });
        });
    ExpectAllThere(oldest);
    if (done.ok()) break;
  }
  EXPECT_EQ(file_->state().base_revision, oldest);
  EXPECT_FALSE(file_->HasLeftovers().value());
}

TEST_F(UpkeepTest, AnswersAreKeptForSoManyRequestsAndSoLong) {
  options_.upkeep.requests.max = 20;
  upkeep_ = std::make_unique<ProjectUpkeep>(options_);
  Edits(50, "r");
  now += absl::Minutes(59);
  ASSERT_TRUE(Upkeep(0).ok());
  EXPECT_EQ(Rows("notes"), 50);
  now += absl::Minutes(2);
  Edits(10, "s");
  Note();
  ASSERT_TRUE(Upkeep(0).ok());
  EXPECT_EQ(Rows("notes"), 21);  // the step is no request
  requests_.erase(requests_.begin(), requests_.end() - 20);
  ExpectAllThere(1);
  Open();
  Edit({60, 0, 0}, "t");
  ASSERT_TRUE(Upkeep(0).ok());
  EXPECT_EQ(Rows("notes"), 21);
}

TEST_F(UpkeepTest, AnswersAreDroppedSoonerIfTheyTakeTooMuch) {
  options_.upkeep.requests.max_bytes = 500;
  upkeep_ = std::make_unique<ProjectUpkeep>(options_);
  Edits(50, "r");
  ASSERT_TRUE(Upkeep(0).ok());
  EXPECT_GT(Rows("notes"), 5);
  EXPECT_LT(Rows("notes"), 30);
}

TEST_F(UpkeepTest, StepThatIsNotFoldedYetStaysThoughItsAnswerNeedNot) {
  options_.upkeep.requests.max = 0;
  upkeep_ = std::make_unique<ProjectUpkeep>(options_);
  Edits(10);
  Note();
  now += absl::Hours(2);
  ASSERT_TRUE(Upkeep(0).ok());
  EXPECT_EQ(Rows("notes"), 1);
  Edits(80);
  ASSERT_TRUE(Upkeep(80).ok());
  EXPECT_EQ(Rows("notes"), 0);
  ExpectAllThere(80);
}

TEST_F(UpkeepTest, FreePagesAreGivenBack) {
  options_.compression = 0;
  upkeep_ = std::make_unique<ProjectUpkeep>(options_);
  const voxel::RefPtr<const voxel::Document> there = Noise(40000);
  const voxel::RefPtr<const voxel::Document> gone = head()->document;
  for (int i = 0; i < 30; ++i) {
    Put(there, {});
    Put(gone, {});
  }
  Put(there, {});
  ASSERT_TRUE(file_->Checkpoint().ok());
  ASSERT_GT(fs::file_size(path_), 3 << 20);
  ASSERT_TRUE(Upkeep(62).ok());
  ASSERT_TRUE(file_->Checkpoint().ok());
  EXPECT_LT(fs::file_size(path_), 3 << 19);  // what it holds, and 1 MiB for what comes
  ExpectAllThere(62);
}

// What decision 0029 is for: the other page would tell where the file ends now.
TEST_F(UpkeepTest, LoneEditIsOnePageOfTheLog) {
  const auto log_bytes = [this] { return fs::file_size(path_ + "-wal"); };
  Edit({0, 0, 0});
  for (int x = 1; x < 5; ++x) {
    const uintmax_t before = log_bytes();
    Edit({x, 0, 0});
    EXPECT_EQ(log_bytes() - before, 24 + 4096);
  }
}

TEST_F(UpkeepTest, StateIsWrittenBeforeTheLogIsMovedIntoTheFile) {
  for (int x = 0; x < 3; ++x) Edit({x, 0, 0}, "r" + std::to_string(x));
  ASSERT_TRUE(file_->Checkpoint().ok());
  EXPECT_EQ(FileAloneAfter(""), "");
  EXPECT_EQ(FileAloneAfter("DELETE FROM revisions WHERE revision = 4"), "STORE_DAMAGED");
  EXPECT_EQ(FileAloneAfter("DELETE FROM notes WHERE number = 3"), "STORE_DAMAGED");
}

// Or the file would be closed, and its mark with it, while nothing in it tells of its end.
TEST_F(UpkeepTest, StateThatFoundNoRoomIsWrittenBeforeTheNextMove) {
  options_.vfs = disk_.name();
  Open();
  Edit({0, 0, 0});
  disk_.SetFault({.call = Fault::Call::kWrite, .at = 1, .error = ENOSPC});
  ASSERT_TRUE(file_->Checkpoint().ok());  // of the pages alone
  EXPECT_EQ(FileAloneAfter("DELETE FROM revisions WHERE revision = 2"), "");
  ASSERT_TRUE(file_->Checkpoint().ok());
  EXPECT_EQ(FileAloneAfter("DELETE FROM revisions WHERE revision = 2"), "STORE_DAMAGED");
}

TEST_F(UpkeepTest, FileOfTheFirstFormatIsBroughtUp) {
  Edits(5, "r");
  {
    file_ = nullptr;
    const auto db = SqliteDb::Open(path_, SqliteDb::Mode::kReadWrite, "").value();
    ASSERT_TRUE(
        db->Execute(
              "DROP TABLE kept; DROP TABLE checkpoints; ALTER TABLE notes DROP COLUMN requests;"
              "PRAGMA user_version = 1")
            .ok());
  }
  Open();
  EXPECT_EQ(file_->requests(), 5);
  Edits(60);
  ASSERT_TRUE(Upkeep(50).ok());
  EXPECT_EQ(file_->state().base_revision, 50);
  ExpectAllThere(50);
}

TEST_F(UpkeepTest, BaseWithAPartMissingIsTold) {
  Put(Noise(200000), {});
  Edit({0, 0, 9});
  ASSERT_TRUE(Upkeep(3).ok());
  ASSERT_GT(Rows("base"), 2);
  ExpectAllThere(3);
  file_ = nullptr;
  ASSERT_TRUE(SqliteDb::Open(path_, SqliteDb::Mode::kReadWrite, "")
                  .value()
                  ->Execute("DELETE FROM base WHERE part = 1")
                  .ok());
  Open();
  const absl::Status status = file_->Restore({}, nullptr).status();
  EXPECT_EQ(Reason(status), "STORE_DAMAGED");
  EXPECT_NE(status.message().find("part 1 is missing"), absl::string_view::npos) << status;
}

}  // namespace
}  // namespace voxeld
