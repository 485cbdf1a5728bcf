// All projects of the daemon, by id. Those that a vault keeps are loaded when first asked for,
// once, whoever races, and given up again while memory is short and nobody uses them. Whoever races
// to create an id, one creates it.
//
// Threading: every method from any thread. Find of an open project takes no lock (RCU).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "daemon/memory/memory_pressure.h"
#include "daemon/runtime/random_uid.h"
#include "daemon/runtime/timers.h"
#include "daemon/store/commit_store.h"
#include "daemon/store/project.h"
#include "daemon/store/project_creation.h"
#include "daemon/store/project_vault.h"

namespace voxeld {

struct RegistryOptions {
  ProjectOptions project;
  int32_t max_projects = 10000;
  std::string (*new_uid)() = &RandomUid;  // a name that no project ever had
  // Asks for idle projects that the vault keeps to be given up; null: nobody does.
  std::shared_ptr<MemoryPressure> pressure = nullptr;
  // A project counts as idle so long after it was last asked for.
  absl::Duration idle_after = absl::Seconds(1);
  // Relaxed revisions that the store refuses for now are offered again so often. Without timers:
  // with the next change.
  Timers* timers = nullptr;
  absl::Duration retry_every = absl::Seconds(1);
};

// The first revision of a new project.
struct NewProject {
  std::string id;
  Fork forked_from;
  bool ephemeral = false;
  std::string actor;
  std::string comment;
  voxel::RefPtr<const voxel::Document> document;
  // The request that asked for it; empty: not remembered. `answer` makes what a retry will get.
  std::string request_id;
  uint64_t request_hash = 0;
  std::function<std::string(const Project&)> answer;
};

// What a list shows without opening anything.
struct ProjectEntry {
  std::string id;
  std::string uid;
  bool open = false;
};

class ProjectRegistry {
 public:
  // Everything given must outlive the registry. `now` is the clock.
  static std::unique_ptr<ProjectRegistry> Create(const RegistryOptions& options, CommitStore* store,
                                                 WorkerPool* pool, absl::Time (*now)());
  // The same with a store that keeps projects: those that it lists are there, closed.
  static std::unique_ptr<ProjectRegistry> Create(const RegistryOptions& options,
                                                 ProjectVault* vault, WorkerPool* pool,
                                                 absl::Time (*now)());
  // Waits until the store has answered everything. REQUIRES: no call is running, and none comes any
  // more, also not on a project that somebody still holds.
  virtual ~ProjectRegistry() = default;

  // The project, which is loaded first if it is closed: then this waits for the disk.
  // PROJECT_NOT_FOUND, and those of ProjectVault::Load.
  virtual absl::StatusOr<std::shared_ptr<Project>> Find(std::string_view id) = 0;
  // The project if it is open; null otherwise.
  virtual std::shared_ptr<Project> FindOpen(std::string_view id) const = 0;
  // Whether there is such a project and it is closed.
  virtual bool closed(std::string_view id) const = 0;
  // Whether there is such a project, open or not: what Find would find. Takes no time.
  virtual bool known(std::string_view id) const = 0;
  // Loads a closed project. Calls opened(status) from a worker, or here and now if it is open, or
  // there is none: then Find answers without waiting. Statuses as Find.
  using Opened = absl::AnyInvocable<void(const absl::Status&)>;
  virtual void Open(std::string_view id, Opened opened) = 0;
  // PROJECT_EXISTS, LIMIT_PROJECTS. The project can be found once `ticket` is ready with OK; until
  // then its head shows the revision to be. `ticket` guards PROJECT_EXISTS, too, if the other one
  // is still being created. Ephemeral projects are not given to the store.
  virtual absl::StatusOr<std::shared_ptr<Project>> Add(NewProject project,
                                                       CommitTicket& ticket) = 0;
  // What a retry of the request that is creating a project just now would be answered; nullopt if
  // none is being created under that id.
  virtual std::optional<ProjectCreation> Creating(std::string_view id) const = 0;
  // Makes a project of a file that `install` puts into the vault, under the uid that it gets; it is
  // there, closed, when this returns. PROJECT_EXISTS, unless `overwrite`: then the project that
  // has the id is removed once the new one is in its place; `ticket` is ready after that, and
  // whoever asks for the new one waits for it, too. LIMIT_PROJECTS, and what `install` answers.
  // Waits for the disk. REQUIRES: there is a vault.
  using InstallFile = absl::FunctionRef<absl::Status(const std::string& uid)>;
  virtual absl::StatusOr<std::string> Adopt(const std::string& id, bool overwrite,
                                            InstallFile install, CommitTicket& ticket) = 0;
  // PROJECT_NOT_FOUND. Holders of the project keep it until they let go; its watches end. `ticket`
  // is ready once the store has removed it, too; it is left alone if nothing keeps the project.
  virtual absl::Status Remove(std::string_view id, CommitTicket& ticket) = 0;
  // Ids above `after` that begin with `prefix`, ascending, at most `limit`.
  virtual std::vector<ProjectEntry> List(std::string_view after, std::string_view prefix,
                                         int32_t limit) const = 0;
  virtual int32_t size() const = 0;
  // How many of them are in memory. Takes no lock.
  virtual int32_t open() const = 0;
  // Has retired revisions freed that wait for others; returns before they are.
  virtual void FreeRetired() = 0;
  // How many were given up so far to make room. Takes no lock.
  virtual int64_t given_up() const = 0;
};

}  // namespace voxeld
