// One unary call of a door that knows no streams (HTTP and RESP2): arguments in, as a message or as
// JSON, and the answer out. Calls and messages are used again.
//
// Threading: lives on the poller's thread; while it runs, whichever thread works for it.
// Ownership: its connection's, which lives on until the call has ended.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "daemon/io/poller.h"
#include "daemon/memory/buffer_pool.h"
#include "daemon/net/answer_area.h"
#include "daemon/net/call_order.h"
#include "daemon/runtime/worker_pool.h"
#include "daemon/service/dispatcher.h"
#include "daemon/stats/log.h"
#include "daemon/wire/json_codec.h"
#include "daemon/wire/message_pool.h"

namespace voxeld {

class UnaryCall;

// The connection, as its calls see it.
class UnaryCallOwner {
 public:
  virtual ~UnaryCallOwner() = default;
  // The call has its answer. The poller's thread, perhaps before Start returns.
  virtual void CallEnded(UnaryCall* call) = 0;
};

// What all such calls share: where they go, and memory that is used again.
struct CallPool {
  CallPool(Poller* poller_in, Dispatcher* dispatcher_in, const Log* log_in, BufferPool* buffers_in)
      : poller(poller_in), dispatcher(dispatcher_in), log(log_in), buffers(buffers_in) {}

  // A call of that method by `peer`. REQUIRES: method.unary().
  std::unique_ptr<UnaryCall> Take(const Method& method, Door door, std::string_view peer);
  void Give(std::unique_ptr<UnaryCall> call);
  // Frees what is kept.
  void Trim();

  Poller* const poller;
  Dispatcher* const dispatcher;
  const Log* const log;
  BufferPool* const buffers;  // of the connections
  MessagePool messages;
  JsonReader reader{&messages};
  std::vector<std::unique_ptr<UnaryCall>> free;
  std::string scratch;  // of whoever writes an answer on the poller's thread
};

// Not OK for methods that only doors with streams can call. METHOD_NOT_FOUND.
absl::Status CheckUnary(const Method& method);

class UnaryCall {
 public:
  explicit UnaryCall(CallPool* pool) : pool_(pool) {}

  const Method& method() const { return *method_; }
  CallContext& context() { return *context_; }
  google::protobuf::Message* request() { return request_.get(); }
  // REQUIRES: it ended with OK.
  const google::protobuf::Message& response() const { return *response_; }
  const std::string& json() const { return json_; }  // the same as JSON, if it was asked so
  const absl::Status& status() const { return status_; }
  bool ended() const { return ended_; }

  // Arguments as JSON: read right away, or if they are large, by the worker that runs the call. The
  // answer then is JSON, too. Empty: no arguments. Errors as JsonReader's.
  absl::Status TakeJson(std::string_view arguments);
  // Arguments that are in `request` already; they came as so many bytes.
  void CountBytes(size_t bytes) { bytes_in_ += bytes; }
  // Which calls it may run beside.
  CallClass call_class() const;

  // Runs it. REQUIRES: once.
  void Start(std::shared_ptr<UnaryCallOwner> owner);

 private:
  friend struct CallPool;

  void ReadAndRun();
  void Refuse(const absl::Status& status);
  void Run(Dispatcher::Inline may_inline);
  void End(const absl::Status& status);
  void EndOnPoller();

  CallPool* const pool_;
  const Method* method_ = nullptr;
  std::optional<CallContext> context_;
  std::unique_ptr<google::protobuf::Message> request_;
  AnswerArea answer_;
  google::protobuf::Message* response_ = nullptr;  // in it
  size_t bytes_in_ = 0;
  std::string kept_;  // large arguments
  bool wants_json_ = false;
  std::shared_ptr<UnaryCallOwner> owner_;

  // Written by the thread that ends it.
  absl::Status status_;
  std::string json_;
  bool ended_ = false;  // poller's thread
};

}  // namespace voxeld
