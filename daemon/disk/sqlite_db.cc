#include "daemon/disk/sqlite_db.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "daemon/disk/store_error.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"

namespace voxeld {
namespace {

using voxel::Reason;

constexpr int kBusyMs = 5000;  // somebody looks at the file with another program

// Of an operation on a file that failed with the system's `error`.
Reason ReasonOfIoError(int code, int error) {
  switch (code) {
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC:
      return Reason::STORE_FAILED;  // whatever the system says about it
    case SQLITE_IOERR_NOMEM:
      return Reason::COMMIT_FAILED;
    case SQLITE_IOERR_SHORT_READ:
      return Reason::STORE_DAMAGED;
    default:  // also SQLITE_IOERR_CORRUPTFS: so SQLite calls any EIO of a read
      return ReasonOfSystemError(error) == Reason::STORE_FULL ? Reason::STORE_FULL
                                                              : Reason::STORE_FAILED;
  }
}

Reason ReasonFor(int code, int error) {
  switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:  // our statements are right, so what they are about is not
      return Reason::STORE_DAMAGED;
    case SQLITE_FULL:
      return Reason::STORE_FULL;
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return Reason::STORE_READ_ONLY;
    case SQLITE_CANTOPEN:
      return ReasonOfSystemError(error);
    case SQLITE_IOERR:
      return ReasonOfIoError(code, error);
    default:
      return Reason::COMMIT_FAILED;
  }
}

bool IsOfDevice(int error) { return error == EIO || error == ENXIO; }

// Of the call that has just failed. What the connection remembers of it is right only for
// statements that failed before their commit.
int SystemError(sqlite3* db) {
  sqlite3_vfs* vfs = nullptr;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_VFS_POINTER, &vfs);
  return vfs != nullptr ? vfs->xGetLastError(vfs, 0, nullptr) : sqlite3_system_errno(db);
}

std::string ImmutableUri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      constexpr char kHex[] = "0123456789ABCDEF";
      uri += {'%', kHex[c >> 4], kHex[c & 0xF]};
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
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
  const bool reads = mode == Mode::kReadOnly || mode == Mode::kImmutable;
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (reads ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                    (mode == Mode::kCreate ? SQLITE_OPEN_CREATE : 0) |
                    (mode == Mode::kImmutable ? SQLITE_OPEN_URI : 0);
  const std::string name = mode == Mode::kImmutable ? ImmutableUri(path) : path;
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(name.c_str(), &handle, flags, vfs.empty() ? nullptr : vfs.c_str());
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

void SqliteDb::KeepLog() { sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr); }

absl::StatusOr<SqliteStatement> SqliteDb::Prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return StatusOf(code);
  return SqliteStatement(this, statement);
}

sqlite3_file* SqliteDb::PartOf(int op) const {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db_, "main", op, &file);
  return file != nullptr && file->pMethods != nullptr ? file : nullptr;
}

absl::StatusOr<bool> SqliteDb::OfAVersionWeWrite() const {
  constexpr int kWriteVersionAt = 18;
  constexpr uint8_t kNewest = 2;  // which is WAL
  sqlite3_file* const file = PartOf(SQLITE_FCNTL_FILE_POINTER);
  uint8_t version = 0;
  const int code =
      file != nullptr ? file->pMethods->xRead(file, &version, 1, kWriteVersionAt) : SQLITE_OK;
  if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) {
    return StatusOf(code, sqlite3_errstr(code));
  }
  return version <= kNewest;
}

absl::StatusOr<int64_t> SqliteDb::LogBytes() const {
  sqlite3_file* const file = log();
  sqlite3_int64 size = 0;
  const int code = file != nullptr ? file->pMethods->xFileSize(file, &size) : SQLITE_OK;
  if (code != SQLITE_OK) return StatusOf(code, sqlite3_errstr(code));
  return size;
}

absl::Status SqliteDb::RewriteLog() {
  constexpr int64_t kAtOnce = 64 << 10;
  VOXEL_ASSIGN_OR_RETURN(const int64_t size, LogBytes());
  if (size == 0) return absl::OkStatus();
  sqlite3_file* const file = log();
  int code = SQLITE_OK;
  std::string bytes;
  for (int64_t at = 0; code == SQLITE_OK && at < size; at += kAtOnce) {
    const auto part = static_cast<int>(std::min(kAtOnce, size - at));
    bytes.resize(static_cast<size_t>(part));
    code = file->pMethods->xRead(file, bytes.data(), part, at);
    if (code == SQLITE_OK) code = file->pMethods->xWrite(file, bytes.data(), part, at);
  }
  if (code == SQLITE_OK) code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
  return code == SQLITE_OK ? absl::OkStatus() : StatusOf(code, sqlite3_errstr(code));
}

absl::Status SqliteDb::StatusOf(int code) const {
  return StatusOf(code, db_ != nullptr ? sqlite3_errmsg(db_) : sqlite3_errstr(code));
}

int SqliteDb::ReadError() const {
  for (const int op : {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER}) {
    sqlite3_file* const file = PartOf(op);
    int error = 0;
    if (file == nullptr) continue;
    file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
    if (IsOfDevice(error)) return error;
  }
  return 0;
}

absl::Status SqliteDb::StatusOf(int code, const char* text) const {
  // A read that failed within a statement SQLite reports as what it is not: as damage.
  if ((code & 0xFF) == SQLITE_CORRUPT && db_ != nullptr) {
    if (const int error = ReadError(); error != 0) {
      absl::Status failed = StoreError(Reason::STORE_FAILED, path_, "it cannot be read", error);
      voxel::SetFact(failed, "sqlite", std::to_string(code));
      return failed;
    }
  }
  const int kind = code & 0xFF;
  const bool of_system = db_ != nullptr && (kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN);
  const int error = of_system ? SystemError(db_) : 0;
  absl::Status status = StoreError(ReasonFor(code, error), path_, text, error);
  voxel::SetFact(status, "sqlite", std::to_string(code));
  return status;
}

absl::StatusOr<SqliteBackup> SqliteBackup::Begin(SqliteDb& from, SqliteDb& to) {
  sqlite3_backup* const backup = sqlite3_backup_init(to.db_, "main", from.db_, "main");
  if (backup == nullptr) return to.StatusOf(sqlite3_extended_errcode(to.db_));
  return SqliteBackup(&to, backup);
}

absl::StatusOr<bool> SqliteBackup::Step(int pages) {
  const int code = sqlite3_backup_step(backup_.get(), pages);
  if (code == SQLITE_OK) return true;
  if (code == SQLITE_DONE) return false;
  return to_->StatusOf(code);
}

}  // namespace voxeld
