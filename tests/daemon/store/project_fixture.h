// A small language for tests of projects: a registry on some store, edits of single voxels on the
// strand, and waiting.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "daemon/store/memory_commit_store.h"
#include "daemon/store/project_registry.h"
#include "daemon/store/test_commit_store.h"
#include "voxel/base/check.h"
#include "voxel/base/error.h"
#include "voxel/ops/apply.h"

namespace voxeld {

inline constexpr voxel::Coord kHere{1, 2, 3};
inline constexpr voxel::Coord kThere{-20, 40, 7};
// What a store says that fails.
inline const absl::Status kBroken = absl::UnavailableError("disk");

inline WriteOptions Request(const std::string& id, uint64_t hash) {
  WriteOptions options;
  options.request_id = id;
  options.request_hash = hash;
  return options;
}

inline voxel::RefPtr<const voxel::Document> BlankDocument() {
  auto layer = voxel::MakeRef<voxel::Layer>();
  layer->id = "main";
  auto document = voxel::MakeRef<voxel::Document>();
  document->layers.push_back(voxel::RefPtr<const voxel::Layer>::Adopt(layer.release()));
  return voxel::RefPtr<const voxel::Document>::Adopt(document.release());
}

inline NewProject BlankProject(const std::string& id) {
  NewProject project;
  project.id = id;
  project.document = BlankDocument();
  return project;
}

// The reason of a status; "" for OK.
inline std::string Reason(const absl::Status& status) { return voxel::ReasonOf(status); }

// What a status says of that fact; "" if nothing.
inline std::string FactOf(const absl::Status& status, std::string_view key) {
  struct Search {
    std::string_view key;
    std::string found;
  } search{key, ""};
  voxel::ForEachFact(
      status,
      [](void* into, std::string_view name, std::string_view value) {
        auto& wanted = *static_cast<Search*>(into);
        if (name == wanted.key) wanted.found = value;
      },
      &search);
  return search.found;
}

inline absl::Status Await(const CommitTicket& ticket) {
  absl::Notification ready;
  absl::Status result;
  ticket.Then([&](absl::Status status) {
    result = std::move(status);
    ready.Notify();
  });
  ready.WaitForNotification();
  return result;
}

// Runs `fn` on the project's strand and waits for it.
template <typename Fn>
auto OnStrand(Project& project, Fn fn) {
  decltype(fn()) result;
  absl::Notification done;
  project.strand()->Post([&] {
    result = fn();
    done.Notify();
  });
  done.WaitForNotification();
  return result;
}

// Sets one voxel of layer "main".
inline auto SetVoxel(voxel::Coord at, voxel::Color color) {
  return
      [at, color](const Revision& applied) -> absl::StatusOr<voxel::RefPtr<const voxel::Document>> {
        voxel::Edit edit;
        edit.op = voxel::SetVoxels{{at}, {color}};
        auto result = voxel::ApplyEdits(applied.document, {&edit, 1}, {});
        if (!result.ok()) return result.status();
        return result->document;
      };
}

inline Outcome Mutate(Project& project, const WriteOptions& options, Project::Change change,
                      const std::string& answer = "") {
  return OnStrand(project, [&] {
    return project.Mutate(options, change,
                          [&](const Outcome&, std::string* out) { *out = answer; });
  });
}

// Applies, without waiting for the commit.
inline Outcome Set(Project& project, voxel::Coord at, voxel::Color color,
                   const WriteOptions& options = {}) {
  return Mutate(project, options, SetVoxel(at, color));
}

inline UndoOutcome UndoSteps(Project& project, uint32_t count, UndoScope scope,
                             const WriteOptions& options = {}) {
  return OnStrand(project, [&] {
    return project.Undo(count, scope, options, {}, [](const UndoOutcome&, std::string*) {});
  });
}
inline UndoOutcome RedoSteps(Project& project, uint32_t count, UndoScope scope,
                             const WriteOptions& options = {}) {
  return OnStrand(project, [&] {
    return project.Redo(count, scope, options, {}, [](const UndoOutcome&, std::string*) {});
  });
}

inline WriteOptions By(const std::string& actor) {
  WriteOptions options;
  options.actor = actor;
  return options;
}

inline voxel::Color At(const Revision& revision, voxel::Coord c) {
  return revision.document->layers[0]->volume.Get(c);
}

// A registry with its pool and store.
class World {
 public:
  explicit World(std::unique_ptr<CommitStore> store = std::make_unique<MemoryCommitStore>(),
                 const ProjectOptions& options = {})
      : store_(std::move(store)),
        registry_(ProjectRegistry::Create({.project = options}, store_.get(), &pool_, &absl::Now)) {
  }
  ProjectRegistry& registry() { return *registry_; }
  WorkerPool& pool() { return pool_; }

  // A new project that can be found.
  std::shared_ptr<Project> Create(const std::string& id = "p") {
    for (;;) {  // a store that fails on purpose may fail this, too
      CommitTicket ticket;
      auto project = registry_->Add(BlankProject(id), ticket);
      VOXEL_CHECK(project.ok());
      if (Await(ticket).ok()) return *project;
    }
  }

 private:
  WorkerPool pool_{WorkerPoolOptions()};
  std::unique_ptr<CommitStore> store_;
  std::unique_ptr<ProjectRegistry> registry_;
};

// A store that holds every record until the test settles it.
class HeldCommitStore final : public CommitStore {
 public:
  void Append(CommitRecord&& record, Done done) override {
    {
      absl::MutexLock lock(&mu_);
      if (!let_go_) return held_.push_back({std::move(record), std::move(done)});
    }
    done(absl::OkStatus());
  }
  // Settles all, and from now on everything at once.
  void LetGo() {
    {
      absl::MutexLock lock(&mu_);
      let_go_ = true;
    }
    SettleAll(absl::OkStatus());
  }
  size_t held() const {
    absl::MutexLock lock(&mu_);
    return held_.size();
  }
  // Settles the oldest record.
  void SettleOne(const absl::Status& status) {
    Held one;
    {
      absl::MutexLock lock(&mu_);
      VOXEL_CHECK(!held_.empty());
      one = std::move(held_.front());
      held_.pop_front();
    }
    one.done(status);
  }
  // Settles all, those that are appended by that, too.
  void SettleAll(const absl::Status& status) {
    while (held() > 0) SettleOne(status);
  }
  CommitRecord oldest() const {
    absl::MutexLock lock(&mu_);
    return held_.front().record;
  }

 private:
  struct Held {
    CommitRecord record;
    Done done;
  };
  mutable absl::Mutex mu_;
  std::deque<Held> held_ ABSL_GUARDED_BY(mu_);
  bool let_go_ ABSL_GUARDED_BY(mu_) = false;
};

// A world on such a store, with one project.
class HeldWorld {
 public:
  explicit HeldWorld(const ProjectOptions& options = {})
      : HeldWorld(std::make_unique<HeldCommitStore>(), options) {}
  ~HeldWorld() { store.LetGo(); }

 private:
  HeldWorld(std::unique_ptr<HeldCommitStore> made, const ProjectOptions& options)
      : store(*made), world_(std::move(made), options) {
    CommitTicket ticket;
    project = *world_.registry().Add(BlankProject("p"), ticket);
    store.SettleOne(absl::OkStatus());
  }

 public:
  HeldCommitStore& store;

 private:
  World world_;

 public:
  std::shared_ptr<Project> project;
};

}  // namespace voxeld
