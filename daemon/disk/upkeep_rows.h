// The rows that the upkeep of a project file (project_upkeep.h) reads, writes and deletes, a slice
// at a time.
//
// Threading: as the file. REQUIRES: every call is made in a transaction of the file.
// Errors:    as SqliteDb; DataLoss where a blob cannot be read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/disk/project_file.h"
#include "daemon/disk/record_bytes.h"

namespace voxeld {

class UpkeepRows {
 public:
  UpkeepRows(ProjectFile& file, const UpkeepOptions& options) : file_(file), options_(options) {}

  const FileState& state() const { return file_.state(); }
  int64_t head() const { return file_.head(); }

  // What rows take, as far as they have been looked at.
  struct Size {
    int64_t to = 0;  // the number of the last one
    int64_t bytes = 0;
  };
  // Goes on with a slice of the revisions up to `last`, or of the notes. False at the end.
  absl::StatusOr<bool> AddRevisions(int64_t last, Size& size);
  absl::StatusOr<bool> AddNotes(Size& size);
  // The base, with the kept revisions that belong to it; while there is none, the first revision.
  absl::StatusOr<Size> BaseSize();

  // The undo history that the base carries; an empty one without a base.
  absl::StatusOr<UndoHistory> ReadFolded();
  // Hands out a slice of what is said about the revisions above `after`, up to `last`. Returns the
  // last one handed out; `after` if there are no more.
  absl::StatusOr<int64_t> ReadRevisions(int64_t after, int64_t last,
                                        absl::FunctionRef<void(const RevisionRecord&)> each);
  // The same of notes, by number.
  absl::StatusOr<int64_t> ReadNotes(
      int64_t after, absl::FunctionRef<void(int64_t number, const NoteRecord&)> each);

  absl::Status PutBase(int64_t generation, int64_t part, std::string_view frame);
  absl::Status PutKept(int64_t generation, int64_t revision, int64_t part, std::string_view frame);
  // From now on this base counts, in place of what it was made of.
  absl::Status SetBase(int64_t generation, int64_t revision);

  // Deletes a slice of what does not count: revisions that are in the base, and parts of any other
  // base. False if nothing is left.
  absl::StatusOr<bool> Sweep();
  // Deletes a slice of the answers that need not be kept, oldest first. False if nothing is left.
  absl::StatusOr<bool> TrimNotes(absl::Time now, Size& notes);
  // Gives a slice of the file's free pages back, unless they are few. False if nothing is left.
  absl::StatusOr<bool> GiveBack();

 private:
  // Deletes the first rows of `table` that `where` holds for, by the integer columns `keys`.
  // Returns how many.
  absl::StatusOr<int64_t> DeleteSome(std::string_view table, std::vector<std::string> keys,
                                     const std::string& where);
  bool Deletable(const NoteRecord& note, int64_t request, absl::Time now, const Size& notes) const;

  ProjectFile& file_;
  const UpkeepOptions& options_;
};

}  // namespace voxeld
