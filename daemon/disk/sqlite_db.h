// A thin owner of SQLite's handles, with statuses.
//
// Threading: one thread at a time.
// Errors:    every status has SQLite's extended code as the fact "sqlite", and one of the reasons
//            of daemon/disk/store_error.h. The message names the file and what happened.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace voxeld {

class SqliteDb;

// A prepared statement. Bind from 1, columns from 0.
class SqliteStatement {
 public:
  SqliteStatement() = default;

  void Bind(int index, int64_t value);
  // The bytes must live until the statement is reset.
  void BindBlob(int index, std::string_view bytes);
  void BindText(int index, std::string_view text);

  // True: a row is there.
  absl::StatusOr<bool> Step();
  int64_t Integer(int column) const;
  // Valid until the next Step or Reset.
  std::string_view Blob(int column) const;

  void Reset();
  // Steps to the end, then resets.
  absl::Status Run();

 private:
  friend class SqliteDb;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  SqliteStatement(SqliteDb* db, sqlite3_stmt* statement) : db_(db), statement_(statement) {}

  SqliteDb* db_ = nullptr;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class SqliteDb {
 public:
  // kImmutable: to be read while nobody writes it and it has no log; leaves no file beside it.
  enum class Mode { kReadWrite, kCreate, kReadOnly, kImmutable };
  // `vfs`: the name of a registered VFS; empty: SQLite's own.
  static absl::StatusOr<std::unique_ptr<SqliteDb>> Open(const std::string& path, Mode mode,
                                                        const std::string& vfs);
  ~SqliteDb();
  SqliteDb(const SqliteDb&) = delete;
  SqliteDb& operator=(const SqliteDb&) = delete;

  absl::Status Execute(const char* sql);
  // The first column of the first row; 0 if there is none.
  absl::StatusOr<int64_t> Number(const char* sql);
  absl::StatusOr<SqliteStatement> Prepare(const char* sql);
  absl::Status StatusOf(int code) const;
  bool in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }
  // After a failure: whether the last statement failed because another connection writes the file,
  // or has written it since a statement of this one began to read.
  bool busy() const { return (sqlite3_errcode(db_) & 0xFF) == SQLITE_BUSY; }

  // Whether the file cannot be written, or says of itself that it is for later versions of SQLite
  // alone. Known once it was read.
  bool read_only() const { return sqlite3_db_readonly(db_, "main") == 1; }
  // Whether the header of the file itself, without the log, is of a version of SQLite's format that
  // this SQLite writes. Known once the file was read; true if there is no header.
  absl::StatusOr<bool> OfAVersionWeWrite() const;

  // Rows that were changed through here so far.
  int64_t changes() const { return sqlite3_total_changes64(db_); }

  // Pages of the log (WAL) after the last commit through here; 0 before the first one.
  int64_t log_pages() const { return log_pages_; }
  // Moves what the log holds into the file, so that the next commit begins the log again. SQLite
  // does not do it by itself here. Not while somebody else reads: then OK, and as much as may be.
  absl::Status Checkpoint();
  // Closing does not do it either, and leaves the log there.
  void KeepLog();
  // Writes the log over itself and syncs it. What another process left in it may be in the system's
  // memory alone, after an fsync that failed: later ones say OK without it, and what is put behind
  // it is lost with it. REQUIRES: a transaction that writes, so that nobody else does.
  absl::Status RewriteLog();
  // Of the log; 0 if there is none. Known once the file was read.
  absl::StatusOr<int64_t> LogBytes() const;

 private:
  friend class SqliteBackup;
  SqliteDb(std::string path, sqlite3* db) : path_(std::move(path)), db_(db) {}

  absl::Status StatusOf(int code, const char* text) const;
  // What the device said to a read of the file or its log that failed, at any time; 0: none did.
  int ReadError() const;
  sqlite3_file* PartOf(int op) const;  // null: there is none
  sqlite3_file* log() const { return PartOf(SQLITE_FCNTL_JOURNAL_POINTER); }

  const std::string path_;
  sqlite3* const db_;
  int64_t log_pages_ = 0;
};

// A copy of one database into another, some pages at a time. The copy is what the source sees: let
// it have a transaction, and others may write meanwhile.
class SqliteBackup {
 public:
  // Both must outlive the result.
  static absl::StatusOr<SqliteBackup> Begin(SqliteDb& from, SqliteDb& to);

  // False: all is copied.
  absl::StatusOr<bool> Step(int pages);

 private:
  struct Finish {
    void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
  };
  SqliteBackup(SqliteDb* to, sqlite3_backup* backup) : to_(to), backup_(backup) {}

  SqliteDb* to_;
  std::unique_ptr<sqlite3_backup, Finish> backup_;
};

}  // namespace voxeld
