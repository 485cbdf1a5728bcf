#include "tests/daemon/disk/disk_session.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::StrCat;

constexpr uint64_t kHash = 7;   // of every request
constexpr int kBurst = 6;       // edits in one group
constexpr size_t kAsked = 8;    // requests that are retried when a directory is looked at
constexpr int kNoiseSize = 72;  // voxels on a side

// A box of colours that no compression makes small: its change takes several blobs.
auto SetNoise(voxel::Coord at, uint32_t seed) {
  return
      [at, seed](const Revision& applied) -> absl::StatusOr<voxel::RefPtr<const voxel::Document>> {
        voxel::SetVoxels set;
        std::mt19937 colors(seed);
        for (int i = 0; i < kNoiseSize * kNoiseSize * kNoiseSize; ++i) {
          set.positions.push_back({at.x + i % kNoiseSize, at.y + i / kNoiseSize % kNoiseSize,
                                   at.z + i / kNoiseSize / kNoiseSize});
          set.colors.push_back(static_cast<voxel::Color>(colors() | 0xFF));
        }
        voxel::Edit edit;
        edit.op = std::move(set);
        auto result = voxel::ApplyEdits(applied.document, {&edit, 1}, {});
        if (!result.ok()) return result.status();
        return result->document;
      };
}

struct Known {  // of one project, before the cut
  bool made = false, delete_asked = false, deleted = false;
  int64_t durable = 0, seen = 0;
  std::vector<const Fact*> requests;
  // Where each checkpoint may be: revisions; 0: not there.
  std::map<std::string, std::set<int64_t>> names;
};

std::map<std::string, Known> Before(const Facts& facts, size_t cut) {
  std::map<std::string, Known> known;
  for (const auto& [uid, id] : facts.ids) known[uid];
  for (const Fact& fact : facts.told) {
    if (fact.at > cut) break;
    Known& project = known[fact.uid];
    project.made |= fact.kind == Fact::Kind::kMade;
    project.delete_asked |= fact.kind == Fact::Kind::kDeleteAsked;
    project.deleted |= fact.kind == Fact::Kind::kDeleted;
    if (fact.kind == Fact::Kind::kNameAsked) {
      project.names.try_emplace(fact.name, std::set<int64_t>{0})
          .first->second.insert(fact.revision);
      continue;
    }
    if (fact.kind == Fact::Kind::kNamed) project.names[fact.name] = {fact.revision};
    project.seen = std::max(project.seen, fact.revision);
    if (fact.kind != Fact::Kind::kDurable) continue;
    project.durable = std::max(project.durable, fact.revision);
    if (!fact.request.empty()) project.requests.push_back(&fact);
  }
  return known;
}

std::string WrongRevision(const Revision& revision, const Contents& contents) {
  const int64_t number = revision.info.revision;
  const uint64_t hash = revision.document->ContentHash();
  if (contents.refused.contains(hash)) return "";
  const auto found = contents.numbered.find(number);
  if (found == contents.numbered.end()) return StrCat("revision ", number, " was never made");
  return found->second.contains(hash) ? "" : StrCat("revision ", number, " has another content");
}

std::string WrongContent(const Project& project, const Contents& contents) {
  for (const RevisionPtr& revision : project.Retained(0, 1 << 20)) {
    std::string wrong = WrongRevision(*revision, contents);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

std::string WrongCheckpoints(const Project& project, const Known& known, const Contents& contents) {
  const CheckpointsPtr checkpoints = project.checkpoints();
  for (const auto& [name, checkpoint] : checkpoints->all()) {
    if (!contents.names.contains(name)) return StrCat("checkpoint ", name, " was never asked for");
    const std::string wrong = WrongRevision(*checkpoint.revision, contents);
    if (!wrong.empty()) return StrCat("checkpoint ", name, ": ", wrong);
  }
  for (const auto& [name, revisions] : known.names) {
    const Checkpoint* const found = checkpoints->Find(name);
    const int64_t revision = found == nullptr ? 0 : found->revision->info.revision;
    if (!revisions.contains(revision)) {
      return StrCat("checkpoint ", name, " is at revision ", revision);
    }
  }
  return "";
}

bool SameFork(const Fork& a, const Fork& b) {
  return a.id == b.id && a.uid == b.uid && a.revision == b.revision;
}

std::string WrongAnswers(Project& project, const Known& known) {
  for (size_t i = 0; i < std::min(kAsked, known.requests.size()); ++i) {
    // The first, the last, and some between.
    const size_t index = i * (known.requests.size() - 1) / std::max<size_t>(1, kAsked - 1);
    const Fact& fact = *known.requests[std::min(index, known.requests.size() - 1)];
    WriteOptions again;
    again.request_id = fact.request;
    again.request_hash = kHash;
    const Outcome outcome = Mutate(project, again, SetVoxel({-9, -9, -9}, 0xFF));
    if (!outcome.replayed || outcome.answer != fact.answer || outcome.revision != fact.revision) {
      return StrCat("request ", fact.request, " got another answer");
    }
  }
  return "";
}

std::string WrongEdit(Project& project, const Known& known) {
  const Outcome outcome = Mutate(project, {}, SetVoxel({-1, -2, -3}, 0x010203FF));
  if (!outcome.status.ok()) return StrCat("an edit is refused: ", outcome.status.ToString());
  if (const absl::Status status = Await(outcome.ticket); !status.ok()) {
    return StrCat("an edit is not kept: ", status.ToString());
  }
  if (outcome.revision > known.seen) return "";
  return StrCat("revision ", outcome.revision, " is given again, ", known.seen, " was told of");
}

std::string DigestOf(Project& project, const Known& known) {
  std::string digest;
  for (const RevisionPtr& revision : project.Retained(0, 1 << 20)) {
    const RevisionInfo& info = revision->info;
    voxel::StrAppend(&digest, info.revision, " after ", info.previous_revision, " by ", info.actor,
                     " at ", absl::ToUnixNanos(info.time), ": ", revision->document->ContentHash(),
                     "\n");
  }
  for (const Fact* fact : known.requests) {
    WriteOptions again;
    again.request_id = fact->request;
    again.request_hash = kHash;
    const Outcome outcome = Mutate(project, again, SetVoxel({-9, -9, -9}, 0xFF));
    voxel::StrAppend(&digest, fact->request, ": ", outcome.answer, outcome.revision, "\n");
  }
  for (const auto& [name, checkpoint] : project.checkpoints()->all()) {
    voxel::StrAppend(&digest, "checkpoint ", name, ": ", checkpoint.revision->info.revision, " ",
                     checkpoint.revision->document->ContentHash(), "\n");
  }
  WriteOptions dry;
  dry.validate_only = true;
  const UndoOutcome undo = UndoSteps(project, 1, UndoScope::kProject, dry);
  voxel::StrAppend(&digest, undo.undo_left, " to undo, ", undo.redo_left, " to redo\n");
  return digest;
}

// Syncs cost nothing here.
DiskOptions Quick(const std::string& dir, const FaultVfs& disk) {
  DiskOptions options = InDir(dir);
  options.file.vfs = disk.name();
  return options;
}

std::string WrongProject(Kept& kept, const std::string& id, const Known& known,
                         const Contents& contents, const Fork& fork) {
  const auto found = kept.registry().Find(id);
  if (!found.ok()) return found.status().ToString();
  Project& project = **found;
  if (project.head()->info.revision < known.durable) {
    return StrCat("revision ", known.durable, " is lost, the head is ",
                  project.head()->info.revision);
  }
  if (!SameFork(project.identity().forked_from, fork)) return "it is a clone of something else";
  std::string wrong = WrongContent(project, contents);
  if (wrong.empty()) wrong = WrongCheckpoints(project, known, contents);
  if (wrong.empty()) wrong = WrongAnswers(project, known);
  if (wrong.empty()) wrong = WrongEdit(project, known);
  return wrong;
}

// What is known of one project alone.
Facts FactsOf(const std::string& uid, const Facts& facts) {
  Facts own;
  own.ids[uid] = facts.ids.at(uid);
  own.contents[uid] = facts.contents.at(uid);
  if (const auto fork = facts.forks.find(uid); fork != facts.forks.end()) own.forks.insert(*fork);
  std::copy_if(facts.told.begin(), facts.told.end(), std::back_inserter(own.told),
               [&](const Fact& fact) { return fact.uid == uid; });
  return own;
}

std::string WrongEnd(const std::string& dir, const std::string& id, int64_t wanted) {
  Kept kept(dir);
  const auto found = kept.registry().Find(id);
  if (!found.ok()) return StrCat("a copy cannot be loaded: ", found.status().ToString());
  const int64_t end = (*found)->head()->info.revision;
  return end == wanted ? "" : StrCat("a copy ends at revision ", end, " in place of ", wanted);
}

// A directory with this project alone.
void WriteProject(const std::string& dir, const std::string& file, const std::string& bytes) {
  std::filesystem::remove_all(dir);
  std::filesystem::create_directories(dir + "/projects");
  std::ofstream(StrCat(dir, "/projects/", file), std::ios::binary) << bytes;
}

}  // namespace

int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoll(text);
}

std::map<std::string, std::string> Digest(const std::string& dir, const Facts& facts) {
  const FaultVfs disk;
  Kept kept(Quick(dir, disk));
  const std::map<std::string, Known> known = Before(facts, SIZE_MAX);
  std::map<std::string, std::string> digest;
  for (const ProjectEntry& entry : kept.registry().List("", "", 1000)) {
    const auto found = kept.registry().Find(entry.id);
    digest[entry.id] = found.ok() ? DigestOf(**found, known.at(entry.uid))
                                  : StrCat(kRefused, Reason(found.status()));
  }
  return digest;
}

std::string Disagreement(const std::string& dir, const Facts& facts, size_t cut) {
  const FaultVfs disk;
  Kept kept(Quick(dir, disk));
  std::set<std::string> there;
  for (const ProjectEntry& entry : kept.registry().List("", "", 1000)) there.insert(entry.uid);
  for (const auto& [uid, known] : Before(facts, cut)) {
    const std::string& id = facts.ids.at(uid);
    if (!there.contains(uid)) {
      if (known.made && !known.delete_asked) return StrCat(id, " is lost");
      continue;
    }
    if (known.deleted) return StrCat(id, " was deleted and is back");
    const auto fork = facts.forks.find(uid);
    const std::string wrong = WrongProject(kept, id, known, facts.contents.at(uid),
                                           fork == facts.forks.end() ? Fork() : fork->second);
    if (!wrong.empty()) return StrCat(id, ": ", wrong);
  }
  return "";
}

SessionOptions FoldingSession(int steps, int32_t retained) {
  SessionOptions options;
  options.steps = steps;
  options.registry.project.retained_revisions = retained;
  options.upkeep.fold_bytes = 1;
  options.upkeep.fold_percent = 1;
  return options;
}

int64_t RowsIn(const std::string& dir, const std::string& table) {
  int64_t rows = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir + "/projects")) {
    if (entry.path().extension() != ".voxels") continue;
    const auto db = SqliteDb::Open(entry.path(), SqliteDb::Mode::kReadOnly, "");
    const std::string count = StrCat("SELECT count(*) FROM ", table);
    if (db.ok()) rows += (*db)->Number(count.c_str()).value_or(0);
  }
  return rows;
}

DiskSession::DiskSession(FaultVfs* disk, std::string dir, uint64_t seed,
                         const SessionOptions& options)
    : disk_(disk), dir_(std::move(dir)), options_(options), random_(seed) {}

void DiskSession::Open() {
  DiskOptions disk = InDir(dir_, options_.upkeep);
  disk.file.vfs = disk_->name();
  disk.file.ops = disk_;
  kept_.reset();
  kept_ = std::make_unique<Kept>(disk, options_.registry);
}

void DiskSession::Run(const std::function<void()>& end) {
  Open();
  Create("a");
  Create("b");
  for (int step = 0; step < options_.steps; ++step) Step();
  if (end) end();
  kept_.reset();
}

void DiskSession::Step() {
  const int kind = Below(30);
  if (kind == 0) return Open();
  if (kind == 1) {
    Delete("b");
    return Create("b");
  }
  const std::shared_ptr<Project> project = AnyProject();
  if (project == nullptr) return Create("a");
  if (kind < 4) return UndoOrRedo(*project);
  if (kind < 7) return Edit(*project, true, Below(2) == 0);
  if (kind < 10) return Burst(*project);
  if (kind == 10 && project->identity().id == "b") return Noise(*project);
  if (kind >= 28) return Clone(*project);
  if (kind >= 26) return Copy(*project);
  if (kind >= 24) return Checkpoint(*project);
  Edit(*project, false, Below(3) > 0);
}

std::shared_ptr<Project> DiskSession::AnyProject() {
  const int which = Below(8);
  const bool clone = which == 2 && kept_->registry().known("c");
  const auto found = kept_->registry().Find(clone ? "c" : which < 2 ? "b" : "a");
  if (!found.ok()) refusals_.insert(Reason(found.status()));
  return found.ok() ? *found : nullptr;
}

void DiskSession::Tell(Fact::Kind kind, const std::string& uid, int64_t revision,
                       const std::string& request, const std::string& answer) {
  facts_.told.push_back({kind, disk_->events(), uid, revision, request, answer, ""});
}

void DiskSession::Add(const NewProject& wanted) {
  CommitTicket ticket;
  const auto project = kept_->registry().Add(wanted, ticket);
  if (!project.ok()) return;
  const std::string uid = (*project)->identity().uid;
  facts_.ids[uid] = wanted.id;
  facts_.forks[uid] = wanted.forked_from;
  facts_.contents[uid].numbered[1].insert((*project)->head()->document->ContentHash());
  const absl::Status status = Await(ticket);
  if (!status.ok()) {
    refusals_.insert(Reason(status));
    return;
  }
  Tell(Fact::Kind::kMade, uid, 1);
}

// All of it is there, or nothing: its first revision has the content of the source's head.
void DiskSession::Clone(const Project& source) {
  const RevisionPtr head = source.head();
  Delete("c");
  NewProject wanted = BlankProject("c");
  wanted.document = head->document;
  wanted.forked_from = {source.identity().id, source.identity().uid, head->info.revision};
  Add(wanted);
}

void DiskSession::Delete(const std::string& id) {
  const auto found = kept_->registry().Find(id);
  if (!found.ok()) return;
  const std::string uid = (*found)->identity().uid;
  Tell(Fact::Kind::kDeleteAsked, uid);
  CommitTicket ticket;
  if (!kept_->registry().Remove(id, ticket).ok()) return;
  const absl::Status status = Await(ticket);
  if (status.ok()) return Tell(Fact::Kind::kDeleted, uid);
  refusals_.insert(Reason(status));
}

WriteOptions DiskSession::Options(bool relaxed, bool with_request) {
  WriteOptions options;
  options.actor = Below(2) == 0 ? "ann" : "bob";
  options.relaxed = relaxed;
  options.request_hash = kHash;
  if (with_request) options.request_id = StrCat("r", ++requests_);
  return options;
}

Outcome DiskSession::Change(Project& project, const WriteOptions& options, Project::Change change,
                            const std::string& answer) {
  uint64_t hash = 0;
  const auto noted = [&](const Revision& applied) {
    auto document = change(applied);
    if (document.ok()) hash = document->document->ContentHash();
    return document;
  };
  const Outcome outcome = Mutate(project, options, noted, answer);
  Attempt(project, outcome);
  if (!outcome.applied) facts_.contents[project.identity().uid].refused.insert(hash);
  return outcome;
}

void DiskSession::Attempt(const Project& project, const Outcome& outcome) {
  if (!outcome.applied) return;
  facts_.contents[project.identity().uid].numbered[outcome.applied->info.revision].insert(
      outcome.applied->document->ContentHash());
}

void DiskSession::Told(const Project& project, const Outcome& outcome, const WriteOptions& options,
                       const std::string& answer) {
  const absl::Status status = outcome.status.ok() ? Await(outcome.ticket) : outcome.status;
  if (!status.ok()) {
    refusals_.insert(Reason(status));
    return;
  }
  Tell(options.relaxed ? Fact::Kind::kSeen : Fact::Kind::kDurable, project.identity().uid,
       outcome.revision, options.request_id, answer);
}

void DiskSession::Edit(Project& project, bool relaxed, bool with_request) {
  const WriteOptions options = Options(relaxed, with_request);
  const voxel::Coord at{Below(64), Below(64), Below(64)};
  const std::string answer = StrCat("answer to ", options.request_id);
  const auto color = static_cast<voxel::Color>(random_() | 0xFF);
  const Outcome outcome = Change(project, options, SetVoxel(at, color), answer);
  Told(project, outcome, options, answer);
}

void DiskSession::Noise(Project& project) {
  const WriteOptions options = Options(false, false);
  const auto seed = static_cast<uint32_t>(random_());
  const Outcome outcome = Change(project, options, SetNoise({Below(99), 0, 0}, seed), "");
  Told(project, outcome, options, "");
}

// One edit that is being synced, and the next group, which all the others are.
void DiskSession::Burst(Project& project) {
  struct Sent {
    WriteOptions options;
    Outcome outcome;
  };
  std::vector<Sent> sent;
  disk_->HoldSyncs(true);
  for (int i = 0; i < kBurst; ++i) {
    Sent one{Options(false, true), {}};
    one.outcome = Change(project, one.options, SetVoxel({Below(64), i, 0}, 0x00FF00FF | i << 8),
                         StrCat("answer to ", one.options.request_id));
    const bool waits = one.outcome.status.ok();
    sent.push_back(std::move(one));
    // Held, or refused before it came to that.
    while (i == 0 && waits && !sent[0].outcome.ticket.ready()) {
      if (disk_->AwaitHeld(absl::Milliseconds(1))) break;
    }
  }
  disk_->HoldSyncs(false);
  for (const Sent& one : sent) {
    Told(project, one.outcome, one.options, StrCat("answer to ", one.options.request_id));
  }
}

void DiskSession::Checkpoint(Project& project) {
  const WriteOptions options = Options(false, true);
  const std::string name = StrCat("name", Below(3));
  const std::string answer = StrCat("answer to ", options.request_id);
  const bool goes = project.checkpoints()->Find(name) != nullptr && Below(3) == 0;
  const size_t asked = disk_->events();
  std::optional<int64_t> revision;  // where it was to be, also if the disk refused that at once
  const CheckpointOutcome outcome = OnStrand(project, [&] {
    const auto make = [&](const CheckpointOutcome& planned, std::string* made) {
      *made = answer;
      revision = goes ? 0 : planned.checkpoint.revision->info.revision;
    };
    return goes ? project.DeleteCheckpoint(name, options, make)
                : project.SetCheckpoint(name, 0, /*move=*/true, options, make);
  });
  const std::string& uid = project.identity().uid;
  facts_.contents[uid].names.insert(name);
  if (revision.has_value()) {
    facts_.told.push_back({Fact::Kind::kNameAsked, asked, uid, *revision, "", "", name});
  }
  if (outcome.status.ok() && Await(outcome.ticket).ok()) {
    facts_.told.push_back({Fact::Kind::kNamed, disk_->events(), uid, *revision, "", "", name});
  }
  Told(project, outcome, options, answer);
}

// A copy is a beginning of the line, with all that was acknowledged before it was asked for; or it
// is refused.
void DiskSession::Copy(const Project& project) {
  constexpr size_t kAtOnce = 200'000;
  const std::string& uid = project.identity().uid;
  const size_t asked = disk_->events();
  const auto copy = kept_->store().CopyOf(uid, {});
  absl::Status status = copy.status();
  std::string bytes;
  while (status.ok() && std::ssize(bytes) < (*copy)->bytes()) {
    const auto part = (*copy)->Read(std::ssize(bytes), kAtOnce);
    status = part.status();
    if (part.ok()) bytes += *part;
  }
  if (!status.ok()) {
    refusals_.insert(Reason(status));
    return;
  }
  ++copies_;
  if (!wrong_copy_.empty()) return;
  const std::string dir = dir_ + "-copy";
  WriteProject(dir, (*copy)->name(), bytes);
  wrong_copy_ = WrongEnd(dir, facts_.ids.at(uid), (*copy)->revision());
  if (wrong_copy_.empty()) wrong_copy_ = Disagreement(dir, FactsOf(uid, facts_), asked);
}

void DiskSession::UndoOrRedo(Project& project) {
  const WriteOptions options = Options(false, true);
  const UndoScope scope = Below(2) == 0 ? UndoScope::kProject : UndoScope::kActor;
  const bool undo = Below(3) > 0;
  const std::string answer = StrCat("answer to ", options.request_id);
  const UndoOutcome outcome = OnStrand(project, [&] {
    const auto make = [&](const UndoOutcome& undone, std::string* made) {
      Attempt(project, undone);
      *made = answer;
    };
    return undo ? project.Undo(1, scope, options, {}, make)
                : project.Redo(1, scope, options, {}, make);
  });
  Told(project, outcome, options, answer);
}

}  // namespace voxeld
