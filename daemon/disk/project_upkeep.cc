#include "daemon/disk/project_upkeep.h"

#include <algorithm>
#include <string>
#include <utility>

#include "voxel/base/status_macros.h"

namespace voxeld {
namespace {

// The history of a base reaches so far back: an undo that is in the log may name steps below the
// base, as far as was retained when it was made.
constexpr int64_t kStepsBelowBase = 1024;

}  // namespace

absl::StatusOr<bool> ProjectUpkeep::Run(const Retirement& retired, Slice slice) {
  absl::StatusOr<bool> done = RunAll(retired, slice);
  if (done.ok()) return done;
  base_ = {};
  log_ = {};
  notes_ = {};
  notes_in_base_ = 0;
  swept_ = false;
  return done;
}

absl::StatusOr<bool> ProjectUpkeep::RunAll(const Retirement& retired, Slice slice) {
  if (!swept_) VOXEL_RETURN_IF_ERROR(SweepAll(slice));
  bool much = false;
  if (retired.oldest) {
    VOXEL_ASSIGN_OR_RETURN(much, FoldDue(retired.oldest->info.revision, slice));
    if (much) VOXEL_RETURN_IF_ERROR(Fold(retired, slice));
  }
  VOXEL_RETURN_IF_ERROR(Repeat(slice, [this](UpkeepRows& rows) { return rows.AddNotes(notes_); }));
  VOXEL_RETURN_IF_ERROR(Repeat(
      slice, [this](UpkeepRows& rows) { return rows.TrimNotes(options_.upkeep.now(), notes_); }));
  VOXEL_RETURN_IF_ERROR(Repeat(slice, [&](UpkeepRows& rows) -> absl::StatusOr<bool> {
    VOXEL_ASSIGN_OR_RETURN(const bool more, rows.GiveBack());
    much = much || more;
    return more;
  }));
  return much;
}

absl::Status ProjectUpkeep::Repeat(Slice slice, Step step) {
  for (bool more = true; more;) {
    VOXEL_RETURN_IF_ERROR(slice([&](ProjectFile& file) -> absl::Status {
      UpkeepRows rows(file, options_.upkeep);
      VOXEL_ASSIGN_OR_RETURN(more, step(rows));
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

absl::Status ProjectUpkeep::SweepAll(Slice slice) {
  VOXEL_RETURN_IF_ERROR(Repeat(slice, [](UpkeepRows& rows) { return rows.Sweep(); }));
  swept_ = true;
  return absl::OkStatus();
}

absl::StatusOr<bool> ProjectUpkeep::FoldDue(int64_t revision, Slice slice) {
  bool possible = false;
  VOXEL_RETURN_IF_ERROR(Repeat(slice, [&](UpkeepRows& rows) -> absl::StatusOr<bool> {
    if (base_.to == 0) {
      VOXEL_ASSIGN_OR_RETURN(base_, rows.BaseSize());
      log_ = {.to = base_.to, .bytes = 0};
    }
    // A revision that is seen before it is durable is no base yet.
    possible = base_.to < revision && revision <= rows.head();
    if (!possible) return false;
    return rows.AddRevisions(revision, log_);
  }));
  // In two parts: the product of a large base may not fit.
  const int64_t percent = options_.upkeep.fold_percent;
  const int64_t share = base_.bytes / 100 * percent + base_.bytes % 100 * percent / 100;
  return possible && log_.bytes >= std::max(share, options_.upkeep.fold_bytes);
}

absl::Status ProjectUpkeep::Fold(const Retirement& retired, Slice slice) {
  const Revision& oldest = *retired.oldest;
  const int64_t revision = oldest.info.revision;
  VOXEL_ASSIGN_OR_RETURN(const UndoHistory folded, HistoryAt(revision, slice));
  int64_t generation = 0;
  int64_t bytes = 0;
  swept_ = false;
  const auto nothing = voxel::MakeRef<voxel::Document>();
  VOXEL_RETURN_IF_ERROR(
      PutChange(*nothing, *oldest.document, WriteRevisionRecord(oldest.info, {}, folded),
                options_.compression, nullptr, [&](int64_t part, std::string_view frame) {
                  bytes += static_cast<int64_t>(frame.size());
                  return slice([&](ProjectFile& file) {
                    generation = file.state().generation + 1;
                    return UpkeepRows(file, options_.upkeep).PutBase(generation, part, frame);
                  });
                }));
  for (const RevisionPtr& kept : retired.kept) {
    VOXEL_RETURN_IF_ERROR(PutChange(*oldest.document, *kept->document,
                                    WriteRevisionRecord(kept->info, {}, {}), options_.compression,
                                    nullptr, [&](int64_t part, std::string_view frame) {
                                      bytes += static_cast<int64_t>(frame.size());
                                      return slice([&](ProjectFile& file) {
                                        return UpkeepRows(file, options_.upkeep)
                                            .PutKept(generation, kept->info.revision, part, frame);
                                      });
                                    }));
  }
  VOXEL_RETURN_IF_ERROR(slice([&](ProjectFile& file) {
    return UpkeepRows(file, options_.upkeep).SetBase(generation, revision);
  }));
  base_ = {.to = revision, .bytes = bytes};
  log_ = {.to = revision, .bytes = 0};
  return SweepAll(slice);
}

absl::StatusOr<UndoHistory> ProjectUpkeep::HistoryAt(int64_t revision, Slice slice) {
  UndoHistory history;
  int64_t base = 0;
  int64_t far = 0;  // no step that needs an older revision matters
  VOXEL_RETURN_IF_ERROR(Repeat(slice, [&](UpkeepRows& rows) -> absl::StatusOr<bool> {
    base = rows.state().base_revision;
    far = revision - 2 * (rows.head() - revision) - kStepsBelowBase;
    VOXEL_ASSIGN_OR_RETURN(history, rows.ReadFolded());
    return false;
  }));

  std::vector<std::pair<int64_t, HistoryChange>> steps;  // of notes, by revision
  int64_t read = notes_in_base_;
  int64_t in_base = notes_in_base_;
  bool beyond = false;
  VOXEL_RETURN_IF_ERROR(Repeat(slice, [&](UpkeepRows& rows) -> absl::StatusOr<bool> {
    const int64_t before = read;
    VOXEL_ASSIGN_OR_RETURN(read,
                           rows.ReadNotes(before, [&](int64_t number, const NoteRecord& note) {
                             beyond = beyond || note.revision >= revision;
                             if (beyond) return;
                             in_base = number;
                             const bool step = note.change.kind != HistoryChange::Kind::kNone;
                             if (step && note.revision >= base)
                               steps.emplace_back(note.revision, note.change);
                           }));
    return read != before && !beyond;
  }));

  size_t next = 0;
  int64_t reached = base;
  const auto add = [&](const RevisionRecord& record) {
    for (; next < steps.size() && steps[next].first < record.info.revision; ++next) {
      history.Apply(steps[next].second);
    }
    history.Apply(record.change);
  };
  VOXEL_RETURN_IF_ERROR(Repeat(slice, [&](UpkeepRows& rows) -> absl::StatusOr<bool> {
    const int64_t before = reached;
    VOXEL_ASSIGN_OR_RETURN(reached, rows.ReadRevisions(before, revision, add));
    history.DropBelow(far);
    return reached != before;
  }));
  if (reached != revision) return absl::DataLossError("the log does not lead to the new base");
  notes_in_base_ = in_base;
  return history;
}

}  // namespace voxeld
