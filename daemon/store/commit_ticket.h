// The promise that an answer may go out: ready once the head it was derived from is published
// (durable), or failed.
//
// Threading: any thread. Copies share one state.
#pragma once

#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"

namespace voxeld {

class CommitTicket {
 public:
  CommitTicket() = default;  // ready from the start: the answer may go out at once

  // Calls fn(status) once the ticket is ready: here and now if it is already, else from the thread
  // that resolves it.
  // COMMIT_FAILED if what the answer was derived from was never published. Any number of calls.
  void Then(absl::AnyInvocable<void(absl::Status)> fn) const;
  bool ready() const;
  bool failed() const;  // ready, and not with OK

  // For the owner of the promise: makes an unresolved ticket; Resolve runs the waiting calls, on
  // this thread. Resolve is called at most once.
  static CommitTicket Make();
  void Resolve(absl::Status status) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace voxeld
