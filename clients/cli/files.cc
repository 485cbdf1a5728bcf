#include "clients/cli/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include "clients/api/base64.h"
#include "clients/cli/message_fields.h"
#include "google/protobuf/message.h"

namespace voxctl {
namespace {

using google::protobuf::Message;
using Json = nlohmann::json;

constexpr size_t kPartBytes = 1 << 20;

// A line of progress on a terminal, for files that take a while.
void ShowProgress(const char* verb, size_t bytes) {
  if (isatty(STDERR_FILENO) != 0) std::fprintf(stderr, "\r%s %zu KiB ", verb, bytes >> 10);
}
void EndProgress() {
  if (isatty(STDERR_FILENO) != 0) std::fprintf(stderr, "\r\033[K");
}

std::string Folder(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

}  // namespace

bool WriteFile(const std::string& path, const std::string& bytes, bool force, std::string* problem,
               const char* advice) {
  const std::string temporary = path + "." + std::to_string(getpid()) + ".part";
  {
    std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.flush();
    if (!file) {
      *problem = path + ": " + std::generic_category().message(errno);
      unlink(temporary.c_str());
      return false;
    }
  }
  const unsigned flags = force ? 0 : RENAME_NOREPLACE;
  if (renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), flags) == 0) return true;
  *problem = errno == EEXIST ? path + " exists; " + advice
                             : path + ": " + std::generic_category().message(errno);
  unlink(temporary.c_str());
  return false;
}

int SendFile(Session& session, const char* method, const Json& header, const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return session.Usage(path + " is a directory");
  std::ifstream file(path, std::ios::binary);
  if (!file) return session.Usage(path + ": " + std::generic_category().message(errno));
  bool header_sent = false;
  bool ended = false;
  size_t sent = 0;
  std::string buffer(kPartBytes, '\0');
  const auto next = [&](Json* part) {
    if (ended) return false;
    if (!std::exchange(header_sent, true)) {
      *part = {{"header", header}};
      return true;
    }
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    const auto n = static_cast<size_t>(file.gcount());
    ended = n < buffer.size();
    *part = {{"data", voxapi::Base64(std::string_view(buffer).substr(0, n))}, {"last_part", ended}};
    ShowProgress("sent", sent += n);
    return true;
  };
  return session.Upload(method, next, [&](const Message& response) {
    EndProgress();
    Print(session.format(), response);
    return true;
  });
}

std::string NameForExport(const std::string& path) {
  return std::filesystem::path(path).stem().string();
}

int ExportFile(Session& session, Json request, const std::string& path, bool force) {
  request["name"] = NameForExport(path);
  std::vector<std::pair<std::string, std::string>> files;  // name, bytes
  bool at_start = true;
  size_t fetched = 0;
  std::string warnings;
  const int code = session.Call("transfer.export", std::move(request), [&](const Message& part) {
    if (at_start)
      files.emplace_back(files.empty() ? path : Folder(path) + StringField(part, "file"), "");
    files.back().second += StringField(part, "data");
    at_start = BoolField(part, "last_part");
    ShowProgress("fetched", fetched += StringField(part, "data").size());
    const auto* field = part.GetDescriptor()->FindFieldByName("warnings");
    for (int i = 0; i < part.GetReflection()->FieldSize(part, field); ++i) {
      warnings +=
          "voxctl: warning: " + part.GetReflection()->GetRepeatedString(part, field, i) + "\n";
    }
    return true;
  });
  EndProgress();
  if (code != 0) return code;
  std::fputs(warnings.c_str(), stderr);
  for (const auto& [name, bytes] : files) {
    std::string problem;
    if (!WriteFile(name, bytes, force, &problem)) {
      PrintFailure(session.format(),
                   {.code = "FAILED", .reason = {}, .field = {}, .message = problem});
      return 1;
    }
    PrintFile(session.format(), name, static_cast<int64_t>(bytes.size()));
  }
  return 0;
}

}  // namespace voxctl
