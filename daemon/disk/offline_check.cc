#include "daemon/disk/offline_check.h"

#include <filesystem>
#include <memory>
#include <vector>

#include "daemon/disk/data_dir.h"
#include "daemon/disk/file_check.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

namespace fs = std::filesystem;
using voxel::StrCat;

absl::StatusOr<bool> CheckOne(const std::string& file,
                              absl::FunctionRef<void(const std::string& line)> say) {
  VOXEL_ASSIGN_OR_RETURN(const CheckReport report, CheckFile(file, FileOptions(), {}));
  for (const std::string& finding : report.findings) say(StrCat(file, ": ", finding));
  const bool sound = report.findings.empty();
  say(sound ? StrCat(file, ": sound: ", report.revisions, " revisions, up to ",
                     report.contents.back()->info.revision)
            : StrCat(file, ": DAMAGED"));
  return sound;
}

}  // namespace

absl::StatusOr<bool> CheckOffline(const std::string& path,
                                  absl::FunctionRef<void(const std::string& line)> say) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) return CheckOne(path, say);
  if (!fs::is_directory(path + "/projects", error)) {
    return absl::NotFoundError(
        StrCat("--verify=", path, ": neither a project file nor a data directory"));
  }
  VOXEL_ASSIGN_OR_RETURN(const std::unique_ptr<DataDir> dir,
                         DataDir::Open(path, "a voxeld that verifies it"));
  bool sound = true;
  std::vector<std::string> strange;
  VOXEL_ASSIGN_OR_RETURN(const std::vector<ProjectVault::Entry> entries, dir->List(strange));
  for (const ProjectVault::Entry& entry : entries) {
    VOXEL_ASSIGN_OR_RETURN(const bool good, CheckOne(dir->FileOf(entry.id, entry.uid), say));
    sound = sound && good;
  }
  for (const std::string& name : strange) {
    say(StrCat(path, "/projects/", name, ": not looked at: its name is no <id>.<uid>.voxels"));
  }
  return sound;
}

}  // namespace voxeld
