// The short commands that ask what is there: `voxctl slice castle --z 4`.
#pragma once

#include <vector>

#include "CLI/CLI.hpp"
#include "clients/cli/method_commands.h"
#include "clients/cli/short_command.h"

namespace voxctl {

// Those that are a method with other names for its fields.
std::vector<ShortCommand> InspectCommands();
// Those that do more: `slice` prints the plane as a picture of characters, `check` says how each
// check went and may fail by it.
void AddInspectCommands(CLI::App* app, const char* topic, const voxapi::Api& api, Run* chosen);

}  // namespace voxctl
