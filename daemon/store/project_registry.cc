#include "daemon/store/project_registry.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "daemon/memory/memory_pressure.h"
#include "daemon/runtime/rcu.h"
#include "daemon/store/change_summary.h"
#include "daemon/store/memory_commit_store.h"
#include "daemon/store/project_slots.h"
#include "voxel/base/error.h"
#include "voxel/base/short_text.h"
#include "voxel/base/slab_allocator.h"
#include "voxel/base/status_macros.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;

constexpr double kRelieveTo = 0.9;  // of the limit, so that it is not reached again at once
// Where no project is idle yet, the next edits need not look again.
constexpr absl::Duration kRelievePause = absl::Milliseconds(100);

class Registry final : public ProjectRegistry {
 public:
  Registry(const RegistryOptions& options, CommitStore* store, ProjectVault* vault,
           WorkerPool* pool, absl::Time (*now)())
      : options_(options),
        store_(store),
        vault_(vault),
        pool_(pool),
        now_(now),
        reclaimer_(std::make_shared<Reclaimer>(pool)),
        open_work_(std::make_shared<OpenWork>()),
        slots_(std::make_shared<ProjectSlots>()),
        pressure_(options.pressure) {
    if (vault == nullptr) return;
    for (const ProjectVault::Entry& entry : vault->List()) slots_->AddClosed(entry.id, entry.uid);
    if (pressure_ == nullptr) return;
    pressure_->RelieveWith(MemoryPressure::Stage::kProjects,
                           std::min(options.idle_after, kRelievePause), [this] {
                             Post([this] { Relieve(); });
                             return true;
                           });
  }

  ~Registry() override {
    if (pressure_ != nullptr) pressure_->Detach(MemoryPressure::Stage::kProjects);
    slots_->CloseAll();
    open_work_->Wait();
    slots_.reset();
    RcuBarrier();  // what was retired refers to the reclaimer, and that to the pool
    reclaimer_->Detach();
  }

  absl::StatusOr<std::shared_ptr<Project>> Find(std::string_view id) override {
    if (std::shared_ptr<Project> open = FindOpen(id)) return open;
    if (!known(id)) return NotThere(id);
    absl::Notification ready;
    absl::Status status;
    const std::string name(id);
    const bool load = slots_->WhenOpen(name, [&](const absl::Status& opened) {
      status = opened;
      ready.Notify();
    });
    if (load) Load(name);  // here: the workers may all be waiting as we do
    ready.WaitForNotification();
    if (!status.ok()) return status;
    return Find(id);  // it may have been given up already
  }

  std::shared_ptr<Project> FindOpen(std::string_view id) const override {
    std::shared_ptr<ProjectImpl> project = slots_->Find(id);
    if (project != nullptr) project->Touch();
    return project;
  }

  bool closed(std::string_view id) const override {
    return vault_ != nullptr && slots_->closed(id);
  }

  bool known(std::string_view id) const override { return slots_->known(id); }

  void Open(std::string_view id, Opened opened) override {
    const std::string name(id);
    if (!slots_->WhenOpen(name, std::move(opened))) return;
    Post([this, name] { Load(name); });
  }

  absl::StatusOr<std::shared_ptr<Project>> Add(NewProject wanted, CommitTicket& ticket) override {
    const auto identity =
        std::make_shared<const ProjectIdentity>(ProjectIdentity{.id = wanted.id,
                                                                .uid = options_.new_uid(),
                                                                .forked_from = wanted.forked_from,
                                                                .ephemeral = wanted.ephemeral,
                                                                .created = now_()});
    // All of it before the id is taken: from then on a retry is answered what this one is.
    const RevisionPtr first = FirstRevision(wanted, identity->created);
    const auto project = NewImpl({.identity = *identity,
                                  .revisions = {{first, 0}},
                                  .kept = {},
                                  .history = {},
                                  .requests = {},
                                  .checkpoints = {},
                                  .next_revision = first->info.revision + 1});
    CommitRecord record;
    record.project_uid = identity->uid;
    record.created = identity;
    record.after = first;
    record.time = identity->created;
    if (!wanted.request_id.empty()) {
      record.request_id = wanted.request_id;
      record.request_hash = wanted.request_hash;
      record.answer = wanted.answer(*project);
    }
    VOXEL_RETURN_IF_ERROR(
        slots_->Reserve(identity->id, identity->uid, options_.max_projects, ticket,
                        {record.request_id, record.request_hash, record.answer, {}}));
    if (!wanted.request_id.empty()) {
      project->Remember(wanted.request_id,
                        {wanted.request_hash, first->info.revision, record.answer, ticket});
    }
    open_work_->Begin();
    CommitStore::Done done = [slots = slots_, project,
                              open = open_work_](const absl::Status& status) {
      slots->Created(project, status);
      open->End();
    };
    // Two files of one id would leave it to the next start which one is the project.
    const CommitTicket gone = identity->ephemeral ? CommitTicket() : Leaving(identity->id);
    gone.Then([store = StoreOf(*identity), record = std::move(record),
               done = std::move(done)](absl::Status status) mutable {
      if (!status.ok()) return done(std::move(status));
      store->Append(std::move(record), std::move(done));
    });
    if (pressure_ != nullptr) pressure_->Check();
    return project;
  }

  std::optional<ProjectCreation> Creating(std::string_view id) const override {
    return slots_->Creating(id);
  }

  absl::Status Remove(std::string_view id, CommitTicket& ticket) override {
    std::shared_ptr<ProjectImpl> project;
    while (project == nullptr) {
      // Held until it is taken out: where memory is short, it may be given up again just now.
      VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> held, Find(id));
      project = slots_->Remove(std::string(id));  // null: it was removed or replaced meanwhile
    }
    project->Close();
    RemoveFile(project->identity().id, project->identity().uid, project, ticket);
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Adopt(const std::string& id, bool overwrite, InstallFile install,
                                    CommitTicket& ticket) override {
    const std::string uid = options_.new_uid();
    CommitTicket created;
    const absl::Status reserved = slots_->Reserve(id, uid, options_.max_projects, created);
    if (reserved.ok()) {
      absl::Status installed = Wait(Leaving(id));
      if (installed.ok()) installed = install(uid);
      slots_->Adopted(id, installed);
      VOXEL_RETURN_IF_ERROR(installed);
      return uid;
    }
    if (!overwrite || !absl::IsAlreadyExists(reserved)) {
      ticket = created;  // an error that tells of a project waits until it is there
      return reserved;
    }
    VOXEL_RETURN_IF_ERROR(install(uid));
    ProjectSlots::Replaced old;
    while (!slots_->Replace(id, uid, old)) {
      const absl::Status again = slots_->Reserve(id, uid, options_.max_projects, created);
      if (again.ok()) {  // it was deleted meanwhile
        slots_->Adopted(id, again);
        return uid;
      }
      if (!absl::IsAlreadyExists(again)) {
        RemoveFile(id, uid, nullptr, ticket);
        return again;
      }
      Wait(created).IgnoreError();
      Find(id).status().IgnoreError();  // waits if it is being loaded
    }
    if (old.project != nullptr) old.project->Close();
    RemoveFile(id, old.uid, old.project, ticket);
    ticket.Then([this, id](const absl::Status&) {
      if (slots_->Vacated(id)) Post([this, id] { Load(id); });
    });
    return uid;
  }

  std::vector<ProjectEntry> List(std::string_view after, std::string_view prefix,
                                 int32_t limit) const override {
    std::vector<ProjectEntry> entries;
    for (ProjectSlots::Listed& slot : slots_->List(after, prefix, limit)) {
      entries.push_back({std::move(slot.id), std::move(slot.uid), slot.open});
    }
    return entries;
  }

  int32_t size() const override { return slots_->size(); }
  int32_t open() const override { return slots_->open(); }
  void FreeRetired() override { reclaimer_->Flush(); }
  int64_t given_up() const override { return given_up_.load(std::memory_order_relaxed); }

 private:
  static absl::Status NotThere(std::string_view id) {
    return Error(Reason::PROJECT_NOT_FOUND, voxel::ShortText("there is no project \"", id, "\""),
                 "project");
  }

  static absl::Status Wait(const CommitTicket& ticket) {
    absl::Notification ready;
    absl::Status result;
    ticket.Then([&](absl::Status status) {
      result = std::move(status);
      ready.Notify();
    });
    ready.WaitForNotification();
    return result;
  }

  // The removal of the file that had the id, as long as it is under way.
  CommitTicket Leaving(const std::string& id) {
    absl::MutexLock lock(&mu_);
    const auto found = leaving_.find(id);
    return found == leaving_.end() ? CommitTicket() : found->second.back();
  }
  void Left(const std::string& id) {
    absl::MutexLock lock(&mu_);
    const auto found = leaving_.find(id);
    found->second.pop_front();
    if (found->second.empty()) leaving_.erase(found);
  }

  // Removes a project from the vault; `ticket` is ready then. `project` if somebody still has it.
  void RemoveFile(const std::string& id, const std::string& uid,
                  const std::shared_ptr<ProjectImpl>& project, CommitTicket& ticket) {
    if (vault_ == nullptr || (project != nullptr && project->identity().ephemeral)) return;
    ticket = CommitTicket::Make();
    CommitTicket before;  // one after the other, so that whoever waits for the last waits for all
    {
      absl::MutexLock lock(&mu_);
      std::deque<CommitTicket>& leaving = leaving_[id];
      if (!leaving.empty()) before = leaving.back();
      leaving.push_back(ticket);
    }
    open_work_->Begin();
    auto remove = [this, id, uid, ticket, before] {
      before.Then([this, id, uid, ticket](const absl::Status&) {
        vault_->Remove(uid, [this, id, ticket, open = open_work_](absl::Status status) {
          Left(id);
          ticket.Resolve(std::move(status));
          open->End();
        });
      });
    };
    if (project == nullptr) return remove();
    // Behind all that is on its way from the strand.
    project->strand()->Post([project, remove] { remove(); });
  }

  // Runs on a worker; the registry does not end before.
  void Post(absl::AnyInvocable<void()> work) {
    open_work_->Begin();
    pool_->Post([work = std::move(work), open = open_work_]() mutable {
      work();
      open->End();
    });
  }

  CommitStore* StoreOf(const ProjectIdentity& identity) {
    return identity.ephemeral ? &memory_ : store_;
  }

  std::shared_ptr<ProjectImpl> NewImpl(RestoredProject start) {
    ProjectImpl::Parts parts{.store = StoreOf(start.identity),
                             .vault = start.identity.ephemeral ? nullptr : vault_,
                             .pool = pool_,
                             .now = now_,
                             .reclaimer = reclaimer_,
                             .open_work = open_work_,
                             .pressure = pressure_,
                             .timers = options_.timers,
                             .retry_every = options_.retry_every};
    auto project =
        std::make_shared<ProjectImpl>(std::move(start), options_.project, std::move(parts));
    project->Touch();
    return project;
  }

  void Load(const std::string& id) {
    std::string uid;
    if (!slots_->StartLoading(id, uid)) return;
    absl::StatusOr<RestoredProject> restored = vault_->Load(uid, options_.project, reclaimer_);
    if (!restored.ok()) return slots_->Loaded(id, nullptr, restored.status());
    // A file may have been copied under another name: that is what it is called now.
    restored->identity.id = id;
    restored->identity.uid = uid;
    slots_->Loaded(id, NewImpl(*std::move(restored)), absl::OkStatus());
    if (pressure_ != nullptr) pressure_->Check();
  }

  // Gives up idle projects, those first that were not asked for the longest.
  void Relieve() {
    const auto limit = static_cast<double>(pressure_->limits().projects);
    int64_t over = voxel::SlabUsedBytes() - static_cast<int64_t>(kRelieveTo * limit);
    std::vector<std::shared_ptr<ProjectImpl>> open = slots_->Open();
    std::sort(open.begin(), open.end(),
              [](const auto& a, const auto& b) { return a->last_touched() < b->last_touched(); });
    std::vector<std::shared_ptr<ProjectImpl>> given_up;
    for (std::shared_ptr<ProjectImpl>& project : open) {
      if (over <= 0) break;
      if (project->identity().ephemeral || !project->idle_for(options_.idle_after)) continue;
      over -= project->EstimateBytes();
      slots_->GiveUp(project);
      given_up.push_back(std::move(project));
    }
    open.clear();
    // Readers that found one just before have it by now; so the last holder is no RCU callback.
    if (!given_up.empty()) RcuBarrier();
    const std::ptrdiff_t count = std::ssize(given_up);
    given_up.clear();
    given_up_.fetch_add(count, std::memory_order_relaxed);
    pressure_->Relieved(MemoryPressure::Stage::kProjects);
  }

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
  ProjectVault* const vault_;  // the same, if it is one
  WorkerPool* const pool_;
  absl::Time (*const now_)();
  MemoryCommitStore memory_;  // for ephemeral projects
  const std::shared_ptr<Reclaimer> reclaimer_;
  const std::shared_ptr<OpenWork> open_work_;
  absl::Mutex mu_;
  std::map<std::string, std::deque<CommitTicket>> leaving_ ABSL_GUARDED_BY(mu_);  // by id

  std::shared_ptr<ProjectSlots> slots_;             // constant until the destructor
  const std::shared_ptr<MemoryPressure> pressure_;  // null: nobody asks
  std::atomic<int64_t> given_up_{0};
};

}  // namespace

std::unique_ptr<ProjectRegistry> ProjectRegistry::Create(const RegistryOptions& options,
                                                         CommitStore* store, WorkerPool* pool,
                                                         absl::Time (*now)()) {
  return std::make_unique<Registry>(options, store, nullptr, pool, now);
}

std::unique_ptr<ProjectRegistry> ProjectRegistry::Create(const RegistryOptions& options,
                                                         ProjectVault* vault, WorkerPool* pool,
                                                         absl::Time (*now)()) {
  return std::make_unique<Registry>(options, vault, vault, pool, now);
}

}  // namespace voxeld
