// `voxctl __complete WORDS...`: what the shells' completion functions ask. It answers from the tree
// of commands itself, so there is no second list of them.
//
// Output:  a line for each candidate, "word" or "word<TAB>description"; the line ":files" where the
//          shell's own completion of file names belongs.
// Kinds:   an option's type name tells what it takes: "over|sub" those words, "a|b,..." a list of
//          them, FILE and DIR file names, PROJECT, LAYER and FORMAT what the daemon knows.
#pragma once

#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "clients/api/api.h"

namespace voxctl {

// Prints what may stand in place of the last of `words`, which are the command line's behind the
// program's name; the last one may be empty. The daemon is asked only for its names, and only for a
// moment; where it does not answer there are no candidates, and no complaints. The exit code.
int PrintCompletions(const CLI::App& app, const voxapi::Api& api,
                     const std::vector<std::string>& words);

}  // namespace voxctl
