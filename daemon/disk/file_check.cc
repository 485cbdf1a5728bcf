#include "daemon/disk/file_check.h"

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "daemon/codec/frame.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::StrCat;

constexpr size_t kMostFindings = 100;
constexpr int kRowsBetweenLooks = 256;  // whether the check is still wanted

// The tables that hold blobs: each row's place in words, and its blob.
constexpr const char* kBlobs[] = {
    "SELECT 'the identity', identity FROM project",
    "SELECT 'the state', state FROM state",
    "SELECT 'base ' || generation || ', part ' || part, change FROM base",
    "SELECT 'kept revision ' || revision || ', part ' || part, change FROM kept",
    "SELECT 'revision ' || revision, change FROM revisions",
    "SELECT 'revision ' || revision || ', part ' || part, change FROM more",
    "SELECT 'note ' || number, note FROM notes",
    "SELECT 'checkpoint ' || name, checkpoint FROM checkpoints",
};

class Check {
 public:
  Check(const std::string& path, FileSnapshot snapshot, const FileOptions& options,
        const voxel::TaskContext& context)
      : options_(options), context_(context), snapshot_(std::move(snapshot)) {
    report_.file = path;
  }

  absl::StatusOr<CheckReport> Run() {
    VOXEL_RETURN_IF_ERROR(Stage(&Check::Header));
    VOXEL_RETURN_IF_ERROR(Stage(&Check::Structure));
    for (const char* sql : kBlobs) {
      sql_ = sql;
      VOXEL_RETURN_IF_ERROR(Stage(&Check::Blobs));
    }
    VOXEL_RETURN_IF_ERROR(Stage(&Check::ReadBack));
    return std::move(report_);
  }

 private:
  // What a stage fails with is a finding; only that nobody wants the check any more ends it.
  absl::Status Stage(absl::Status (Check::*stage)()) {
    VOXEL_RETURN_IF_ERROR(context_.Check());
    if (const absl::Status status = (this->*stage)(); !status.ok()) {
      VOXEL_RETURN_IF_ERROR(context_.Check());
      Find(std::string(status.message()));
    }
    return absl::OkStatus();
  }

  void Find(std::string finding) {
    if (report_.findings.size() == kMostFindings) finding = "there are more findings";
    if (report_.findings.size() <= kMostFindings) report_.findings.push_back(std::move(finding));
  }

  absl::Status Header() {
    VOXEL_ASSIGN_OR_RETURN(const bool writable, snapshot_.db->OfAVersionWeWrite());
    if (!writable) Find("SQLite's header is not of a version that we write");
    return absl::OkStatus();
  }

  absl::Status Structure() {
    VOXEL_ASSIGN_OR_RETURN(SqliteStatement rows, snapshot_.db->Prepare("PRAGMA integrity_check"));
    while (true) {
      VOXEL_ASSIGN_OR_RETURN(const bool row, rows.Step());
      if (!row) return absl::OkStatus();
      if (rows.Blob(0) != "ok") Find(StrCat("SQLite: ", rows.Blob(0)));
    }
  }

  absl::Status Blobs() {
    VOXEL_ASSIGN_OR_RETURN(SqliteStatement rows, snapshot_.db->Prepare(sql_));
    for (int64_t read = 0;; ++read) {
      VOXEL_ASSIGN_OR_RETURN(const bool row, rows.Step());
      if (!row) return absl::OkStatus();
      if (read % kRowsBetweenLooks == 0) VOXEL_RETURN_IF_ERROR(context_.Check());
      report_.bytes += static_cast<int64_t>(rows.Blob(1).size());
      const absl::Status opened = OpenFrame(rows.Blob(1)).status();
      if (!opened.ok()) Find(StrCat(rows.Blob(0), ": ", voxel::ToStd(opened.message())));
    }
  }

  absl::Status ReadBack() {
    VOXEL_ASSIGN_OR_RETURN(const std::unique_ptr<ProjectFile> file,
                           ProjectFile::OfSnapshot(report_.file, options_, std::move(snapshot_)));
    VOXEL_ASSIGN_OR_RETURN(report_.revisions, file->CountRevisions());
    ProjectOptions last_only;
    last_only.retained_revisions = 1;
    VOXEL_ASSIGN_OR_RETURN(RestoredProject project, file->Restore(last_only, nullptr));
    for (const Checkpoint& checkpoint : project.checkpoints) {
      report_.contents.push_back(checkpoint.revision);
    }
    report_.contents.push_back(project.revisions.back().revision);
    return absl::OkStatus();
  }

  const FileOptions& options_;
  const voxel::TaskContext& context_;
  FileSnapshot snapshot_;
  const char* sql_ = nullptr;
  CheckReport report_;
};

}  // namespace

absl::StatusOr<FileSnapshot> OpenSnapshot(const std::string& path, SqliteDb::Mode mode,
                                          const FileOptions& options) {
  // Before the transaction begins, which then sees all that the mark tells of.
  absl::StatusOr<std::optional<FileEnd>> durable = EndMark(path, options.ops).Read();
  VOXEL_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDb> db, SqliteDb::Open(path, mode, options.vfs));
  db->KeepLog();  // whether it is sound, those know who write the file
  VOXEL_RETURN_IF_ERROR(db->Execute("PRAGMA temp_store = MEMORY; BEGIN"));
  // The transaction begins as something is read.
  VOXEL_RETURN_IF_ERROR(db->Number("SELECT count(*) FROM sqlite_schema").status());
  return FileSnapshot{std::move(db), std::move(durable)};
}

absl::StatusOr<CheckReport> CheckSnapshot(const std::string& path, FileSnapshot snapshot,
                                          const FileOptions& options,
                                          const voxel::TaskContext& context) {
  return Check(path, std::move(snapshot), options, context).Run();
}

absl::StatusOr<CheckReport> CheckFile(const std::string& path, const FileOptions& options,
                                      const voxel::TaskContext& context) {
  std::error_code error;
  // If nobody says so, SQLite tells why: without its log the file would be an older one.
  const bool has_log = std::filesystem::exists(path + "-wal", error) || error;
  absl::StatusOr<FileSnapshot> snapshot =
      OpenSnapshot(path, has_log ? SqliteDb::Mode::kReadOnly : SqliteDb::Mode::kImmutable, options);
  if (snapshot.ok()) return CheckSnapshot(path, *std::move(snapshot), options, context);
  CheckReport report;
  report.file = path;
  report.findings.emplace_back(snapshot.status().message());
  return report;
}

}  // namespace voxeld
