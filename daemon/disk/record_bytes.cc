#include "daemon/disk/record_bytes.h"

#include <deque>
#include <utility>
#include <vector>

#include "daemon/codec/bytes.h"

namespace voxeld {
namespace {

enum class ChangeKind : uint8_t { kNone, kOwnEdit, kStep, kProjectUndo, kProjectRedo };

constexpr size_t kSmallRecord = 120;  // what is said about most revisions fits

absl::Status Unreadable(const char* what) {
  return absl::DataLossError(std::string(what) + " cannot be read");
}

void WriteTime(absl::Time time, ByteWriter& out) { out.Signed(absl::ToUnixNanos(time)); }
absl::Time ReadTime(ByteReader& in) { return absl::FromUnixNanos(in.Signed()); }

void WriteStep(const UndoStep& step, ByteWriter& out) {
  out.Byte(static_cast<uint8_t>(step.kind));
  out.Varint(step.count);
  out.Text(step.actor);
  out.Signed(step.before);
  out.Signed(step.after);
}

UndoStep ReadStep(ByteReader& in) {
  UndoStep step;
  step.kind =
      static_cast<UndoStep::Kind>(in.Below(static_cast<uint64_t>(UndoStep::Kind::kActorRedo) + 1));
  step.count = static_cast<uint32_t>(in.Below(uint64_t{1} << 32));
  step.actor = in.Text();
  step.before = in.Signed();
  step.after = in.Signed();
  return step;
}

// Whether the step is the one that an edit makes: then the revision says it all.
bool IsOwnEdit(const HistoryChange& change, const RevisionInfo& info) {
  const UndoStep& step = change.step;
  return change.kind == HistoryChange::Kind::kStep && step.kind == UndoStep::Kind::kEdit &&
         step.count == 0 && step.actor == info.actor && step.before == info.previous_revision &&
         step.after == info.revision;
}

void WriteChange(const HistoryChange& change, const RevisionInfo& info, ByteWriter& out) {
  if (IsOwnEdit(change, info)) return out.Byte(static_cast<uint8_t>(ChangeKind::kOwnEdit));
  switch (change.kind) {
    case HistoryChange::Kind::kNone:
      return out.Byte(static_cast<uint8_t>(ChangeKind::kNone));
    case HistoryChange::Kind::kStep:
      out.Byte(static_cast<uint8_t>(ChangeKind::kStep));
      return WriteStep(change.step, out);
    case HistoryChange::Kind::kProjectUndo:
      out.Byte(static_cast<uint8_t>(ChangeKind::kProjectUndo));
      return out.Varint(change.count);
    case HistoryChange::Kind::kProjectRedo:
      out.Byte(static_cast<uint8_t>(ChangeKind::kProjectRedo));
      return out.Varint(change.count);
  }
}

HistoryChange ReadChange(ByteReader& in, const RevisionInfo& info) {
  HistoryChange change;
  const auto kind =
      static_cast<ChangeKind>(in.Below(static_cast<uint64_t>(ChangeKind::kProjectRedo) + 1));
  switch (kind) {
    case ChangeKind::kNone:
      break;
    case ChangeKind::kOwnEdit:
      change.kind = HistoryChange::Kind::kStep;
      change.step.actor = info.actor;
      change.step.before = info.previous_revision;
      change.step.after = info.revision;
      break;
    case ChangeKind::kStep:
      change.kind = HistoryChange::Kind::kStep;
      change.step = ReadStep(in);
      break;
    case ChangeKind::kProjectUndo:
    case ChangeKind::kProjectRedo:
      change.kind = kind == ChangeKind::kProjectUndo ? HistoryChange::Kind::kProjectUndo
                                                     : HistoryChange::Kind::kProjectRedo;
      change.count = static_cast<uint32_t>(in.Below(uint64_t{1} << 32));
      break;
  }
  return change;
}

int32_t ReadCoordinate(ByteReader& in) {
  const int64_t value = in.Signed();
  if (value < voxel::kMinCoord || value > voxel::kMaxCoord) in.Fail();
  return in.ok() ? static_cast<int32_t>(value) : 0;
}

// The size of a box is shorter than its other corner.
void WriteBounds(const voxel::Box& box, ByteWriter& out) {
  out.Byte(box.empty() ? 0 : 1);
  if (box.empty()) return;
  for (int axis = 0; axis < 3; ++axis) {
    out.Signed(box.min[axis]);
    out.Varint(static_cast<uint64_t>(box.Size(axis)));
  }
}

voxel::Box ReadBounds(ByteReader& in) {
  voxel::Box box;
  if (in.Below(2) == 0) return box;
  for (int axis = 0; axis < 3; ++axis) {
    box.min[axis] = ReadCoordinate(in);
    const auto room = static_cast<uint64_t>(int64_t{voxel::kMaxCoord} - box.min[axis]);
    box.max[axis] = static_cast<int32_t>(box.min[axis] + static_cast<int64_t>(in.Below(room + 1)));
  }
  return box;
}

}  // namespace

std::string WriteRevisionRecord(const RevisionInfo& info, const HistoryChange& change,
                                const UndoHistory& folded) {
  ByteWriter out(kSmallRecord);
  out.Varint(static_cast<uint64_t>(info.revision));
  out.Varint(static_cast<uint64_t>(info.revision - info.previous_revision));
  out.Text(info.actor);
  out.Text(info.comment);
  WriteTime(info.time, out);
  out.Varint(static_cast<uint64_t>(info.voxels_changed));
  WriteBounds(info.bounds, out);
  out.Varint(info.layers.size());
  for (const std::string& layer : info.layers) out.Text(layer);
  WriteChange(change, info, out);
  out.Varint(folded.done().size());
  for (const UndoStep& step : folded.done()) WriteStep(step, out);
  out.Varint(folded.undone().size());
  for (const UndoStep& step : folded.undone()) WriteStep(step, out);
  return out.Take();
}

absl::StatusOr<RevisionRecord> ReadRevisionRecord(std::string_view bytes) {
  ByteReader in(bytes);
  RevisionRecord record;
  RevisionInfo& info = record.info;
  info.revision = static_cast<int64_t>(in.Below(uint64_t{1} << 62));
  info.previous_revision =
      info.revision - static_cast<int64_t>(in.Below(static_cast<uint64_t>(info.revision) + 1));
  info.actor = in.Text();
  info.comment = in.Text();
  info.time = ReadTime(in);
  info.voxels_changed = static_cast<int64_t>(in.Below(uint64_t{1} << 63));
  info.bounds = ReadBounds(in);
  for (size_t left = in.Count(); left > 0 && in.ok(); --left) info.layers.emplace_back(in.Text());
  record.change = ReadChange(in, info);
  std::deque<UndoStep> done;
  for (size_t left = in.Count(5); left > 0 && in.ok(); --left) done.push_back(ReadStep(in));
  std::vector<UndoStep> undone;
  for (size_t left = in.Count(5); left > 0 && in.ok(); --left) undone.push_back(ReadStep(in));
  if (!in.done() || info.revision == 0) return Unreadable("what is said about a revision");
  record.folded = UndoHistory::Restored(std::move(done), std::move(undone));
  return record;
}

std::string WriteNoteRecord(const NoteRecord& note) {
  ByteWriter out;
  out.Varint(static_cast<uint64_t>(note.revision));
  WriteTime(note.time, out);
  out.Text(note.request_id);
  if (!note.request_id.empty()) {
    out.Fixed64(note.request_hash);
    out.Text(note.answer);
  }
  WriteChange(note.change, {}, out);
  return out.Take();
}

absl::StatusOr<NoteRecord> ReadNoteRecord(std::string_view bytes) {
  ByteReader in(bytes);
  NoteRecord note;
  note.revision = static_cast<int64_t>(in.Below(uint64_t{1} << 62));
  note.time = ReadTime(in);
  note.request_id = in.Text();
  if (!note.request_id.empty()) {
    note.request_hash = in.Fixed64();
    note.answer = in.Text();
  }
  note.change = ReadChange(in, {});
  if (!in.done()) return Unreadable("a note");
  return note;
}

std::string WriteCheckpointRecord(const Checkpoint& checkpoint) {
  ByteWriter out;
  out.Text(checkpoint.name);
  out.Varint(static_cast<uint64_t>(checkpoint.revision->info.revision));
  out.Text(checkpoint.actor);
  out.Text(checkpoint.comment);
  WriteTime(checkpoint.time, out);
  return out.Take();
}

absl::StatusOr<CheckpointRecord> ReadCheckpointRecord(std::string_view bytes) {
  ByteReader in(bytes);
  CheckpointRecord checkpoint;
  checkpoint.name = in.Text();
  checkpoint.revision = static_cast<int64_t>(in.Below(uint64_t{1} << 62));
  checkpoint.actor = in.Text();
  checkpoint.comment = in.Text();
  checkpoint.time = ReadTime(in);
  if (!in.done() || checkpoint.name.empty()) return Unreadable("a checkpoint");
  return checkpoint;
}

std::string WriteIdentity(const ProjectIdentity& identity) {
  ByteWriter out;
  out.Text(identity.id);
  out.Text(identity.uid);
  out.Text(identity.forked_from.id);
  out.Text(identity.forked_from.uid);
  out.Signed(identity.forked_from.revision);
  WriteTime(identity.created, out);
  return out.Take();
}

absl::StatusOr<ProjectIdentity> ReadIdentity(std::string_view bytes) {
  ByteReader in(bytes);
  ProjectIdentity identity;
  identity.id = in.Text();
  identity.uid = in.Text();
  identity.forked_from.id = in.Text();
  identity.forked_from.uid = in.Text();
  identity.forked_from.revision = in.Signed();
  identity.created = ReadTime(in);
  if (!in.done()) return Unreadable("the project's name");
  return identity;
}

std::string WriteFileState(const FileState& state) {
  ByteWriter out;
  out.Signed(state.reserved_below);
  out.Signed(state.generation);
  out.Signed(state.base_revision);
  out.Signed(state.transactions);
  out.Signed(state.last_revision);
  out.Signed(state.first_note);
  out.Signed(state.last_note);
  out.Varint(static_cast<uint64_t>(state.checkpoints));
  return out.Take();
}

absl::StatusOr<FileState> ReadFileState(std::string_view bytes) {
  ByteReader in(bytes);
  FileState state;
  state.reserved_below = in.Signed();
  state.generation = in.Signed();
  state.base_revision = in.Signed();
  state.checkpoints = -1;
  if (in.done()) return state;  // of a voxeld that did not count yet
  state.transactions = in.Signed();
  state.last_revision = in.Signed();
  state.first_note = in.Signed();
  state.last_note = in.Signed();
  if (in.done()) return state;  // of one that did not count these
  state.checkpoints = static_cast<int64_t>(in.Below(uint64_t{1} << 32));
  if (!in.done()) return Unreadable("the file's state");
  return state;
}

}  // namespace voxeld
