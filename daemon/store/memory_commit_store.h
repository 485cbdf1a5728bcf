// The commit store of projects that live in memory only: published counts as durable.
//
// Threading: any thread. `done` runs inside Append.
#pragma once

#include "daemon/store/commit_store.h"

namespace voxeld {

class MemoryCommitStore final : public CommitStore {
 public:
  void Append(CommitRecord&& record, Done done) override;
  bool keeps_nothing() const override { return true; }
};

}  // namespace voxeld
