// The calls of one JSON-RPC connection, line by line, and their replies in the order of the
// requests.
//
// A line of notifications holds nobody up: replies behind it need not wait for it.
// Structure: a list through the calls themselves: an idle connection holds nothing.
// Threading: the poller's thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "daemon/net/json_call.h"

namespace voxeld {

class ReplyQueue {
 public:
  ReplyQueue() = default;
  ~ReplyQueue();
  ReplyQueue(const ReplyQueue&) = delete;
  ReplyQueue& operator=(const ReplyQueue&) = delete;

  // Begins a line. Its calls, at least one, are added next, before anything else.
  void Begin(bool batch) {
    begins_ = batch ? JsonCall::Place::kBeginsBatch : JsonCall::Place::kBeginsLine;
  }
  JsonCall* Add(std::unique_ptr<JsonCall> call);

  // Appends the replies that are ready and whose turn it is, a line each, and hands over each call
  // of theirs.
  using Emitted = absl::FunctionRef<void(std::unique_ptr<JsonCall>)>;
  // REQUIRES: `emitted` does not come back here.
  void Emit(std::string* out, Emitted emitted);

  // The call of that id that has not ended; nullptr if there is none.
  JsonCall* Find(std::string_view id);
  void ForEachOpen(absl::FunctionRef<void(JsonCall&)> fn);
  bool empty() const { return lines_.first == nullptr && silent_.first == nullptr; }

 private:
  struct List {
    JsonCall* first = nullptr;
    JsonCall* last = nullptr;

    void Append(JsonCall* from, JsonCall* to);  // a chain of them
  };
  // What a line's calls come to.
  struct Line {
    JsonCall* last = nullptr;
    bool ended = true;
    bool silent = true;  // nothing of it is ever answered
  };
  static Line LineFrom(JsonCall* first);
  static void HandOver(JsonCall* first, const Line& line, Emitted emitted);
  void EmitSilent(Emitted emitted);

  List lines_;
  List silent_;  // lines that were still running when it was the turn of what follows
  JsonCall::Place begins_ = JsonCall::Place::kBeginsLine;
};

}  // namespace voxeld
