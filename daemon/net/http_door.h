// What all HTTP connections share.
//
// Threading: the poller's thread.
#pragma once

#include "daemon/memory/spares.h"
#include "daemon/net/byte_connection.h"
#include "daemon/net/mcp_door.h"
#include "daemon/net/token_guard.h"
#include "daemon/net/unary_call.h"
#include "daemon/wire/http_parser.h"

namespace voxeld {

struct HttpDoor {
  CallPool* calls = nullptr;
  McpDoor* mcp = nullptr;
  HttpLimits http;
  ByteLimits limits;
  const TokenGuard* tokens = nullptr;  // of which requests over TCP must show one; null: of none
  Spares<HttpParser> parsers = {};     // as those of requests that are over
};

}  // namespace voxeld
