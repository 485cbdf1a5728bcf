// What all RESP2 connections share.
//
// Threading: the poller's thread.
#pragma once

#include <string>

#include "daemon/memory/spares.h"
#include "daemon/net/byte_connection.h"
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
  CallPool* calls = nullptr;
  std::string version;  // of voxeld, as HELLO says it
  RespLimits resp;
  ByteLimits limits;
  size_t max_in_flight = 128;  // calls of a connection; then its reading pauses
  Spares<RespWork> spares = {};
};

}  // namespace voxeld
