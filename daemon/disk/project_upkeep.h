// Keeps one project's file small: old revisions become a base, answers that nobody can ask for any
// more go, free pages are given back.
//
//     fold:  the oldest retained document, encoded as the base of the next generation, a frame a
//            slice -> one slice in which that generation becomes the one that counts -> what it was
//            made of is deleted in slices. Wherever it ends, the file is whole: what does not count
//            is swept away at the next run.
// When:      a fold is due once the changes of the revisions that would go take more bytes than the
//            base (before the first fold: than the first revision), and than a floor: so folding
//            writes about as much as editing did, and a file holds twice its base and what is
//            retained, at most.
// Slices:    each is a transaction; between two of them others use the file. Documents are encoded
//            outside of them.
// Threading: one run at a time, from any thread.
// Errors:    what a slice answered. A run that ended with one begins anew the next time.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "daemon/disk/project_file.h"
#include "daemon/disk/upkeep_rows.h"

namespace voxeld {

// What the store no longer needs: everything before `oldest` but `kept`.
struct Retirement {
  RevisionPtr oldest;  // null: nobody has said anything
  std::vector<RevisionPtr> kept;
};

class ProjectUpkeep {
 public:
  using Work = absl::FunctionRef<absl::Status(ProjectFile&)>;
  // Carries out `work` as one transaction on the file. Whatever it answers, the next slice may find
  // the file closed and opened again.
  using Slice = absl::FunctionRef<absl::Status(Work)>;

  explicit ProjectUpkeep(const FileOptions& options) : options_(options) {}

  // Does all that is due. True: much was written and deleted, so that a checkpoint would make the
  // file smaller.
  absl::StatusOr<bool> Run(const Retirement& retired, Slice slice);

 private:
  using Step = absl::FunctionRef<absl::StatusOr<bool>(UpkeepRows&)>;
  // Slices of `step` until it answers false.
  absl::Status Repeat(Slice slice, Step step);
  absl::StatusOr<bool> RunAll(const Retirement& retired, Slice slice);
  absl::StatusOr<bool> FoldDue(int64_t revision, Slice slice);
  absl::Status Fold(const Retirement& retired, Slice slice);
  // The undo history as it was when `revision` had been made.
  absl::StatusOr<UndoHistory> HistoryAt(int64_t revision, Slice slice);
  absl::Status SweepAll(Slice slice);

  const FileOptions options_;
  // What is known about the file: so far as it is, without looking again.
  UpkeepRows::Size base_;
  UpkeepRows::Size log_;  // of what came after the base
  UpkeepRows::Size notes_;
  int64_t notes_in_base_ = 0;  // those up to this number came before the base
  bool swept_ = false;
};

}  // namespace voxeld
