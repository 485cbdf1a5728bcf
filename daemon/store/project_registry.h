// All projects of the daemon, by id. Each is open from its creation: no store keeps projects over a
// restart, so there is nothing to load. Whoever races to create an id, one creates it.
//
// Threading: every method from any thread. Find of an open project takes no lock (RCU).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/store/commit_store.h"
#include "daemon/store/project.h"
#include "daemon/store/random_uid.h"

namespace voxeld {

struct RegistryOptions {
  ProjectOptions project;
  int32_t max_projects = 10000;
  std::string (*new_uid)() = &RandomUid;  // a name that no project ever had
};

// The first revision of a new project.
struct NewProject {
  std::string id;
  Fork forked_from;
  bool ephemeral = false;
  std::string actor;
  std::string comment;
  voxel::RefPtr<const voxel::Document> document;
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
  // Waits until the store has answered everything. REQUIRES: no call is running, and none comes any
  // more, also not on a project that somebody still holds.
  virtual ~ProjectRegistry() = default;

  // The open project. PROJECT_NOT_FOUND.
  virtual absl::StatusOr<std::shared_ptr<Project>> Find(std::string_view id) = 0;
  // PROJECT_EXISTS, LIMIT_PROJECTS. The project can be found once `ticket` is ready with OK; until
  // then its head shows the revision to be. `ticket` guards PROJECT_EXISTS, too, if the other one
  // is still being created. Ephemeral projects are not given to the store.
  virtual absl::StatusOr<std::shared_ptr<Project>> Add(NewProject project,
                                                       CommitTicket& ticket) = 0;
  // PROJECT_NOT_FOUND. Holders of the project keep it until they let go; its watches end.
  virtual absl::Status Remove(std::string_view id) = 0;
  // Ids above `after` that begin with `prefix`, ascending, at most `limit`.
  virtual std::vector<ProjectEntry> List(std::string_view after, std::string_view prefix,
                                         int32_t limit) const = 0;
  virtual int32_t size() const = 0;
};

}  // namespace voxeld
