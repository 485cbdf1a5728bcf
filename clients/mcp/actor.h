// Who an agent's changes are made by: MCP clients say their name, and voxeld's history shows it.
#pragma once

#include <string>

#include "google/protobuf/descriptor.h"
#include "nlohmann/json.hpp"

namespace mcp {

// The name of a `clientInfo` ({"name": "house-builder", "version": "1"}) as an actor may be called:
// without control characters, at most 128 bytes. Empty if it has none.
std::string ActorOf(const nlohmann::json& client_info);

// Puts the actor into a call's params, in place of what stands there, if the method with requests
// of that type is one that changes something. Params of another shape than the method's stay as
// they are: voxeld refuses them. An empty actor changes nothing.
void SetActor(const google::protobuf::Descriptor* request, const std::string& actor,
              nlohmann::json* params);

}  // namespace mcp
