// What all RESP2 connections share.
//
// Threading: the poller's thread.
#pragma once

#include <string>

#include "daemon/memory/spares.h"
#include "daemon/net/byte_connection.h"
#include "daemon/net/resp_batches.h"
#include "daemon/net/resp_replies.h"
#include "daemon/net/unary_call.h"
#include "daemon/wire/resp_parser.h"

namespace voxeld {

// What a connection needs while a command comes or replies are owed.
struct RespWork {
  explicit RespWork(const RespLimits& limits) : parser(limits) {}
  RespParser parser;
  RespReplies replies;
};

struct RespDoor {
  CallPool* const calls;
  RespBatches<v1::SetVoxelsRequest> sets;
  RespBatches<v1::GetVoxelsRequest> gets;
  const Method& edit;   // voxel.apply_edits
  std::string version;  // of voxeld, as HELLO says it
  RespLimits resp;
  ByteLimits limits;
  // Of a connection; then its reading pauses: calls and batches, and the commands that they answer.
  size_t max_in_flight = 128;
  size_t max_commands = 4096;
  Spares<RespWork> spares = {};

  // Frees what is kept.
  void Trim() {
    spares.Trim();
    sets.Trim();
    gets.Trim();
  }
};

}  // namespace voxeld
