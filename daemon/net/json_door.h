// What all JSON-RPC connections share: where calls go, the limits, and memory that is used again.
//
// Threading: the poller's thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "daemon/io/poller.h"
#include "daemon/memory/buffer_pool.h"
#include "daemon/memory/memory_use.h"
#include "daemon/net/json_call_pool.h"
#include "daemon/net/stream_turns.h"
#include "daemon/runtime/worker_pool.h"
#include "daemon/service/dispatcher.h"
#include "daemon/stats/log.h"
#include "daemon/wire/json_codec.h"
#include "daemon/wire/jsonrpc.h"
#include "daemon/wire/message_pool.h"

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
  // What it keeps is counted in `memory_in`. `buffers_in`: for lines that are not complete, and
  // answers that a socket does not take.
  JsonDoor(Poller* poller_in, Dispatcher* dispatcher_in, WorkerPool* pool_in, const Log* log_in,
           MemoryUse* memory_in, BufferPool* buffers_in, const JsonLimits& limits_in);
  // The result of rpc.discover; made when somebody asks first, for a start is not to wait for it.
  const std::string& Discovery();
  // Frees what is kept for later.
  void Trim();

  Poller* const poller;
  Dispatcher* const dispatcher;
  WorkerPool* const pool;
  const Log* const log;
  MemoryUse* const memory;
  BufferPool* const buffers;
  const JsonLimits limits;

  const std::shared_ptr<StreamTurns> turns;

  JsonRpcParser parser;
  JsonRpcLine line;  // the one being taken
  MessagePool messages;
  JsonReader reader{&messages};
  JsonCallPool calls{&memory->request};
  std::string output;  // every connection's answers of a turn begin here; empty between turns
  static constexpr size_t kKeptOutputBytes = 256 << 10;

 private:
  std::string discovery_;
};

}  // namespace voxeld
