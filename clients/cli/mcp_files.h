// import_file and export_file of `voxctl mcp`: files of this machine, below one directory.
#pragma once

#include <string>

#include "clients/mcp/tools.h"

namespace voxctl {

// Links are followed, and must not lead out. Nothing is overwritten.
mcp::FileTools FilesBelow(const std::string& folder);

}  // namespace voxctl
