// voxctl watch: follows a project over lost connections and restarts of the daemon.
#pragma once

#include "clients/cli/short_commands.h"

namespace voxctl {

void AddWatchCommand(CLI::App* app, const char* topic, const voxapi::Api& api, Run* chosen);

}  // namespace voxctl
