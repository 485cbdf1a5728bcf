// The settings as the options of each part: the one place where both are known.
//
// Threading: plain functions.
#pragma once

#include <string_view>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/disk/disk_store.h"
#include "daemon/net/http_door.h"
#include "daemon/net/json_door.h"
#include "daemon/net/mcp_door.h"
#include "daemon/net/resp_door.h"
#include "daemon/net/socket_front.h"
#include "daemon/runtime/worker_pool.h"
#include "daemon/service/services.h"
#include "daemon/store/project_registry.h"

namespace voxeld {

WorkerPoolOptions PoolOptionsOf(const Config& config);
Dispatcher::Limits QueueLimitsOf(const Config& config);
DiskOptions DiskOptionsOf(const Config& config);
RegistryOptions RegistryOptionsOf(const Config& config, Timers* timers,
                                  std::shared_ptr<MemoryPressure> pressure);
ServiceLimits ServiceLimitsOf(const Config& config);
JsonLimits JsonLimitsOf(const Config& config);
McpLimits McpLimitsOf(const Config& config);
HttpDoor HttpDoorOf(const Config& config, CallPool* calls, McpDoor* mcp, const TokenGuard* tokens);
RespDoor RespDoorOf(const Config& config, CallPool* calls);
// The processors that an option names; none: all.
std::vector<int> CpusOf(std::string_view text);
// Allows the process as many descriptors as the limit of connections wants and the system permits,
// and says where connections have to stop so that some are left for the rest.
SocketLimits SocketLimitsOf(const Config& config);

}  // namespace voxeld
