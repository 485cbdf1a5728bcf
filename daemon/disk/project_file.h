// One project's file: what stands in it, and how it is read back. Format:
// docs/formats/project-file.md.
//
// Threading:  one thread at a time.
// Durability: what was put before a Commit that answered OK survives power loss; what was put
//             before any other is not there.
// Errors:     as SqliteDb; STORE_DAMAGED where a blob cannot be read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "daemon/disk/disk_ops.h"
#include "daemon/disk/end_mark.h"
#include "daemon/disk/record_bytes.h"
#include "daemon/disk/sqlite_db.h"
#include "daemon/store/project_vault.h"
#include "daemon/store/request_log.h"

namespace voxeld {

struct KnownChange;  // daemon/codec/document_delta.h

// How a project's file is kept small (project_upkeep.h).
struct UpkeepOptions {
  // Old revisions are folded once their changes take so many bytes, and so much of the base's.
  int64_t fold_bytes = int64_t{1} << 20;
  int64_t fold_percent = 100;
  RequestLimits requests;  // whose answers are kept
  absl::Time (*now)() = &absl::Now;
  // Of a slice, which is what others may have to wait for.
  int64_t slice_rows = 512;
  int64_t slice_bytes = int64_t{1} << 20;
};

struct FileOptions {
  std::string vfs;         // SQLite's; empty: its own
  DiskOps* ops = nullptr;  // beside SQLite; null: the system's
  int compression = 3;     // zstd's level; 0: none
  UpkeepOptions upkeep;
};

// Writes the change from `before` to `after` as parts: put(part number, frame), until that answers
// something besides OK. `known`: see WriteDelta.
absl::Status PutChange(const voxel::Document& before, const voxel::Document& after,
                       const std::string& own, int compression, const KnownChange* known,
                       absl::FunctionRef<absl::Status(int64_t part, std::string_view frame)> put);

// A connection with a read transaction: it sees the file as it was then, whatever is committed
// later.
struct FileSnapshot {
  std::unique_ptr<SqliteDb> db;
  absl::StatusOr<std::optional<FileEnd>> durable;  // what the file must hold at least
};

class ProjectFile {
 public:
  // Makes a file with one revision and closes it; it is whole and durable on OK, and not there or
  // only good for being deleted otherwise.
  static absl::Status Create(const std::string& path, const FileOptions& options,
                             const ProjectIdentity& identity, const CommitRecord& first);
  // An existing one, brought up to this version's format. FORMAT_UNSUPPORTED: it is of a later one.
  // One that may only be read is opened all the same; then Begin answers STORE_READ_ONLY.
  static absl::StatusOr<std::unique_ptr<ProjectFile>> Open(const std::string& path,
                                                           const FileOptions& options);
  ~ProjectFile();

  // What `snapshot` sees of the file at `path`, to be read only. FORMAT_UNSUPPORTED: it is not of
  // this version's format. STORE_DAMAGED also where its end is missing.
  static absl::StatusOr<std::unique_ptr<ProjectFile>> OfSnapshot(const std::string& path,
                                                                 const FileOptions& options,
                                                                 FileSnapshot snapshot);

  absl::Status Begin();
  // Writes the state as well, unless all that was done since Begin is Put of revisions and answers:
  // a lone edit is then one page of the log, and the mark tells of it (end_mark.h). After an error
  // nothing since Begin counts; Rollback is to be called.
  absl::Status Commit();
  void Rollback();

  // Puts what a record holds: its note, its revision, its checkpoint. LIMIT_BYTES, and then
  // nothing of it was put, if its answer is too large to be remembered.
  absl::Status Put(const CommitRecord& record);

  // Those that count: the base, and what comes after it.
  absl::StatusOr<int64_t> CountRevisions();
  int64_t head() const { return head_; }          // the last revision put
  int64_t requests() const { return requests_; }  // the last number given to one
  const FileState& state() const { return state_; }
  // Whether an upkeep that did not end left something behind.
  absl::StatusOr<bool> HasLeftovers();

  // Whether the log has become long, and what makes it short again: outside of transactions.
  bool checkpoint_due() const;
  absl::Status Checkpoint();
  // Closing it will leave the log where it is: the disk is not to be trusted with moving it.
  void KeepLog() { db_->KeepLog(); }
  // Lets the state tell the file's end, in a transaction, unless it does already: before the log is
  // moved into the file, as closing does, which then has nothing else that tells, and before the
  // file is copied.
  absl::Status WriteState();

  absl::StatusOr<RestoredProject> Restore(const ProjectOptions& options,
                                          std::shared_ptr<Reclaimer> reclaimer);

 private:
  friend class ProjectReader;
  friend class UpkeepRows;
  ProjectFile(std::string path, const FileOptions& options, std::unique_ptr<SqliteDb> db)
      : path_(std::move(path)), options_(options), end_(path_, options.ops), db_(std::move(db)) {}

  // Keeps reading, until LetGo. A transaction then locks the file twice in place of six times.
  absl::Status Hold();
  void LetGo();

  absl::Status Migrate();
  // FORMAT_CORRUPT unless the file is of a format from `oldest` to this version's.
  absl::StatusOr<int64_t> FormatFrom(int64_t oldest);
  absl::Status ReadState();
  // STORE_DAMAGED if SQLite's header forbids to write the file.
  absl::Status CheckHeader();
  // STORE_DAMAGED if what was durable, as the mark tells, is not there.
  absl::Status CheckEnd(const std::optional<FileEnd>& durable) const;
  FileEnd end() const { return {state_.transactions, head_, state_.last_note}; }
  absl::Status CountTransaction();
  absl::Status EndTransaction();
  // A row of a record, which the state need not tell of at once.
  absl::Status RunPut(SqliteStatement& put);
  absl::Status Prepare();
  absl::Status PutRevision(const CommitRecord& record);
  absl::Status PutNote(const CommitRecord& record);
  absl::Status PutCheckpoint(const CheckpointChange& change);
  absl::Status PutState(const FileState& state);

  const std::string path_;
  const FileOptions options_;
  EndMark end_;
  bool marked_ = false;        // there is a mark
  bool state_is_old_ = false;  // its row tells of an earlier end
  // By another process, and was not written anew; for all that is known until the file is open, so
  // that a file that is refused stays as it was found.
  bool log_is_left_ = false;
  std::unique_ptr<SqliteDb> db_;
  SqliteStatement hold_;
  bool held_ = false;
  SqliteStatement begin_, commit_, put_revision_, put_more_, set_parts_, put_note_, put_state_;
  FileState state_;
  int64_t head_ = 0;
  int64_t requests_ = 0;
  FileState state_before_;  // of the transaction
  bool state_was_old_ = false;
  int64_t head_before_ = 0;
  int64_t requests_before_ = 0;
  int64_t changes_before_ = 0;
  int64_t put_ = 0;  // rows, by RunPut
};

}  // namespace voxeld
