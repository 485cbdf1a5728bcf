// Where revisions become durable. Asynchronous: nobody waits in Append.
//
// Contract:  records of one project are made durable in the order of their Append calls, which come
//            from one thread at a time. `done` is called exactly once per record, in that order
//            too, from any thread, also from inside Append (a store that has nothing to wait for
//            saves its callers a change of threads).
// Chains:    the records of a project form a chain: `before` is what the record appended before it
//            left behind. When one fails, all that were appended later fail as well, and so does
//            every further record whose `before` is not the last durable revision: a writer that
//            has not heard of the failure yet builds on sand. The next record that does start from
//            the last durable revision is taken again.
#pragma once

#include <cstdint>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "daemon/store/revision.h"

namespace voxeld {

struct CommitRecord {
  std::string project_uid;
  RevisionPtr before;  // null for revision 1
  RevisionPtr after;
  std::string request_id;  // empty: none
  uint64_t request_hash = 0;
  std::string answer;  // the serialized answer to replay for request_id
};

class CommitStore {
 public:
  using Done = absl::AnyInvocable<void(absl::Status)>;
  virtual ~CommitStore() = default;
  // REQUIRES: no lock held that `done` takes.
  virtual void Append(CommitRecord record, Done done) = 0;
};

}  // namespace voxeld
