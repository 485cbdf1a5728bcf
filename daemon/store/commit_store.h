// Where revisions become durable. Asynchronous: nobody waits in Append.
//
// Contract:  records of one project are made durable in the order of their Append calls. `done` is called exactly once,
//            from any thread, never from inside Append. After a failure, every record of that project that was appended
//            later and is not durable yet fails, too.
#pragma once

#include <cstdint>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "daemon/store/revision.h"

namespace voxeld {

struct CommitRecord {
  std::string project_uid;
  RevisionPtr before;        // null for revision 1
  RevisionPtr after;
  std::string request_id;    // empty: none
  uint64_t request_hash = 0;
  std::string answer;        // the serialized answer to replay for request_id
};

class CommitStore {
 public:
  using Done = absl::AnyInvocable<void(absl::Status)>;
  virtual ~CommitStore() = default;
  virtual void Append(CommitRecord record, Done done) = 0;
};

}  // namespace voxeld
