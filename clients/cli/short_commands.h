// Short commands for people: `voxctl box castle 0,0,0 10,10,10 --color '#c33'`.
#pragma once

#include "CLI/CLI.hpp"
#include "clients/cli/method_commands.h"

namespace voxctl {

void AddShortCommands(CLI::App* app, const voxapi::Api& api, Run* chosen);

}  // namespace voxctl
