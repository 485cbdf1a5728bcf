// `voxctl completion bash|zsh|fish`: the functions that make a shell ask `voxctl __complete`.
#pragma once

#include "CLI/CLI.hpp"
#include "clients/cli/method_commands.h"

namespace voxctl {

// Adds the subcommand, which needs no daemon.
void AddCompletionCommand(CLI::App* app, Run* chosen);

}  // namespace voxctl
