// Which calls of one JSON-RPC connection may run beside each other, so that pipelined requests mean
// what they would mean one by one.
//
//   reads          run beside reads
//   strand writes  run beside strand writes: the project's strand keeps their order
//   barriers       run alone: creating, deleting and cloning projects, uploads, writes too large to
//                  be read here
//
// Threading: plain state, one thread at a time.
#pragma once

#include "daemon/service/method.h"

namespace voxeld {

enum class CallClass : uint8_t { kRead, kStrandWrite, kBarrier };

CallClass ClassOf(const Method& method);

class CallOrder {
 public:
  bool MayStart(CallClass call) const {
    return count_ == 0 || (call == running_ && call != CallClass::kBarrier);
  }
  // REQUIRES: MayStart(call).
  void Started(CallClass call) {
    running_ = call;
    ++count_;
  }
  void Finished() { --count_; }
  int running() const { return count_; }

 private:
  CallClass running_ = CallClass::kRead;  // of all that run
  int count_ = 0;
};

}  // namespace voxeld
