// `voxctl voxel.get --field value`: every method of the API under its own name, from its descriptor
// alone.
#pragma once

#include <functional>
#include <memory>

#include "CLI/CLI.hpp"
#include "clients/cli/session.h"

namespace voxctl {

// What a command does once the command line is read; returns the exit code.
using Run = std::function<int(Session&)>;

// Adds a subcommand for each method. `chosen` gets what the parsed one runs.
void AddMethodCommands(CLI::App* app, const voxapi::Api& api, Run* chosen);

}  // namespace voxctl
