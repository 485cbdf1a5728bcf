#include "daemon/store/memory_commit_store.h"

namespace voxeld {

void MemoryCommitStore::Append(CommitRecord&&, Done done) { done(absl::OkStatus()); }

}  // namespace voxeld
