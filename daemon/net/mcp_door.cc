#include "daemon/net/mcp_door.h"

#include "clients/mcp/tools.h"
#include "daemon/net/mcp_exchange.h"

namespace voxeld {

const mcp::Server& McpDoor::server() {
  absl::call_once(once_, [this] { server_ = mcp::MakeServer(mcp::DaemonFiles(), version_); });
  return *server_;
}

void McpDoor::Cancel(std::string_view session, const std::string& request_id) {
  for (const std::shared_ptr<McpExchange>& exchange : exchanges) {
    if (exchange->session() == session) exchange->CancelRequest(request_id);
  }
}

void McpDoor::CancelAll() {
  for (const std::shared_ptr<McpExchange>& exchange : exchanges) exchange->Cancel(Stopping());
}

}  // namespace voxeld
