// A store for tests: its group commits take a given time, and some fail. It writes nothing
// anywhere. The daemon runs on it with --test-commit, so that tests can watch a real process meet
// slow and failing disks.
//
// Groups:    a thread of its own begins a group with the first record that waits, takes in what
//            comes during the first fifth of `delay` (as a journal does to fill its write), lets
//            the rest of it pass as an fsync would, and settles them together: a group fails as a
//            whole.
// Threading: Append from any thread; `done` runs on the store's thread.
// Ownership: the destructor settles what waits, then joins.
#pragma once

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/runtime/steady_cond_var.h"
#include "daemon/store/commit_store.h"

namespace voxeld {

struct TestCommitOptions {
  absl::Duration delay;    // of a group
  int64_t fail_every = 0;  // each group whose number, from 1, is a multiple of it fails; 0: none
  // What the records of such a group are told.
  absl::Status failure = absl::UnavailableError("this group was to fail");
  // May say so for any group instead; called on the store's thread.
  absl::AnyInvocable<bool(int64_t group)> fails = nullptr;
  // Called for each record that became durable, in order, before its `done`, on the store's thread.
  absl::AnyInvocable<void(const CommitRecord&)> on_durable = nullptr;
};

class TestCommitStore final : public CommitStore {
 public:
  explicit TestCommitStore(TestCommitOptions options);
  ~TestCommitStore() override;

  void Append(CommitRecord&& record, Done done) override;

 private:
  struct Waiting {
    CommitRecord record;
    Done done;
  };
  void Run();
  // Ends early if the store does.
  void Pause(absl::Duration time) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void SettleGroup(std::vector<Waiting> group);
  bool Fails(int64_t group);
  // Whether `record` starts from the project's last durable revision; if so it is the last one from
  // now on.
  bool Extends(const CommitRecord& record);

  // Belong to the store's thread.
  TestCommitOptions options_;
  int64_t groups_ = 0;
  absl::flat_hash_map<std::string, int64_t> durable_;  // project uid -> its last durable revision

  absl::Mutex mu_;
  std::vector<Waiting> waiting_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  SteadyCondVar stops_;

  std::thread thread_;  // last: it uses the others
};

}  // namespace voxeld
