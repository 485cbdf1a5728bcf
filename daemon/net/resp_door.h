// What all RESP2 connections share.
//
// Threading: the poller's thread.
#pragma once

#include <string>

#include "daemon/net/byte_connection.h"
#include "daemon/net/unary_call.h"
#include "daemon/wire/resp_parser.h"

namespace voxeld {

struct RespDoor {
  CallPool* calls = nullptr;
  std::string version;  // of voxeld, as HELLO says it
  RespLimits resp;
  ByteLimits limits;
  size_t max_in_flight = 128;  // calls of a connection; then its reading pauses
};

}  // namespace voxeld
