#include "daemon/store/project_registry.h"

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/runtime/rcu.h"
#include "daemon/store/change_summary.h"
#include "daemon/store/memory_commit_store.h"
#include "daemon/store/project_map.h"
#include "voxel/base/error.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;
using voxel::StrCat;

absl::Status NotFound(std::string_view id) {
  return Error(Reason::PROJECT_NOT_FOUND, StrCat("there is no project \"", id, "\""), "project");
}

// All ids, with those still being created, under a lock; the open projects once more in a map that
// needs none. Shared with the store's answers, which may come after the registry is gone.
class Slots {
 public:
  // PROJECT_EXISTS (`ticket` then is that of the other one's creation, if that is still open),
  // LIMIT_PROJECTS.
  absl::Status Reserve(const std::string& id, const std::string& uid, int32_t max,
                       CommitTicket& ticket) {
    absl::MutexLock lock(&mu_);
    if (const auto found = slots_.find(id); found != slots_.end()) {
      if (!found->second.open) ticket = found->second.created;
      return Error(Reason::PROJECT_EXISTS, StrCat("project \"", id, "\" exists"), "project");
    }
    if (std::ssize(slots_) >= max) {
      return Error(Reason::LIMIT_PROJECTS,
                   StrCat("there are ", slots_.size(), " projects already, which is the limit"));
    }
    ticket = CommitTicket::Make();
    slots_.emplace(id, Slot{.uid = uid, .created = ticket});
    return absl::OkStatus();
  }

  void Created(const std::shared_ptr<ProjectImpl>& project, const absl::Status& status) {
    const std::string& id = project->identity().id;
    CommitTicket ticket;
    {
      absl::MutexLock lock(&mu_);
      const auto found = slots_.find(id);
      ticket = std::exchange(found->second.created, {});
      if (status.ok()) {
        found->second.open = true;
        ++open_;
        projects_.Set(id, project);
      } else {
        slots_.erase(found);
      }
    }
    ticket.Resolve(status.ok() ? absl::OkStatus()
                               : Error(Reason::COMMIT_FAILED,
                                       StrCat("the store could not create project \"", id, "\"")));
  }

  // The project that was there; null if none was open.
  std::shared_ptr<ProjectImpl> Remove(const std::string& id) {
    absl::MutexLock lock(&mu_);
    const auto found = slots_.find(id);
    if (found == slots_.end() || !found->second.open) return nullptr;
    slots_.erase(found);
    --open_;
    std::shared_ptr<ProjectImpl> project = projects_.Find(id);
    projects_.Erase(id);
    return project;
  }

  // Ends all watches; mutations answer PROJECT_NOT_FOUND from now on.
  void CloseAll() {
    absl::MutexLock lock(&mu_);
    for (const auto& [id, slot] : slots_) {
      if (slot.open) projects_.Find(id)->Close();
    }
  }

  std::shared_ptr<ProjectImpl> Find(std::string_view id) const { return projects_.Find(id); }

  std::vector<ProjectEntry> List(std::string_view after, std::string_view prefix,
                                 int32_t limit) const {
    std::vector<ProjectEntry> entries;
    absl::MutexLock lock(&mu_);
    auto next = after < prefix ? slots_.lower_bound(prefix) : slots_.upper_bound(after);
    for (; next != slots_.end() && std::ssize(entries) < limit; ++next) {
      if (!next->first.starts_with(prefix)) break;
      if (next->second.open) entries.push_back({next->first, next->second.uid, true});
    }
    return entries;
  }

  int32_t size() const {
    absl::MutexLock lock(&mu_);
    return open_;
  }

 private:
  struct Slot {
    std::string uid;
    bool open = false;
    CommitTicket created;  // until it is open
  };

  mutable absl::Mutex mu_;
  std::map<std::string, Slot, std::less<>> slots_ ABSL_GUARDED_BY(mu_);
  int32_t open_ ABSL_GUARDED_BY(mu_) = 0;
  ProjectMap projects_;  // Set and Erase under mu_
};

class Registry final : public ProjectRegistry {
 public:
  Registry(const RegistryOptions& options, CommitStore* store, WorkerPool* pool,
           absl::Time (*now)())
      : options_(options),
        store_(store),
        pool_(pool),
        now_(now),
        reclaimer_(std::make_shared<Reclaimer>(pool)),
        open_work_(std::make_shared<OpenWork>()),
        slots_(std::make_shared<Slots>()) {}

  ~Registry() override {
    slots_->CloseAll();
    open_work_->Wait();
    slots_.reset();
    RcuBarrier();  // what was retired refers to the reclaimer, and that to the pool
    reclaimer_->Detach();
  }

  absl::StatusOr<std::shared_ptr<Project>> Find(std::string_view id) override {
    std::shared_ptr<Project> project = slots_->Find(id);
    if (project == nullptr) return NotFound(id);
    return project;
  }

  absl::StatusOr<std::shared_ptr<Project>> Add(NewProject wanted, CommitTicket& ticket) override {
    ProjectIdentity identity{.id = wanted.id,
                             .uid = options_.new_uid(),
                             .forked_from = wanted.forked_from,
                             .ephemeral = wanted.ephemeral,
                             .created = now_()};
    if (absl::Status status =
            slots_->Reserve(identity.id, identity.uid, options_.max_projects, ticket);
        !status.ok()) {
      return status;
    }
    const RevisionPtr first = FirstRevision(wanted, identity.created);
    CommitStore* store = wanted.ephemeral ? &memory_ : store_;
    auto project = std::make_shared<ProjectImpl>(identity, options_.project,
                                                 ProjectImpl::Parts{.store = store,
                                                                    .pool = pool_,
                                                                    .now = now_,
                                                                    .reclaimer = reclaimer_,
                                                                    .open_work = open_work_},
                                                 first);
    CommitRecord record;
    record.project_uid = identity.uid;
    record.after = first;
    open_work_->Begin();
    store->Append(std::move(record),
                  [slots = slots_, project, open = open_work_](const absl::Status& status) {
                    slots->Created(project, status);
                    open->End();
                  });
    return project;
  }

  absl::Status Remove(std::string_view id) override {
    const std::shared_ptr<ProjectImpl> project = slots_->Remove(std::string(id));
    if (project == nullptr) return NotFound(id);
    project->Close();
    return absl::OkStatus();
  }

  std::vector<ProjectEntry> List(std::string_view after, std::string_view prefix,
                                 int32_t limit) const override {
    return slots_->List(after, prefix, limit);
  }

  int32_t size() const override { return slots_->size(); }

 private:
  RevisionPtr FirstRevision(const NewProject& wanted, absl::Time now) const {
    const auto nothing = voxel::MakeRef<voxel::Document>();
    const ChangeSummary summary = SummarizeChange(*nothing, *wanted.document);
    auto first = voxel::MakeRef<Revision>();
    first->info = {.revision = 1,
                   .previous_revision = 0,
                   .actor = wanted.actor,
                   .comment = wanted.comment,
                   .time = now,
                   .voxels_changed = summary.voxels_changed,
                   .bounds = summary.bounds,
                   .layers = summary.layers};
    first->document = wanted.document;
    first->reclaimer = reclaimer_;
    return RevisionPtr::Adopt(first.release());
  }

  const RegistryOptions options_;
  CommitStore* const store_;
  WorkerPool* const pool_;
  absl::Time (*const now_)();
  MemoryCommitStore memory_;  // for ephemeral projects
  const std::shared_ptr<Reclaimer> reclaimer_;
  const std::shared_ptr<OpenWork> open_work_;
  std::shared_ptr<Slots> slots_;  // constant until the destructor
};

}  // namespace

std::unique_ptr<ProjectRegistry> ProjectRegistry::Create(const RegistryOptions& options,
                                                         CommitStore* store, WorkerPool* pool,
                                                         absl::Time (*now)()) {
  return std::make_unique<Registry>(options, store, pool, now);
}

}  // namespace voxeld
