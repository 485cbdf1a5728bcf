// What the disk and SQLite do by themselves: the peers of the durable store.
//
// Errors: printed, and the program ends with 1.
#pragma once

#include <string>

#include "bench/latencies.h"

namespace voxeld::bench {

// Appends 4 KiB to a new file in `dir` and syncs it, again and again.
Latencies FsyncLoop(const std::string& dir, double seconds);

// Inserts the revisions of a project file, over and over, into a table like theirs in a new
// database in `dir`, with the settings that project files have: WAL, synchronous=FULL. `group` rows
// are one transaction; one latency for each, from when the log has its full length.
Latencies SqliteLoop(const std::string& dir, const std::string& project_file, int group,
                     double seconds);

}  // namespace voxeld::bench
