#include "daemon/disk/project_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <optional>
#include <utility>

#include "daemon/codec/document_delta.h"
#include "daemon/codec/frame.h"
#include "daemon/disk/project_reader.h"
#include "daemon/disk/store_error.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::StrCat;

constexpr const char* kSettings =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -512;"
    "PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 16777216;";
constexpr int64_t kLongLogPages = 1000;

// Step i brings a file from version i to i + 1; a new file has version 0.
constexpr const char* kMigrations[] = {
    // application_id: "VXLS"
    "PRAGMA application_id = 1448627283;"
    "CREATE TABLE project(id TEXT, uid TEXT, identity BLOB NOT NULL);"
    "CREATE TABLE state(one INTEGER PRIMARY KEY CHECK(one = 1), state BLOB NOT NULL);"
    "CREATE TABLE base(generation INTEGER, part INTEGER, change BLOB NOT NULL,"
    " PRIMARY KEY(generation, part)) WITHOUT ROWID;"
    "CREATE TABLE revisions(revision INTEGER PRIMARY KEY, parts INTEGER NOT NULL,"
    " change BLOB NOT NULL);"
    "CREATE TABLE more(revision INTEGER, part INTEGER, change BLOB NOT NULL,"
    " PRIMARY KEY(revision, part)) WITHOUT ROWID;"
    "CREATE TABLE notes(number INTEGER PRIMARY KEY, note BLOB NOT NULL);",
    "CREATE TABLE kept(generation INTEGER, revision INTEGER, part INTEGER, change BLOB NOT NULL,"
    " PRIMARY KEY(generation, revision, part)) WITHOUT ROWID;"
    "ALTER TABLE notes ADD COLUMN requests INTEGER NOT NULL DEFAULT 0;"
    "UPDATE notes SET requests = number;",
    "CREATE TABLE checkpoints(name TEXT PRIMARY KEY, checkpoint BLOB NOT NULL) WITHOUT ROWID;",
    // The same tables: the state may be older than the last revisions and notes.
    ""};
constexpr auto kVersion = static_cast<int64_t>(std::size(kMigrations));
constexpr int64_t kOldestOfTheseTables = 3;  // none before it has a mark, either
constexpr int64_t kApplicationId = 1448627283;

}  // namespace

absl::Status PutChange(const voxel::Document& before, const voxel::Document& after,
                       const std::string& own, int compression, const KnownChange* known,
                       absl::FunctionRef<absl::Status(int64_t part, std::string_view frame)> put) {
  absl::Status status;
  int64_t part = 0;
  WriteDelta(before, after, own, compression, known, [&](const std::string& frame) {
    status = put(part++, frame);
    return status.ok();
  });
  return status;
}

absl::Status ProjectFile::Create(const std::string& path, const FileOptions& options,
                                 const ProjectIdentity& identity, const CommitRecord& first) {
  VOXEL_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDb> db,
                         SqliteDb::Open(path, SqliteDb::Mode::kCreate, options.vfs));
  // Nobody sees the file before it is whole, so that it needs no journal to fall back on.
  VOXEL_RETURN_IF_ERROR(db->Execute(
      "PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = OFF;"
      "PRAGMA synchronous = FULL; BEGIN"));
  ProjectFile file(path, options, std::move(db));
  VOXEL_RETURN_IF_ERROR(file.Migrate());
  {
    VOXEL_ASSIGN_OR_RETURN(SqliteStatement put,
                           file.db_->Prepare("INSERT INTO project VALUES(?, ?, ?)"));
    const std::string blob = SealFrame(WriteIdentity(identity), 0);
    put.BindText(1, identity.id);
    put.BindText(2, identity.uid);
    put.BindBlob(3, blob);
    VOXEL_RETURN_IF_ERROR(put.Run());
  }
  VOXEL_RETURN_IF_ERROR(file.Prepare());
  VOXEL_RETURN_IF_ERROR(file.Put(first));
  VOXEL_RETURN_IF_ERROR(file.CountTransaction());
  VOXEL_RETURN_IF_ERROR(file.db_->Execute("COMMIT"));
  return file.db_->Execute("PRAGMA journal_mode = WAL");
}

absl::StatusOr<std::unique_ptr<ProjectFile>> ProjectFile::Open(const std::string& path,
                                                               const FileOptions& options) {
  VOXEL_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDb> db,
                         SqliteDb::Open(path, SqliteDb::Mode::kReadWrite, options.vfs));
  std::unique_ptr<ProjectFile> file(new ProjectFile(path, options, std::move(db)));
  file->log_is_left_ = true;
  VOXEL_RETURN_IF_ERROR(file->db_->Execute(kSettings));
  // Before anything is written to one that may have a mark, and then be refused.
  VOXEL_ASSIGN_OR_RETURN(const int64_t version, file->FormatFrom(1));
  if (version < kOldestOfTheseTables) VOXEL_RETURN_IF_ERROR(file->Migrate());
  VOXEL_RETURN_IF_ERROR(file->ReadState());
  // Else SQLite could open it for reading only.
  if (file->db_->read_only()) VOXEL_RETURN_IF_ERROR(file->CheckHeader());
  VOXEL_ASSIGN_OR_RETURN(const std::optional<FileEnd> durable, file->end_.Read());
  VOXEL_RETURN_IF_ERROR(file->CheckEnd(durable));
  VOXEL_RETURN_IF_ERROR(file->Migrate());
  file->marked_ = durable.has_value();
  VOXEL_RETURN_IF_ERROR(file->Prepare());
  VOXEL_ASSIGN_OR_RETURN(const int64_t log_bytes, file->db_->LogBytes());
  file->log_is_left_ = log_bytes > 0;
  return file;
}

ProjectFile::~ProjectFile() {
  for (SqliteStatement* statement : {&hold_, &begin_, &commit_, &put_revision_, &put_more_,
                                     &set_parts_, &put_note_, &put_state_}) {
    *statement = {};
  }
  // What is left on the disk of a log that lost its middle would be read over what was moved.
  if (log_is_left_) db_->KeepLog();
  db_.reset();
  // SQLite removes its log once everything is in the file: then the file itself tells its end.
  if (marked_ && access((path_ + "-wal").c_str(), F_OK) != 0 && errno == ENOENT) end_.Remove();
}

absl::StatusOr<std::unique_ptr<ProjectFile>> ProjectFile::OfSnapshot(const std::string& path,
                                                                     const FileOptions& options,
                                                                     FileSnapshot snapshot) {
  std::unique_ptr<ProjectFile> file(new ProjectFile(path, options, std::move(snapshot.db)));
  VOXEL_RETURN_IF_ERROR(file->FormatFrom(kVersion).status());
  VOXEL_RETURN_IF_ERROR(file->ReadState());
  VOXEL_ASSIGN_OR_RETURN(const std::optional<FileEnd> durable, snapshot.durable);
  VOXEL_RETURN_IF_ERROR(file->CheckEnd(durable));
  return file;
}

absl::StatusOr<int64_t> ProjectFile::FormatFrom(int64_t oldest) {
  VOXEL_ASSIGN_OR_RETURN(const int64_t version, db_->Number("PRAGMA user_version"));
  VOXEL_ASSIGN_OR_RETURN(const int64_t application, db_->Number("PRAGMA application_id"));
  const bool ours = version == 0 || application == kApplicationId;
  if (ours && version >= oldest && version <= kVersion) return version;
  if (version <= kVersion && !(ours && version > 0)) {
    return Damaged(path_, absl::DataLossError("it is no project"));
  }
  return voxel::Error(
      voxel::Reason::FORMAT_UNSUPPORTED,
      StrCat(path_, ": format ", version, ", and this voxeld reads projects of format ",
             std::max<int64_t>(oldest, 1), " to ", kVersion,
             "; a later voxeld may have written it"));
}

absl::Status ProjectFile::Migrate() {
  const bool fresh = db_->in_transaction();
  VOXEL_ASSIGN_OR_RETURN(int64_t version, FormatFrom(fresh ? 0 : 1));
  if (version == kVersion) return absl::OkStatus();
  if (!fresh) VOXEL_RETURN_IF_ERROR(db_->Execute("BEGIN IMMEDIATE"));
  for (; version < kVersion; ++version) VOXEL_RETURN_IF_ERROR(db_->Execute(kMigrations[version]));
  VOXEL_RETURN_IF_ERROR(db_->Execute(StrCat("PRAGMA user_version = ", kVersion).c_str()));
  return fresh ? absl::OkStatus() : db_->Execute("COMMIT");
}

absl::Status ProjectFile::ReadState() {
  VOXEL_ASSIGN_OR_RETURN(SqliteStatement read, db_->Prepare("SELECT state FROM state"));
  VOXEL_ASSIGN_OR_RETURN(const bool row, read.Step());
  absl::StatusOr<FileState> state = absl::DataLossError("there is no state");
  if (row) {
    const absl::StatusOr<std::string> bytes = OpenFrame(read.Blob(0));
    state = bytes.ok() ? ReadFileState(*bytes) : bytes.status();
  }
  if (!state.ok()) return Damaged(path_, state.status());
  state_ = *state;
  VOXEL_ASSIGN_OR_RETURN(head_, db_->Number("SELECT max(revision) FROM revisions"));
  head_ = std::max(head_, state_.base_revision);
  VOXEL_ASSIGN_OR_RETURN(const int64_t last_note, db_->Number("SELECT max(number) FROM notes"));
  VOXEL_ASSIGN_OR_RETURN(requests_,
                         db_->Number("SELECT requests FROM notes ORDER BY number DESC LIMIT 1"));
  if (state_.checkpoints < 0) {
    VOXEL_ASSIGN_OR_RETURN(state_.checkpoints, db_->Number("SELECT count(*) FROM checkpoints"));
  }
  if (state_.transactions == 0) {
    VOXEL_ASSIGN_OR_RETURN(state_.first_note,
                           db_->Number("SELECT coalesce(min(number), 1) FROM notes"));
  } else if (head_ < state_.last_revision) {
    return Damaged(path_, absl::DataLossError(StrCat("it ends at revision ", head_, " in place of ",
                                                     state_.last_revision)));
  }
  state_is_old_ = head_ > state_.last_revision || last_note > state_.last_note;
  state_.last_revision = head_;
  state_.last_note = std::max(state_.last_note, last_note);
  return absl::OkStatus();
}

absl::Status ProjectFile::CheckHeader() {
  VOXEL_ASSIGN_OR_RETURN(const bool writable, db_->OfAVersionWeWrite());
  if (writable) return absl::OkStatus();
  return Damaged(path_, absl::DataLossError("its header is not of a version that we write"));
}

absl::Status ProjectFile::CheckEnd(const std::optional<FileEnd>& durable) const {
  if (!durable) return absl::OkStatus();
  const auto missing = [](const char* what, int64_t wanted, int64_t found) {
    return wanted <= found ? std::string()
                           : StrCat(what, " ", wanted, " was durable, and the last is ", found);
  };
  std::string lost = missing("revision", durable->revision, head_);
  if (lost.empty()) lost = missing("note", durable->note, state_.last_note);
  if (lost.empty()) lost = missing("transaction", durable->transactions, state_.transactions);
  if (lost.empty()) return absl::OkStatus();
  return Damaged(path_, absl::DataLossError(absl::string_view(lost)));
}

absl::StatusOr<bool> ProjectFile::HasLeftovers() {
  std::string sql =
      StrCat("SELECT (SELECT min(revision) FROM revisions) <= ", state_.base_revision);
  for (const char* table : {"base", "kept"}) {
    sql += StrCat(" OR (SELECT min(generation) FROM ", table, ") < ", state_.generation,
                  " OR (SELECT max(generation) FROM ", table, ") > ", state_.generation);
  }
  VOXEL_ASSIGN_OR_RETURN(const int64_t left, db_->Number(sql.c_str()));
  return left != 0;
}

absl::StatusOr<int64_t> ProjectFile::CountRevisions() {
  VOXEL_ASSIGN_OR_RETURN(
      const int64_t after,
      db_->Number(StrCat("SELECT count(*) FROM revisions WHERE revision > ", state_.base_revision)
                      .c_str()));
  return after + (state_.base_revision > 0 ? 1 : 0);
}

bool ProjectFile::checkpoint_due() const { return db_->log_pages() >= kLongLogPages; }

absl::Status ProjectFile::Checkpoint() {
  const absl::Status status = WriteState();
  // A full disk may have room for the pages of the file: then the mark alone tells its end.
  if (!status.ok() && !voxel::HasReason(status, voxel::Reason::STORE_FULL)) return status;
  LetGo();  // it would keep the log from being begun again
  return db_->Checkpoint();
}

absl::Status ProjectFile::WriteState() {
  if (!state_is_old_) return absl::OkStatus();
  VOXEL_RETURN_IF_ERROR(Begin());
  absl::Status status = CountTransaction();
  if (status.ok()) status = EndTransaction();
  if (!status.ok()) Rollback();
  return status;
}

absl::Status ProjectFile::Prepare() {
  VOXEL_ASSIGN_OR_RETURN(hold_, db_->Prepare("SELECT 1 FROM project"));
  VOXEL_ASSIGN_OR_RETURN(begin_, db_->Prepare("BEGIN IMMEDIATE"));
  VOXEL_ASSIGN_OR_RETURN(commit_, db_->Prepare("COMMIT"));
  VOXEL_ASSIGN_OR_RETURN(put_revision_, db_->Prepare("INSERT INTO revisions VALUES(?, ?, ?)"));
  VOXEL_ASSIGN_OR_RETURN(put_more_, db_->Prepare("INSERT INTO more VALUES(?, ?, ?)"));
  VOXEL_ASSIGN_OR_RETURN(set_parts_,
                         db_->Prepare("UPDATE revisions SET parts = ?2 WHERE revision = ?1"));
  VOXEL_ASSIGN_OR_RETURN(put_note_, db_->Prepare("INSERT INTO notes VALUES(?, ?, ?)"));
  VOXEL_ASSIGN_OR_RETURN(put_state_, db_->Prepare("INSERT OR REPLACE INTO state VALUES(1, ?)"));
  return absl::OkStatus();
}

absl::Status ProjectFile::Begin() {
  state_before_ = state_;
  state_was_old_ = state_is_old_;
  head_before_ = head_;
  requests_before_ = requests_;
  changes_before_ = db_->changes();
  put_ = 0;
  absl::Status status = begin_.Run();
  if (!status.ok() && db_->busy() && held_) {
    // Another program writes the file, or has: who reads on is not let wait for its end, and could
    // not write behind what he has not read.
    LetGo();
    status = begin_.Run();
  }
  if (status.ok() && log_is_left_) {
    status = db_->RewriteLog();
    log_is_left_ = !status.ok();
  }
  if (status.ok()) status = Hold();
  if (!status.ok()) Rollback();
  return status;
}

absl::Status ProjectFile::Hold() {
  if (held_) return absl::OkStatus();
  const absl::StatusOr<bool> row = hold_.Step();
  held_ = row.ok() && *row;
  if (!held_) hold_.Reset();
  return row.status();
}

void ProjectFile::LetGo() {
  if (std::exchange(held_, false)) hold_.Reset();
}

absl::Status ProjectFile::CountTransaction() {
  FileState state = state_;
  ++state.transactions;
  state.last_revision = head_;
  return PutState(state);
}

absl::Status ProjectFile::Commit() {
  const int64_t changes = db_->changes() - changes_before_;
  const bool state_differs = state_.reserved_below != state_before_.reserved_below;
  if (changes == 0 && !state_differs) return commit_.Run();
  if (changes == put_ && !state_differs) {
    state_is_old_ = true;
  } else {
    VOXEL_RETURN_IF_ERROR(CountTransaction());
  }
  return EndTransaction();
}

absl::Status ProjectFile::EndTransaction() {
  VOXEL_RETURN_IF_ERROR(commit_.Run());
  state_.last_revision = head_;
  end_.Write(end());
  marked_ = true;
  return absl::OkStatus();
}

absl::Status ProjectFile::RunPut(SqliteStatement& put) {
  const int64_t before = db_->changes();
  absl::Status status = put.Run();
  put_ += db_->changes() - before;
  return status;
}

void ProjectFile::Rollback() {
  state_ = state_before_;
  state_is_old_ = state_was_old_;
  head_ = head_before_;
  requests_ = requests_before_;
  LetGo();
  // SQLite may have done it already, as it does on a full disk.
  if (db_->in_transaction()) db_->Execute("ROLLBACK").IgnoreError();
}

absl::Status ProjectFile::Put(const CommitRecord& record) {
  // The note first: it may be refused, and then nothing of the record was put.
  const bool own_note = !record.after && record.history.kind != HistoryChange::Kind::kNone;
  if (!record.request_id.empty() || own_note) VOXEL_RETURN_IF_ERROR(PutNote(record));
  if (record.after) VOXEL_RETURN_IF_ERROR(PutRevision(record));
  VOXEL_RETURN_IF_ERROR(PutCheckpoint(record.checkpoint));
  state_.reserved_below = std::max(state_.reserved_below, record.reserve_below);
  return absl::OkStatus();  // Commit writes the state
}

absl::Status ProjectFile::PutRevision(const CommitRecord& record) {
  const RevisionInfo& info = record.after->info;
  const voxel::Document nothing;
  const std::string own = WriteRevisionRecord(info, record.history, {});
  const KnownChange known{info.bounds, info.voxels_changed};
  int64_t parts = 0;
  VOXEL_RETURN_IF_ERROR(PutChange(record.before ? *record.before->document : nothing,
                                  *record.after->document, own, options_.compression,
                                  record.before ? &known : nullptr,
                                  [&](int64_t part, std::string_view frame) {
                                    parts = part;
                                    SqliteStatement& put = part == 0 ? put_revision_ : put_more_;
                                    put.Bind(1, info.revision);
                                    put.Bind(2, part);
                                    put.BindBlob(3, frame);
                                    return RunPut(put);
                                  }));
  if (parts > 0) {
    set_parts_.Bind(1, info.revision);
    set_parts_.Bind(2, parts);
    VOXEL_RETURN_IF_ERROR(RunPut(set_parts_));
  }
  head_ = info.revision;
  return absl::OkStatus();
}

absl::Status ProjectFile::PutNote(const CommitRecord& record) {
  const NoteRecord note{.revision = record.revision(),
                        .time = record.time,
                        .request_id = record.request_id,
                        .request_hash = record.request_hash,
                        .answer = record.answer,
                        .change = record.after ? HistoryChange() : record.history};
  const std::string bytes = WriteNoteRecord(note);
  if (bytes.size() > kMaxFrameBytes) {
    return voxel::Error(voxel::Reason::LIMIT_BYTES,
                        StrCat("the answer to request id \"", note.request_id, "\" has ",
                               bytes.size(), " bytes; at most ", kMaxFrameBytes,
                               " can be remembered: send it without a request id"));
  }
  const std::string frame = SealFrame(bytes, options_.compression);
  if (!note.request_id.empty()) ++requests_;
  put_note_.Bind(1, state_.last_note + 1);
  put_note_.BindBlob(2, frame);
  put_note_.Bind(3, requests_);
  VOXEL_RETURN_IF_ERROR(RunPut(put_note_));
  ++state_.last_note;
  return absl::OkStatus();
}

absl::Status ProjectFile::PutCheckpoint(const CheckpointChange& change) {
  if (change.kind == CheckpointChange::Kind::kNone) return absl::OkStatus();
  const bool set = change.kind == CheckpointChange::Kind::kSet;
  VOXEL_ASSIGN_OR_RETURN(SqliteStatement look,
                         db_->Prepare("SELECT 1 FROM checkpoints WHERE name = ?"));
  look.BindText(1, change.checkpoint.name);
  VOXEL_ASSIGN_OR_RETURN(const bool there, look.Step());
  look.Reset();
  if (set != there) state_.checkpoints += set ? 1 : -1;
  VOXEL_ASSIGN_OR_RETURN(SqliteStatement put,
                         db_->Prepare(set ? "INSERT OR REPLACE INTO checkpoints VALUES(?1, ?2)"
                                          : "DELETE FROM checkpoints WHERE name = ?1"));
  const std::string frame = SealFrame(WriteCheckpointRecord(change.checkpoint), 0);
  put.BindText(1, change.checkpoint.name);
  if (set) put.BindBlob(2, frame);
  return put.Run();
}

absl::Status ProjectFile::PutState(const FileState& state) {
  const std::string frame = SealFrame(WriteFileState(state), 0);
  put_state_.BindBlob(1, frame);
  VOXEL_RETURN_IF_ERROR(put_state_.Run());
  state_ = state;
  state_is_old_ = false;
  return absl::OkStatus();
}

absl::StatusOr<RestoredProject> ProjectFile::Restore(const ProjectOptions& options,
                                                     std::shared_ptr<Reclaimer> reclaimer) {
  return ProjectReader(this, options, std::move(reclaimer)).Read();
}

}  // namespace voxeld
