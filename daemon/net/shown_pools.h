// The pools and areas of the doors, by the names that admin.stats tells them by.
#pragma once

#include "daemon/memory/buffer_pool.h"
#include "daemon/net/http_door.h"
#include "daemon/net/json_door.h"
#include "daemon/net/resp_door.h"
#include "daemon/net/unary_call.h"
#include "daemon/service/shown_memory.h"

namespace voxeld {

// Points into all of them.
ShownMemory ShownMemoryOf(const BufferPool& buffers, const CallPool& calls, const JsonDoor& json,
                          const HttpDoor& http, const RespDoor& resp);

}  // namespace voxeld
