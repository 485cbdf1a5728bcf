// What a project file says about revisions besides their documents, as bytes.
//
// Format:    docs/formats/project-file.md.
// Threading: pure functions. Hostile input: DataLoss, whatever the bytes.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/store/commit_store.h"
#include "daemon/store/project_identity.h"
#include "daemon/store/revision.h"
#include "daemon/store/undo_history.h"

namespace voxeld {

// A revision's own bytes in its change (daemon/codec/document_delta.h).
struct RevisionRecord {
  RevisionInfo info;
  HistoryChange change;  // of the undo history
  // Of a revision that others were folded into: what had been done until then.
  UndoHistory folded;
};
std::string WriteRevisionRecord(const RevisionInfo& info, const HistoryChange& change,
                                const UndoHistory& folded);
absl::StatusOr<RevisionRecord> ReadRevisionRecord(std::string_view bytes);

// An answer to remember, or a change of the undo history without a revision, or both.
struct NoteRecord {
  int64_t revision = 0;  // the project's when it was written
  absl::Time time;
  std::string request_id;  // empty: none
  uint64_t request_hash = 0;
  std::string answer;
  HistoryChange change;
};
std::string WriteNoteRecord(const NoteRecord& note);
absl::StatusOr<NoteRecord> ReadNoteRecord(std::string_view bytes);

// A checkpoint; the revision is a number here.
struct CheckpointRecord {
  std::string name;
  int64_t revision = 0;
  std::string actor;
  std::string comment;
  absl::Time time;
};
std::string WriteCheckpointRecord(const Checkpoint& checkpoint);
absl::StatusOr<CheckpointRecord> ReadCheckpointRecord(std::string_view bytes);

std::string WriteIdentity(const ProjectIdentity& identity);
absl::StatusOr<ProjectIdentity> ReadIdentity(std::string_view bytes);

// Numbers of the file as a whole.
struct FileState {
  int64_t reserved_below = 0;  // no new revision gets a number below it
  int64_t generation = 0;      // of the parts in `base` that count
  int64_t base_revision = 0;   // which they make; 0: there is no base
  // What must be there, so that rows that vanished are missed. Revisions and notes may follow that
  // were written since.
  int64_t transactions = 0;   // so many wrote the state, the last one included; 0: not known
  int64_t last_revision = 0;  // of `revisions`, or the base's
  int64_t first_note = 1;     // the numbers of `notes`, without a gap
  int64_t last_note = 0;
  int64_t checkpoints = 0;  // so many there are; -1: not known
};
std::string WriteFileState(const FileState& state);
absl::StatusOr<FileState> ReadFileState(std::string_view bytes);

}  // namespace voxeld
