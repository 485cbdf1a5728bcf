// Revisions that people name by their checkpoints: `--revision before-the-roof`.
#pragma once

#include <map>
#include <string>

#include "clients/cli/session.h"

namespace voxctl {

// Puts numbers in place of checkpoints' names: `values` is path -> text of a request, and those of
// its paths count that are a read's revision. Asks the daemon only if there is such a name. The
// exit code; a failure has been printed.
int ResolveCheckpoints(Session& session, std::map<std::string, std::string>* values);

}  // namespace voxctl
