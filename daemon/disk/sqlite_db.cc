#include "daemon/disk/sqlite_db.h"

#include <utility>

#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Reason;

constexpr int kBusyMs = 5000;  // somebody looks at the file with another program

Reason ReasonFor(int code) {
  switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Reason::FORMAT_CORRUPT;
    default:
      return Reason::COMMIT_FAILED;
  }
}

}  // namespace

void SqliteStatement::Bind(int index, int64_t value) {
  sqlite3_bind_int64(statement_.get(), index, value);
}

void SqliteStatement::BindBlob(int index, std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), index, bytes.data(), bytes.size(), SQLITE_STATIC);
}

void SqliteStatement::BindText(int index, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), index, text.data(), text.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
}

absl::StatusOr<bool> SqliteStatement::Step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return db_->StatusOf(code);
}

int64_t SqliteStatement::Integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view SqliteStatement::Blob(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return bytes == nullptr
             ? std::string_view()
             : std::string_view(static_cast<const char*>(bytes), static_cast<size_t>(size));
}

void SqliteStatement::Reset() { sqlite3_reset(statement_.get()); }

absl::Status SqliteStatement::Run() {
  absl::StatusOr<bool> row = true;
  while (row.ok() && *row) row = Step();
  Reset();
  return row.status();
}

absl::StatusOr<std::unique_ptr<SqliteDb>> SqliteDb::Open(const std::string& path, Mode mode,
                                                         const std::string& vfs) {
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                    (mode == Mode::kCreate ? SQLITE_OPEN_CREATE : 0);
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, flags, vfs.empty() ? nullptr : vfs.c_str());
  std::unique_ptr<SqliteDb> db(new SqliteDb(path, handle));
  if (code != SQLITE_OK) return db->StatusOf(code);
  sqlite3_busy_timeout(handle, kBusyMs);
  // In place of the hook by which SQLite would checkpoint within a commit.
  sqlite3_wal_hook(
      handle,
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<SqliteDb*>(self)->log_pages_ = pages;
        return SQLITE_OK;
      },
      db.get());
  return db;
}

SqliteDb::~SqliteDb() { sqlite3_close_v2(db_); }

absl::Status SqliteDb::Execute(const char* sql) {
  const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : StatusOf(code);
}

absl::StatusOr<int64_t> SqliteDb::Number(const char* sql) {
  VOXEL_ASSIGN_OR_RETURN(SqliteStatement statement, Prepare(sql));
  VOXEL_ASSIGN_OR_RETURN(const bool row, statement.Step());
  return row ? statement.Integer(0) : 0;
}

absl::Status SqliteDb::Checkpoint() {
  const int code =
      sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  log_pages_ = 0;  // the next commit tells
  return code == SQLITE_OK || code == SQLITE_BUSY ? absl::OkStatus() : StatusOf(code);
}

absl::StatusOr<SqliteStatement> SqliteDb::Prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return StatusOf(code);
  return SqliteStatement(this, statement);
}

absl::Status SqliteDb::StatusOf(int code) const {
  const char* const text = db_ != nullptr ? sqlite3_errmsg(db_) : sqlite3_errstr(code);
  const bool damaged = ReasonFor(code) == Reason::FORMAT_CORRUPT;
  absl::Status status = voxel::Error(
      ReasonFor(code),
      voxel::StrCat(path_, ": ", text,
                    damaged ? "; put a backup in its place, or move it away, and restart" : ""));
  voxel::SetFact(status, "sqlite", std::to_string(code));
  return status;
}

bool IsFailedSync(const absl::Status& status) {
  int code = 0;
  voxel::ForEachFact(
      status,
      [](void* arg, std::string_view key, std::string_view value) {
        if (key == "sqlite") *static_cast<int*>(arg) = std::stoi(std::string(value));
      },
      &code);
  return (code & 0xFF) == SQLITE_IOERR;
}

}  // namespace voxeld
