// voxctl top: what the daemon is doing, again and again.
#pragma once

#include "clients/cli/short_commands.h"

namespace voxctl {

void AddTopCommand(CLI::App* app, const char* topic, Run* chosen);

}  // namespace voxctl
