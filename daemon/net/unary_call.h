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
#include "daemon/memory/area.h"
#include "daemon/memory/area_counts.h"
#include "daemon/memory/buffer_pool.h"
#include "daemon/memory/memory_use.h"
#include "daemon/net/answer_area.h"
#include "daemon/net/call_order.h"
#include "daemon/runtime/worker_pool.h"
#include "daemon/service/dispatcher.h"
#include "daemon/stats/log.h"
#include "daemon/wire/json_codec.h"
#include "daemon/wire/message_pool.h"
#include "voxel/base/pool_counts.h"

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
  // Calls are counted in `gauge_in`. `buffers_in`: for parts of requests, and answers that a socket
  // does not take.
  CallPool(Poller* poller_in, Dispatcher* dispatcher_in, const Log* log_in,
           MemoryUse::Gauge* gauge_in, BufferPool* buffers_in)
      : poller(poller_in),
        dispatcher(dispatcher_in),
        log(log_in),
        gauge(gauge_in),
        buffers(buffers_in) {}

  // A call of that method by `peer`. REQUIRES: method.unary().
  std::unique_ptr<UnaryCall> Take(const Method& method, Door door, std::string_view peer);
  void Give(std::unique_ptr<UnaryCall> call);
  // Frees what is kept.
  void Trim();

  Poller* const poller;
  Dispatcher* const dispatcher;
  const Log* const log;
  MemoryUse::Gauge* const gauge;
  BufferPool* const buffers;  // of the connections
  MessagePool messages;
  JsonReader reader{&messages};
  std::vector<std::unique_ptr<UnaryCall>> free;
  voxel::PoolCounts counts;  // of calls
  AreaCounts answers;
  std::string scratch;  // of whoever writes an answer on the poller's thread

 private:
  friend class UnaryCall;

  // A call ends with its connection, without being given back.
  void Lost();
  // Changes of how many there are, and of how many of these are kept.
  void Count(int64_t calls, int64_t kept);
};

// Not OK for methods that only doors with streams can call. METHOD_NOT_FOUND.
absl::Status CheckUnary(const Method& method);

class UnaryCall {
 public:
  explicit UnaryCall(CallPool* pool) : pool_(pool) {}
  ~UnaryCall();
  UnaryCall(const UnaryCall&) = delete;
  UnaryCall& operator=(const UnaryCall&) = delete;

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
  std::unique_ptr<google::protobuf::Message> request_;  // null: it is kept for later
  AnswerArea answer_;
  google::protobuf::Message* response_ = nullptr;  // in it
  std::optional<Area::Hold> running_;              // from Start to the end
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
