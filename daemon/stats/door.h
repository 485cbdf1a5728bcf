// The protocols that calls come by. MCP's calls come over HTTP's connections.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace voxeld {

enum class Door : uint8_t { kGrpc, kJsonRpc, kHttp, kResp, kMcp };

inline constexpr size_t kDoors = 5;
// By number, as admin.info and the statistics write them.
inline constexpr std::string_view kDoorNames[kDoors] = {"grpc", "jsonrpc", "http", "resp", "mcp"};

inline std::string_view DoorName(Door door) { return kDoorNames[static_cast<size_t>(door)]; }

}  // namespace voxeld
