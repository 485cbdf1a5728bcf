#include "daemon/disk/project_reader.h"

#include <algorithm>
#include <iterator>

#include "daemon/codec/frame.h"
#include "daemon/disk/store_error.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {

using voxel::StrCat;

ProjectReader::ProjectReader(ProjectFile* file, const ProjectOptions& options,
                             std::shared_ptr<Reclaimer> reclaimer)
    : file_(file),
      options_(options),
      reclaimer_(std::move(reclaimer)),
      reader_(voxel::MakeRef<voxel::Document>(), {}) {}

absl::StatusOr<RestoredProject> ProjectReader::Read() {
  const auto read = [this]() -> absl::Status {
    VOXEL_RETURN_IF_ERROR(ReadIdentityRow());
    VOXEL_RETURN_IF_ERROR(ReadNotes());
    VOXEL_RETURN_IF_ERROR(ReadCheckpoints());
    VOXEL_RETURN_IF_ERROR(ReadBase());
    VOXEL_RETURN_IF_ERROR(ReadRevisions());
    VOXEL_RETURN_IF_ERROR(FindCheckpoints());
    if (kept_.empty()) return absl::DataLossError("it holds no revision");
    if (last_ == file_->state().last_revision) return absl::OkStatus();
    return absl::DataLossError(
        StrCat("it ends at revision ", last_, " in place of ", file_->state().last_revision));
  };
  if (absl::Status status = read(); !status.ok()) return Damaged(file_->path_, status);
  ApplyNotes(last_ + 1);
  project_.revisions.assign(std::make_move_iterator(kept_.begin()),
                            std::make_move_iterator(kept_.end()));
  project_.next_revision = std::max(last_ + 1, file_->state().reserved_below);
  return std::move(project_);
}

absl::Status ProjectReader::ReadIdentityRow() {
  VOXEL_ASSIGN_OR_RETURN(SqliteStatement rows, file_->db_->Prepare("SELECT identity FROM project"));
  VOXEL_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) return absl::DataLossError("it names no project");
  VOXEL_ASSIGN_OR_RETURN(const std::string bytes, OpenFrame(rows.Blob(0)));
  VOXEL_ASSIGN_OR_RETURN(project_.identity, ReadIdentity(bytes));
  return absl::OkStatus();
}

absl::Status ProjectReader::ReadNotes() {
  VOXEL_ASSIGN_OR_RETURN(SqliteStatement rows,
                         file_->db_->Prepare("SELECT number, note FROM notes ORDER BY number"));
  for (int64_t number = file_->state().first_note;; ++number) {
    VOXEL_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (row ? rows.Integer(0) != number : number <= file_->state().last_note) {
      return absl::DataLossError(StrCat("note ", number, " is missing"));
    }
    if (!row) return absl::OkStatus();
    VOXEL_ASSIGN_OR_RETURN(const std::string bytes, OpenFrame(rows.Blob(1)));
    VOXEL_ASSIGN_OR_RETURN(NoteRecord note, ReadNoteRecord(bytes));
    if (note.change.kind != HistoryChange::Kind::kNone) {
      changes_.emplace_back(note.revision, std::move(note.change));
    }
    if (note.request_id.empty()) continue;
    project_.requests.push_back(
        {std::move(note.request_id),
         {note.request_hash, note.revision, std::move(note.answer), CommitTicket()},
         note.time});
  }
}

absl::Status ProjectReader::ReadCheckpoints() {
  VOXEL_ASSIGN_OR_RETURN(
      SqliteStatement rows,
      file_->db_->Prepare("SELECT checkpoint, name FROM checkpoints ORDER BY name"));
  while (true) {
    VOXEL_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) break;
    VOXEL_ASSIGN_OR_RETURN(const std::string bytes, OpenFrame(rows.Blob(0)));
    VOXEL_ASSIGN_OR_RETURN(CheckpointRecord checkpoint, ReadCheckpointRecord(bytes));
    if (checkpoint.name != rows.Blob(1)) {
      return absl::DataLossError(StrCat("checkpoint \"", checkpoint.name, "\" has another name"));
    }
    named_[checkpoint.revision] = nullptr;
    checkpoints_.push_back(std::move(checkpoint));
  }
  const auto found = std::ssize(checkpoints_);
  if (found == file_->state().checkpoints) return absl::OkStatus();
  return absl::DataLossError(
      StrCat("it has ", found, " checkpoints in place of ", file_->state().checkpoints));
}

absl::Status ProjectReader::FindCheckpoints() {
  for (const RevisionPtr& kept : project_.kept) named_[kept->info.revision] = kept;
  for (CheckpointRecord& record : checkpoints_) {
    RevisionPtr revision = named_[record.revision];
    if (!revision) {
      return absl::DataLossError(StrCat("checkpoint \"", record.name, "\" names revision ",
                                        record.revision, ", which is not there"));
    }
    project_.checkpoints.push_back({std::move(record.name), std::move(revision),
                                    std::move(record.actor), std::move(record.comment),
                                    record.time});
  }
  return absl::OkStatus();
}

absl::Status ProjectReader::ReadBase() {
  const FileState& state = file_->state();
  if (state.base_revision == 0) return absl::OkStatus();
  VOXEL_RETURN_IF_ERROR(AddParts("SELECT part, change FROM base WHERE generation = ? ORDER BY part",
                                 state.generation, 0, reader_)
                            .status());
  std::string own;
  VOXEL_RETURN_IF_ERROR(reader_.End(own));
  VOXEL_ASSIGN_OR_RETURN(RevisionRecord record, ReadRevisionRecord(own));
  if (record.info.revision != state.base_revision) {
    return absl::DataLossError("its base is of another revision than it says");
  }
  last_ = state.base_revision;
  project_.history = std::move(record.folded);
  // Those whose place is before the base are part of what was folded.
  while (next_change_ < changes_.size() && changes_[next_change_].first < last_) ++next_change_;
  VOXEL_RETURN_IF_ERROR(ReadKept());
  Keep(std::move(record.info));
  return absl::OkStatus();
}

absl::StatusOr<int64_t> ProjectReader::AddParts(const std::string& select, int64_t key,
                                                int64_t first, DeltaReader& reader) {
  VOXEL_ASSIGN_OR_RETURN(SqliteStatement rows, file_->db_->Prepare(select.c_str()));
  rows.Bind(1, key);
  for (int64_t part = first;; ++part) {
    VOXEL_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return part;
    if (rows.Integer(0) != part) return absl::DataLossError(StrCat("part ", part, " is missing"));
    VOXEL_RETURN_IF_ERROR(reader.Add(rows.Blob(1)));
  }
}

// Each is a change of the base, so that they share what they have in common.
absl::Status ProjectReader::ReadKept() {
  const int64_t generation = file_->state().generation;
  VOXEL_ASSIGN_OR_RETURN(SqliteStatement rows,
                         file_->db_->Prepare("SELECT DISTINCT revision FROM kept"
                                             " WHERE generation = ? ORDER BY revision"));
  rows.Bind(1, generation);
  while (true) {
    VOXEL_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return absl::OkStatus();
    const int64_t number = rows.Integer(0);
    DeltaReader reader(reader_.Take(), {});
    VOXEL_RETURN_IF_ERROR(AddParts(StrCat("SELECT part, change FROM kept WHERE generation = ",
                                          generation, " AND revision = ? ORDER BY part"),
                                   number, 0, reader)
                              .status());
    std::string own;
    VOXEL_RETURN_IF_ERROR(reader.End(own));
    VOXEL_ASSIGN_OR_RETURN(RevisionRecord record, ReadRevisionRecord(own));
    if (record.info.revision != number || number >= last_) {
      return absl::DataLossError(StrCat("what was kept as revision ", number, " is another one"));
    }
    project_.kept.push_back(MakeRevision(std::move(record.info), reader.Take()));
  }
}

absl::Status ProjectReader::ReadRevisions() {
  const std::string after = StrCat(" FROM revisions WHERE revision > ", last_);
  VOXEL_ASSIGN_OR_RETURN(still_to_come_,
                         file_->db_->Number(StrCat("SELECT count(*)", after).c_str()));
  VOXEL_ASSIGN_OR_RETURN(
      SqliteStatement rows,
      file_->db_->Prepare(
          StrCat("SELECT revision, parts, change", after, " ORDER BY revision").c_str()));
  while (true) {
    VOXEL_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return absl::OkStatus();
    --still_to_come_;
    const int64_t number = rows.Integer(0);
    absl::Status status = reader_.Add(rows.Blob(2));
    if (status.ok()) status = ReadMore(number, rows.Integer(1));
    if (status.ok()) status = EndRevision(number);
    if (!status.ok() && voxel::ReasonOf(status).empty()) {
      return absl::DataLossError(StrCat("revision ", number, ": ", voxel::ToStd(status.message())));
    }
    VOXEL_RETURN_IF_ERROR(status);
  }
}

absl::Status ProjectReader::ReadMore(int64_t revision, int64_t parts) {
  if (parts == 0) return absl::OkStatus();
  VOXEL_ASSIGN_OR_RETURN(const int64_t end,
                         AddParts("SELECT part, change FROM more WHERE revision = ? ORDER BY part",
                                  revision, 1, reader_));
  return end == parts + 1 ? absl::OkStatus() : absl::DataLossError("parts of it are missing");
}

absl::Status ProjectReader::EndRevision(int64_t number) {
  std::string own;
  VOXEL_RETURN_IF_ERROR(reader_.End(own));
  VOXEL_ASSIGN_OR_RETURN(RevisionRecord record, ReadRevisionRecord(own));
  if (record.info.revision != number || record.info.previous_revision != last_) {
    return absl::DataLossError(StrCat("it does not follow revision ", last_));
  }
  ApplyNotes(number);
  project_.history.Apply(record.change);
  last_ = number;
  Keep(std::move(record.info));
  return absl::OkStatus();
}

RevisionPtr ProjectReader::MakeRevision(RevisionInfo info,
                                        voxel::RefPtr<const voxel::Document> document) const {
  auto revision = voxel::MakeRef<Revision>();
  revision->info = std::move(info);
  revision->document = std::move(document);
  revision->reclaimer = reclaimer_;
  return RevisionPtr(std::move(revision));
}

void ProjectReader::Keep(RevisionInfo info) {
  const auto named = named_.find(info.revision);
  const bool retained = still_to_come_ < options_.retained_revisions;
  if (!retained && named == named_.end()) return;
  RevisionPtr revision = MakeRevision(std::move(info), reader_.Take());
  if (named != named_.end()) named->second = revision;
  if (retained) Retain(std::move(revision));
}

void ProjectReader::Retain(RevisionPtr revision) {
  PublishedRevisions::Item item{std::move(revision), 0};
  if (!kept_.empty()) {
    item.freed_bytes = kept_.back().revision->document->BytesNotIn(*item.revision->document);
    kept_bytes_ += item.freed_bytes;
  }
  kept_.push_back(std::move(item));
  while (kept_.size() > 1 && kept_bytes_ > options_.retained_bytes) {
    kept_.pop_front();
    kept_bytes_ -= kept_.front().freed_bytes;
  }
}

void ProjectReader::ApplyNotes(int64_t below) {
  for (; next_change_ < changes_.size() && changes_[next_change_].first < below; ++next_change_) {
    project_.history.Apply(changes_[next_change_].second);
  }
}

}  // namespace voxeld
