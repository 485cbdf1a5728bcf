// A session of edits on a disk that may fail, everything that its clients were told, and the
// question whether a data directory agrees with that.
//
// Determinism: the session's script, and which records form a group, follow from the seed.
// Threading:   one thread; the store has its own.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/daemon/disk/fault_vfs.h"
#include "tests/daemon/disk/kept.h"

namespace voxeld {

// `name` of the environment as a number.
int64_t FromEnvironment(const char* name, int64_t otherwise);

// What a client was told, or asked for. `at`: the length of the disk's log then.
struct Fact {
  enum class Kind : uint8_t {
    kMade,         // the project is there
    kDeleteAsked,  // from now on it may be gone
    kDeleted,      // it is
    kDurable,      // the revision is there, and the request's answer
    kSeen,         // the revision's number was told
    kNameAsked,    // from now on the checkpoint `name` may be at the revision; 0: gone
    kNamed,        // it is
  };
  Kind kind = Kind::kMade;
  size_t at = 0;
  std::string uid;
  int64_t revision = 0;
  std::string request;
  std::string answer;
  std::string name;
};

// Content hashes of a project's revisions by number. Some that were refused have none that is
// known: those may be there, too.
struct Contents {
  std::map<int64_t, std::set<uint64_t>> numbered;
  std::set<uint64_t> refused;
  std::set<std::string> names;  // that were asked for, of checkpoints
};

struct Facts {
  std::vector<Fact> told;
  std::map<std::string, std::string> ids;  // of all projects that were ever asked for, by uid
  // By uid.
  std::map<std::string, Contents> contents;
  std::map<std::string, Fork> forks;  // what a clone is of
};

struct SessionOptions {
  int steps = 40;
  RegistryOptions registry;
  UpkeepOptions upkeep;
};

// Old revisions are folded into the content while the session goes on: there are few of them, and
// each load finds some that are too old.
SessionOptions FoldingSession(int steps, int32_t retained);
// How many rows the files of a data directory have in a table: `base` and `kept` are what was
// folded.
int64_t RowsIn(const std::string& dir, const std::string& table);

class DiskSession {
 public:
  // In `dir`, which is empty.
  DiskSession(FaultVfs* disk, std::string dir, uint64_t seed, const SessionOptions& options);

  // The whole script; the store is closed afterwards unless `end` says otherwise: it is called
  // while all is open. Refusals are taken as they come.
  void Run(const std::function<void()>& end = nullptr);

  const Facts& facts() const { return facts_; }
  // The reasons of all refusals.
  const std::set<std::string>& refusals() const { return refusals_; }
  // What is wrong with a copy that a backup got without an error; empty: nothing.
  const std::string& wrong_copy() const { return wrong_copy_; }
  int copies() const { return copies_; }  // that were looked at

 private:
  void Open();
  void Step();
  void Create(const std::string& id) { Add(BlankProject(id)); }
  void Add(const NewProject& wanted);
  // Under the id "c"; the one that had it goes first.
  void Clone(const Project& source);
  void Delete(const std::string& id);
  void Edit(Project& project, bool relaxed, bool with_request);
  void Noise(Project& project);
  void Burst(Project& project);
  void UndoOrRedo(Project& project);
  // Gives the head one of a few names, or takes a name away.
  void Checkpoint(Project& project);
  // Copies the project's file as a backup does, and looks at the copy.
  void Copy(const Project& project);
  // What came of an answer, and what it said.
  void Told(const Project& project, const Outcome& outcome, const WriteOptions& options,
            const std::string& answer);
  void Tell(Fact::Kind kind, const std::string& uid, int64_t revision = 0,
            const std::string& request = "", const std::string& answer = "");
  // An edit as a session makes it: what it would lead to is known, whatever becomes of it.
  Outcome Change(Project& project, const WriteOptions& options, Project::Change change,
                 const std::string& answer);
  void Attempt(const Project& project, const Outcome& outcome);
  std::shared_ptr<Project> AnyProject();
  WriteOptions Options(bool relaxed, bool with_request);
  int Below(int end) { return static_cast<int>(random_() % static_cast<uint64_t>(end)); }

  FaultVfs* const disk_;
  const std::string dir_;
  const SessionOptions options_;
  std::mt19937_64 random_;
  std::unique_ptr<Kept> kept_;
  Facts facts_;
  std::set<std::string> refusals_;
  std::string wrong_copy_;
  int copies_ = 0;
  int requests_ = 0;
};

// What a data directory holds, by project id: every revision, every answer, how far undo reaches;
// or kRefused and the reason. Nothing is changed.
inline constexpr const char* kRefused = "refused: ";
std::map<std::string, std::string> Digest(const std::string& dir, const Facts& facts);

// What is wrong with the data directory for somebody who knows the facts told before the log had
// the length `cut`; empty: nothing. Makes an edit in each project to see that it is taken.
std::string Disagreement(const std::string& dir, const Facts& facts, size_t cut);

}  // namespace voxeld
