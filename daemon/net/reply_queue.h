// The calls of one JSON-RPC connection, line by line, and their replies in the order of the
// requests.
//
// A line of notifications holds nobody up: replies behind it need not wait for it.
// Threading: the poller's thread.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "daemon/net/json_call.h"

namespace voxeld {

class ReplyQueue {
 public:
  // Begins a line. Its calls are added next.
  void Begin(bool batch);
  JsonCall* Add(std::unique_ptr<JsonCall> call);

  // Appends the replies that are ready and whose turn it is, a line each, and hands over each call
  // of theirs.
  void Emit(std::string* out, absl::FunctionRef<void(std::unique_ptr<JsonCall>)> emitted);

  // The call of that id that has not ended; nullptr if there is none.
  JsonCall* Find(std::string_view id);
  void ForEachOpen(absl::FunctionRef<void(JsonCall&)> fn);
  bool empty() const { return lines_.empty(); }

 private:
  struct Line {
    bool batch = false;
    absl::InlinedVector<std::unique_ptr<JsonCall>, 1> calls;

    bool ended() const;
    bool silent() const;  // nothing of it is ever answered
  };

  std::list<Line> lines_;
};

}  // namespace voxeld
