#include "daemon/disk/upkeep_rows.h"

#include <algorithm>
#include <utility>

#include "daemon/codec/document_delta.h"
#include "daemon/codec/frame.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::StrCat;

// Free pages wait in the file for what comes next, up to so many, or to a share of the others.
constexpr int64_t kFreePages = 256;
constexpr int64_t kFreeShare = 4;
constexpr int64_t kPagesGivenBack = 64;  // at once: each may move another one

// Rows of a number and a size. False if there is none.
absl::StatusOr<bool> AddUp(SqliteStatement& rows, UpkeepRows::Size& size) {
  bool any = false;
  while (true) {
    VOXEL_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return any;
    any = true;
    size.to = rows.Integer(0);
    size.bytes += rows.Integer(1);
  }
}

}  // namespace

absl::StatusOr<bool> UpkeepRows::AddRevisions(int64_t last, Size& size) {
  VOXEL_ASSIGN_OR_RETURN(
      SqliteStatement rows,
      file_.db_->Prepare("SELECT revision, length(change) + CASE parts WHEN 0 THEN 0 ELSE"
                         " (SELECT sum(length(m.change)) FROM more m WHERE m.revision ="
                         " r.revision) END FROM revisions r"
                         " WHERE revision > ? AND revision <= ? ORDER BY revision LIMIT ?"));
  rows.Bind(1, std::max(size.to, state().base_revision));
  rows.Bind(2, last);
  rows.Bind(3, options_.slice_rows);
  return AddUp(rows, size);
}

absl::StatusOr<bool> UpkeepRows::AddNotes(Size& size) {
  VOXEL_ASSIGN_OR_RETURN(SqliteStatement rows,
                         file_.db_->Prepare("SELECT number, length(note) FROM notes"
                                            " WHERE number > ? ORDER BY number LIMIT ?"));
  rows.Bind(1, size.to);
  rows.Bind(2, options_.slice_rows);
  return AddUp(rows, size);
}

absl::StatusOr<UpkeepRows::Size> UpkeepRows::BaseSize() {
  if (state().base_revision == 0) {
    Size first;
    VOXEL_ASSIGN_OR_RETURN(first.to, file_.db_->Number("SELECT min(revision) FROM revisions"));
    VOXEL_ASSIGN_OR_RETURN(
        first.bytes,
        file_.db_->Number(StrCat("SELECT length(change) + ifnull((SELECT sum(length(m.change))"
                                 " FROM more m WHERE m.revision = r.revision), 0)"
                                 " FROM revisions r WHERE revision = ",
                                 first.to)
                              .c_str()));
    return first;
  }
  const auto bytes_of = [this](const char* table) {
    return file_.db_->Number(StrCat("SELECT sum(length(change)) FROM ", table,
                                    " WHERE generation = ", state().generation)
                                 .c_str());
  };
  VOXEL_ASSIGN_OR_RETURN(const int64_t base, bytes_of("base"));
  VOXEL_ASSIGN_OR_RETURN(const int64_t kept, bytes_of("kept"));
  return Size{.to = state().base_revision, .bytes = base + kept};
}

absl::StatusOr<UndoHistory> UpkeepRows::ReadFolded() {
  if (state().base_revision == 0) return UndoHistory();
  VOXEL_ASSIGN_OR_RETURN(
      SqliteStatement rows,
      file_.db_->Prepare("SELECT change FROM base WHERE generation = ? ORDER BY part"));
  rows.Bind(1, state().generation);
  OwnBytesReader reader;
  for (bool complete = false; !complete;) {
    VOXEL_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return absl::DataLossError("the base is cut off");
    VOXEL_ASSIGN_OR_RETURN(complete, reader.Add(rows.Blob(0)));
  }
  VOXEL_ASSIGN_OR_RETURN(RevisionRecord record, ReadRevisionRecord(reader.own()));
  return std::move(record.folded);
}

absl::StatusOr<int64_t> UpkeepRows::ReadRevisions(
    int64_t after, int64_t last, absl::FunctionRef<void(const RevisionRecord&)> each) {
  VOXEL_ASSIGN_OR_RETURN(SqliteStatement rows,
                         file_.db_->Prepare("SELECT revision, change FROM revisions WHERE"
                                            " revision > ? AND revision <= ? ORDER BY revision"
                                            " LIMIT ?"));
  rows.Bind(1, after);
  rows.Bind(2, last);
  rows.Bind(3, options_.slice_rows);
  for (int64_t bytes = 0; bytes < options_.slice_bytes;) {
    VOXEL_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) break;
    bytes += static_cast<int64_t>(rows.Blob(1).size());
    // Names and a comment: they are in the first part, however large the change.
    OwnBytesReader reader;
    VOXEL_ASSIGN_OR_RETURN(const bool complete, reader.Add(rows.Blob(1)));
    if (!complete) return absl::DataLossError("what is said about a revision is cut off");
    VOXEL_ASSIGN_OR_RETURN(const RevisionRecord record, ReadRevisionRecord(reader.own()));
    each(record);
    after = rows.Integer(0);
  }
  return after;
}

absl::StatusOr<int64_t> UpkeepRows::ReadNotes(
    int64_t after, absl::FunctionRef<void(int64_t number, const NoteRecord&)> each) {
  VOXEL_ASSIGN_OR_RETURN(SqliteStatement rows,
                         file_.db_->Prepare("SELECT number, note FROM notes WHERE number > ?"
                                            " ORDER BY number LIMIT ?"));
  rows.Bind(1, after);
  rows.Bind(2, options_.slice_rows);
  for (int64_t bytes = 0; bytes < options_.slice_bytes;) {
    VOXEL_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) break;
    bytes += static_cast<int64_t>(rows.Blob(1).size());
    VOXEL_ASSIGN_OR_RETURN(const std::string note, OpenFrame(rows.Blob(1)));
    VOXEL_ASSIGN_OR_RETURN(const NoteRecord record, ReadNoteRecord(note));
    after = rows.Integer(0);
    each(after, record);
  }
  return after;
}

absl::Status UpkeepRows::PutBase(int64_t generation, int64_t part, std::string_view frame) {
  VOXEL_ASSIGN_OR_RETURN(SqliteStatement put,
                         file_.db_->Prepare("INSERT INTO base VALUES(?, ?, ?)"));
  put.Bind(1, generation);
  put.Bind(2, part);
  put.BindBlob(3, frame);
  return put.Run();
}

absl::Status UpkeepRows::PutKept(int64_t generation, int64_t revision, int64_t part,
                                 std::string_view frame) {
  VOXEL_ASSIGN_OR_RETURN(SqliteStatement put,
                         file_.db_->Prepare("INSERT INTO kept VALUES(?, ?, ?, ?)"));
  put.Bind(1, generation);
  put.Bind(2, revision);
  put.Bind(3, part);
  put.BindBlob(4, frame);
  return put.Run();
}

absl::Status UpkeepRows::SetBase(int64_t generation, int64_t revision) {
  FileState state = file_.state();
  state.generation = generation;
  state.base_revision = revision;
  return file_.PutState(state);
}

absl::StatusOr<bool> UpkeepRows::Sweep() {
  const std::string folded = StrCat("revision <= ", state().base_revision);
  const std::string older = StrCat("generation < ", state().generation);
  const std::string newer = StrCat("generation > ", state().generation);
  const struct {
    const char* table;
    std::vector<std::string> keys;
    const std::string& where;
  } dead[] = {{"revisions", {"revision"}, folded},
              {"more", {"revision", "part"}, folded},
              {"base", {"generation", "part"}, older},
              {"base", {"generation", "part"}, newer},
              {"kept", {"generation", "revision", "part"}, older},
              {"kept", {"generation", "revision", "part"}, newer}};
  for (const auto& rows : dead) {
    VOXEL_ASSIGN_OR_RETURN(const int64_t deleted, DeleteSome(rows.table, rows.keys, rows.where));
    if (deleted > 0) return true;
  }
  return false;
}

absl::StatusOr<int64_t> UpkeepRows::DeleteSome(std::string_view table,
                                               std::vector<std::string> keys,
                                               const std::string& where) {
  std::string columns;
  for (const std::string& key : keys) columns += (columns.empty() ? "" : ", ") + key;
  VOXEL_ASSIGN_OR_RETURN(
      SqliteStatement rows,
      file_.db_->Prepare(StrCat("SELECT ", columns, ", length(change) FROM ", table, " WHERE ",
                                where, " ORDER BY ", columns, " LIMIT ", options_.slice_rows)
                             .c_str()));
  std::string last;
  int64_t count = 0;
  for (int64_t bytes = 0; bytes < options_.slice_bytes; ++count) {
    VOXEL_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) break;
    last.clear();
    for (size_t i = 0; i < keys.size(); ++i) {
      last += StrCat(i == 0 ? "" : ", ", rows.Integer(static_cast<int>(i)));
    }
    bytes += rows.Integer(static_cast<int>(keys.size()));
  }
  if (count == 0) return 0;
  rows.Reset();
  VOXEL_RETURN_IF_ERROR(file_.db_->Execute(
      StrCat("DELETE FROM ", table, " WHERE ", where, " AND (", columns, ") <= (", last, ")")
          .c_str()));
  return count;
}

bool UpkeepRows::Deletable(const NoteRecord& note, int64_t request, absl::Time now,
                           const Size& notes) const {
  // What it says about the undo history is not in the base yet.
  const bool step = note.change.kind != HistoryChange::Kind::kNone;
  if (step && note.revision >= state().base_revision) return false;
  if (note.request_id.empty() || notes.bytes > options_.requests.max_bytes) return true;
  return file_.requests() - request >= options_.requests.max &&
         note.time + options_.requests.keep_for < now;
}

absl::StatusOr<bool> UpkeepRows::TrimNotes(absl::Time now, Size& notes) {
  VOXEL_ASSIGN_OR_RETURN(SqliteStatement rows,
                         file_.db_->Prepare("SELECT number, requests, note FROM notes"
                                            " ORDER BY number LIMIT ?"));
  rows.Bind(1, options_.slice_rows);
  int64_t last = 0;
  bool more = true;
  for (int64_t bytes = 0; bytes < options_.slice_bytes;) {
    VOXEL_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) break;
    VOXEL_ASSIGN_OR_RETURN(const std::string note, OpenFrame(rows.Blob(2)));
    VOXEL_ASSIGN_OR_RETURN(const NoteRecord record, ReadNoteRecord(note));
    more = Deletable(record, rows.Integer(1), now, notes);
    if (!more) break;
    last = rows.Integer(0);
    const auto size = static_cast<int64_t>(rows.Blob(2).size());
    notes.bytes -= size;
    bytes += size;
  }
  rows.Reset();
  if (last == 0) return false;
  VOXEL_RETURN_IF_ERROR(
      file_.db_->Execute(StrCat("DELETE FROM notes WHERE number <= ", last).c_str()));
  file_.state_.first_note = last + 1;
  return more;
}

absl::StatusOr<bool> UpkeepRows::GiveBack() {
  VOXEL_ASSIGN_OR_RETURN(const int64_t free, file_.db_->Number("PRAGMA freelist_count"));
  VOXEL_ASSIGN_OR_RETURN(const int64_t all, file_.db_->Number("PRAGMA page_count"));
  const int64_t spare = std::max(kFreePages, (all - free) / kFreeShare);
  if (free <= spare) return false;
  const int64_t pages = std::min(kPagesGivenBack, free - spare);
  VOXEL_RETURN_IF_ERROR(
      file_.db_->Execute(StrCat("PRAGMA incremental_vacuum(", pages, ")").c_str()));
  return true;
}

}  // namespace voxeld
