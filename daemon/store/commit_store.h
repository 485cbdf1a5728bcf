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
// Notes:     a record without `after` makes no revision: it keeps an answer, or a change of the
//            undo history or of the checkpoints. It takes its place in the chain like any other.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "daemon/store/checkpoints.h"
#include "daemon/store/project_identity.h"
#include "daemon/store/revision.h"
#include "daemon/store/undo_history.h"

namespace voxeld {

struct CommitRecord {
  std::string_view project_uid;  // whoever appends it keeps the text until `done` has run
  std::shared_ptr<const ProjectIdentity> created;  // with revision 1, and only there
  RevisionPtr before;                              // null for revision 1
  RevisionPtr after;                               // null for a note
  HistoryChange history;
  CheckpointChange checkpoint;
  std::string request_id;  // empty: none
  uint64_t request_hash = 0;
  std::string answer;  // the serialized answer to replay for request_id
  absl::Time time;     // of the answer
  bool relaxed = false;
  // Above 0: once this is durable, no number below it is given to a new revision after a crash.
  // Those of relaxed revisions are seen before they are durable.
  int64_t reserve_below = 0;

  // The project's revision once this is durable.
  int64_t revision() const { return (after ? after : before)->info.revision; }
};

class CommitStore {
 public:
  using Done = absl::AnyInvocable<void(absl::Status)>;
  virtual ~CommitStore() = default;
  // A status that `done` gets with a reason (STORE_FULL, with its own words) is shown to the
  // caller as it is. REQUIRES: no lock held that `done` takes.
  virtual void Append(CommitRecord&& record, Done done) = 0;
  // Whether Append does nothing but say that it is done: then nobody need make a record.
  virtual bool keeps_nothing() const { return false; }
};

}  // namespace voxeld
