// What a command line that is not understood gets, and the help's head and foot.
#pragma once

#include "CLI/CLI.hpp"

namespace voxctl {

// Prints help, or what is wrong and where help is, and returns the exit code: 0 for help, else 2.
// A command or option that does not exist is named, with the one that was perhaps meant.
int ExitOnUsage(const CLI::App& app, const CLI::ParseError& error);

// Sets the help's foot: examples and exit codes for the program; for each command, where the global
// options are. REQUIRES: all commands are there.
void AddFooters(CLI::App* app);

}  // namespace voxctl
