// What all JSON-RPC connections share: where calls go, the limits, and memory that is used again.
//
// Threading: the poller's thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "daemon/net/message_pool.h"
#include "daemon/net/poller.h"
#include "daemon/net/stream_turns.h"
#include "daemon/runtime/worker_pool.h"
#include "daemon/service/dispatcher.h"
#include "daemon/stats/log.h"
#include "daemon/wire/json_codec.h"
#include "daemon/wire/jsonrpc.h"

namespace voxeld {

struct JsonLimits {
  size_t max_line_bytes = 16 << 20;
  int max_batch = 1024;
  int max_in_flight = 128;               // calls of a connection; then its reading pauses
  int max_subscriptions = 256;           // of a connection
  size_t stream_output_bytes = 1 << 20;  // unsent: streams are not pulled above it
  size_t soft_output_bytes = 8 << 20;    // unsent: nothing new is read or started above it
  size_t hard_output_bytes = 32 << 20;   // unsent: the connection is closed above it
  absl::Duration partial_line = absl::Seconds(30);  // a line must be complete after so long
  absl::Duration refused_line =
      absl::Seconds(5);  // how long the rest of a refused line is read and dropped
};

struct JsonDoor {
  JsonDoor(Poller* poller_in, Dispatcher* dispatcher_in, WorkerPool* pool_in, const Log* log_in,
           const JsonLimits& limits_in);

  Poller* const poller;
  Dispatcher* const dispatcher;
  WorkerPool* const pool;
  const Log* const log;
  const JsonLimits limits;
  const std::string discovery;  // the result of rpc.discover

  const std::shared_ptr<StreamTurns> turns;

  JsonRpcParser parser;
  JsonRpcLine line;  // the one being taken
  JsonReader reader;
  MessagePool messages;
  std::unique_ptr<char[]> input;  // every connection reads into it
  static constexpr size_t kInputBytes = 64 << 10;
};

}  // namespace voxeld
