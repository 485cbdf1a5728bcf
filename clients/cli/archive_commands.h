// backup, restore and verify: the files that the daemon keeps projects in.
#pragma once

#include <CLI/CLI.hpp>

#include "clients/cli/short_commands.h"

namespace voxctl {

// Adds them to `app` under the heading `topic`; the one chosen sets *chosen.
void AddArchiveCommands(CLI::App* app, const char* topic, Run* chosen);

}  // namespace voxctl
