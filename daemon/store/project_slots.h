// Which projects there are, and which of them are in memory: a table of ids.
//
//     creating -> open <-> closed <-> loading        a failed creation, or a removal, ends the slot
//
// Closed:     a project that was given up may still be held by whoever used it. Asked for again, it
//             is that very object as long as anybody has it, and is loaded only once it is gone: a
//             project is never there twice.
// Threading:  any thread. Find takes no lock (RCU). No call out is made while the lock is held.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "daemon/store/project_creation.h"
#include "daemon/store/project_impl.h"
#include "daemon/store/project_map.h"

namespace voxeld {

class ProjectSlots {
 public:
  using Opened = absl::AnyInvocable<void(const absl::Status&)>;
  struct Listed {
    std::string id;
    std::string uid;
    bool open = false;
  };

  // The open project; null if there is none of that id, or it is not open.
  std::shared_ptr<ProjectImpl> Find(std::string_view id) const { return projects_.Find(id); }
  // Whether it would have to be loaded first.
  bool closed(std::string_view id) const;
  // Whether it is there, open or not.
  bool known(std::string_view id) const;

  // A project that was there before; false if the id is taken.
  bool AddClosed(const std::string& id, const std::string& uid);
  // PROJECT_EXISTS (`ticket` then is that of the other one's creation, if that is still open),
  // LIMIT_PROJECTS. `creation` is shown to retries; its ticket is made here.
  absl::Status Reserve(const std::string& id, const std::string& uid, int32_t max,
                       CommitTicket& ticket, ProjectCreation creation = {});
  // The creation of that id that is under way; nullopt if there is none.
  std::optional<ProjectCreation> Creating(std::string_view id) const;
  // The end of a creation.
  void Created(const std::shared_ptr<ProjectImpl>& project, const absl::Status& status);

  // The end of a reservation for a project that the vault has in a file now: it is there, closed.
  void Adopted(const std::string& id, const absl::Status& status);
  // Puts a project that the vault has in a file in the place of another one. False if there is
  // none, or it is being created or loaded just now. Nobody loads it before Vacated: a file that
  // nobody has asked for yet cannot hold anything that the other one's could hide after a crash.
  struct Replaced {
    std::string uid;
    std::shared_ptr<ProjectImpl> project;  // null if nobody has it
  };
  bool Replace(const std::string& id, const std::string& uid, Replaced& old);
  // The other one's file is gone, or will stay. True if the project must be loaded: somebody waits.
  bool Vacated(const std::string& id);

  // Calls opened(status) once the project is open or cannot be: here and now if that is so already
  // (PROJECT_NOT_FOUND). True if it must be loaded: somebody then calls StartLoading.
  bool WhenOpen(const std::string& id, Opened opened);
  // True for the one caller that is to load the project `uid` of that id and to call Loaded.
  bool StartLoading(const std::string& id, std::string& uid);
  // `project` is null if it could not be loaded. A status with the reason STORE_DAMAGED is
  // remembered: it is not tried again.
  void Loaded(const std::string& id, const std::shared_ptr<ProjectImpl>& project,
              const absl::Status& status);

  // The open projects.
  std::vector<std::shared_ptr<ProjectImpl>> Open() const;
  // Gives up an open project: it can be loaded again.
  void GiveUp(const std::shared_ptr<ProjectImpl>& project);
  // The project that was there; null if there is none of that id that is open or still held.
  std::shared_ptr<ProjectImpl> Remove(const std::string& id);
  // Ends all watches; mutations answer PROJECT_NOT_FOUND from now on.
  void CloseAll();

  // As ProjectRegistry::List.
  std::vector<Listed> List(std::string_view after, std::string_view prefix, int32_t limit) const;
  int32_t size() const;
  int32_t open() const { return projects_.size(); }

 private:
  enum class State : uint8_t { kCreating, kOpen, kClosed, kLoading };
  struct Slot {
    std::string uid;
    State state = State::kCreating;
    ProjectCreation creation;         // while it is being created
    std::weak_ptr<ProjectImpl> left;  // closed: who is still held
    absl::Status damage;              // closed: why it cannot be loaded
    std::vector<Opened> waiting;      // loading
    bool load_started = false;
  };

  mutable absl::Mutex mu_;
  std::map<std::string, Slot, std::less<>> slots_ ABSL_GUARDED_BY(mu_);
  int32_t there_ ABSL_GUARDED_BY(mu_) = 0;  // all but those being created
  ProjectMap projects_;                     // Set and Erase under mu_
};

}  // namespace voxeld
