// What every call carries, on every door: who, until when, whether it is still wanted, whom to tell
// about progress.
//
// Ownership: the front that took the call owns it until the dispatcher's `done` has run.
// Threading: cancel.Cancel() from any thread; the rest belongs to whoever runs the call.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "daemon/stats/door.h"
#include "daemon/store/commit_ticket.h"
#include "daemon/store/project.h"
#include "voxel/base/task_context.h"

namespace voxeld {

struct CallContext {
  Door door = Door::kJsonRpc;
  std::string peer;  // "uid:1000", the authenticated identity; the default actor
  absl::Time deadline = absl::InfiniteFuture();  // by voxel::SteadyNow()
  voxel::CancelToken cancel;
  std::function<void(double fraction)> progress;  // may be empty

  // The request's project, if the dispatcher has it already: FindProject need not look again. For
  // as long as the method runs.
  std::shared_ptr<Project> project;

  // Of what a stream brought beside its header: a retry must bring the same.
  uint64_t content_hash = 0;

  // How many of a client's commands it answers, for statistics.
  int64_t commands = 1;
  // By SteadyNs(), for statistics: when the call was taken up, 0 for when the dispatcher gets it,
  // and when it was done.
  int64_t began_ns = 0;
  int64_t ended_ns = 0;

  // Set by a mutation: the reply is parked until it is ready. Its failure replaces the method's own
  // status.
  CommitTicket ticket;

  // Memory that a call which is used again keeps: what its Write said, and bytes to work in.
  WriteOptions write;
  std::string scratch;

  // As new, but for that memory. REQUIRES: nobody runs the call any more.
  void Reset() {
    peer.clear();
    deadline = absl::InfiniteFuture();
    cancel.Reset();
    progress = nullptr;
    project = nullptr;
    content_hash = 0;
    commands = 1;
    began_ns = ended_ns = 0;
    ticket = {};
  }

  // The engine's view of this call.
  voxel::TaskContext Task() const {
    return {.cancel = &cancel, .deadline = deadline, .progress = progress};
  }
};

}  // namespace voxeld
