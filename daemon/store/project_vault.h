// A commit store that keeps projects over a restart: what it is asked besides Append.
//
// Threading: every method from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/store/commit_store.h"
#include "daemon/store/project.h"
#include "daemon/store/published_revisions.h"
#include "daemon/store/request_log.h"

namespace voxeld {

// A project as it comes back: what ProjectImpl begins with.
struct RestoredProject {
  struct Request {
    std::string id;
    RememberedRequest remembered;
    absl::Time time;
  };
  ProjectIdentity identity;
  std::vector<PublishedRevisions::Item> revisions;  // ascending, never empty; the last is the head
  // Older ones that were to stay readable when what was around them was folded; ascending.
  std::vector<RevisionPtr> kept;
  UndoHistory history;
  std::vector<Request> requests;  // oldest first
  std::vector<Checkpoint> checkpoints;
  int64_t next_revision = 0;
};

class ProjectVault : public CommitStore {
 public:
  struct Entry {
    std::string id;
    std::string uid;
  };

  // The projects that were there when the vault was opened.
  virtual std::vector<Entry> List() const = 0;
  // Reads a project, with as many of its latest revisions as `options` retains. Waits for the disk:
  // for workers only. REQUIRES: all records of the project that were appended have been answered,
  // and none comes while this runs. STORE_DAMAGED and FORMAT_UNSUPPORTED name
  // the file and what to do; STORE_FAILED, COMMIT_FAILED.
  virtual absl::StatusOr<RestoredProject> Load(const std::string& uid,
                                               const ProjectOptions& options,
                                               std::shared_ptr<Reclaimer> reclaimer) = 0;
  // Deletes a project once the records appended before have been answered; later ones fail. `done`
  // as in Append.
  virtual void Remove(const std::string& uid, Done done) = 0;
  // What came before `oldest` is no longer needed, but for the revisions in `kept` (ascending, all
  // of them older): it may be folded into `oldest`. What is folded comes back as `oldest` and
  // RestoredProject::kept. Does not wait.
  virtual void Retired(const std::string& uid, RevisionPtr oldest,
                       std::vector<RevisionPtr> kept) = 0;
};

}  // namespace voxeld
