// Files of this machine, sent and fetched in parts.
#pragma once

#include <string>

#include "clients/cli/session.h"

namespace voxctl {

// Sends `path` to an upload's method with `header`, and prints the answer. The exit code.
int SendFile(Session& session, const char* method, const nlohmann::json& header,
             const std::string& path);

// Fetches a project's files and writes them: the main one as `path`, others beside it. Each is
// complete before it gets its name; with `force` off nothing that exists is replaced. The exit
// code.
int ExportFile(Session& session, nlohmann::json request, const std::string& path, bool force);

// "house" for "models/house.obj": what transfer.export must call the files, so that those beside
// the main one fit to it.
std::string NameForExport(const std::string& path);

// Writes a file through a temporary one. False, and *problem, if that fails or the file exists and
// `force` is off; `advice` then tells the caller's caller what to do.
bool WriteFile(const std::string& path, const std::string& bytes, bool force, std::string* problem,
               const char* advice = "--force replaces it");

}  // namespace voxctl
