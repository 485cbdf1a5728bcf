#include "daemon/store/test_commit_store.h"

#include <string>
#include <utility>

#include "voxel/base/steady_time.h"

namespace voxeld {

TestCommitStore::TestCommitStore(TestCommitOptions options)
    : options_(std::move(options)), thread_([this] { Run(); }) {}

TestCommitStore::~TestCommitStore() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    stops_.Signal();
  }
  thread_.join();
}

void TestCommitStore::Append(CommitRecord&& record, Done done) {
  absl::MutexLock lock(&mu_);
  waiting_.push_back({std::move(record), std::move(done)});
}

void TestCommitStore::Run() {
  const auto work = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return stopping_ || !waiting_.empty();
  };
  while (true) {
    std::vector<Waiting> group;
    {
      absl::MutexLock lock(&mu_);
      mu_.Await(absl::Condition(&work));
      if (waiting_.empty()) return;
      const absl::Duration gather = options_.delay / 5;
      Pause(gather);
      group.swap(waiting_);
      Pause(options_.delay - gather);
    }
    SettleGroup(std::move(group));
  }
}

void TestCommitStore::Pause(absl::Duration time) {
  const absl::Time until = voxel::SteadyNow() + time;
  while (!stopping_ && !stops_.WaitUntil(&mu_, until)) continue;
}

void TestCommitStore::SettleGroup(std::vector<Waiting> group) {
  const bool fails = Fails(++groups_);
  for (Waiting& waiting : group) {
    if (fails) {
      waiting.done(options_.failure);
    } else if (!Extends(waiting.record)) {
      waiting.done(absl::UnavailableError("what this record builds on is not durable"));
    } else {
      if (options_.on_durable) options_.on_durable(waiting.record);
      waiting.done(absl::OkStatus());
    }
  }
}

bool TestCommitStore::Fails(int64_t group) {
  if (options_.fails && options_.fails(group)) return true;
  return options_.fail_every > 0 && group % options_.fail_every == 0;
}

bool TestCommitStore::Extends(const CommitRecord& record) {
  const int64_t before = record.before ? record.before->info.revision : 0;
  // A project that this store has not seen yet starts wherever its first record does.
  const auto [last, first_seen] = durable_.try_emplace(std::string(record.project_uid), before);
  if (last->second != before) return false;
  last->second = record.revision();
  return true;
}

}  // namespace voxeld
