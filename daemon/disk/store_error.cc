#include "daemon/disk/store_error.h"

#include <cerrno>
#include <system_error>

#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Reason;
using voxel::StrCat;

std::string AdviceFor(Reason reason, const std::string& path) {
  switch (reason) {
    case Reason::STORE_FULL:
      return "; changes are taken again as soon as there is space, and reads go on";
    case Reason::STORE_FAILED:
      return "; check the disk and restart voxeld: until then a project that is open can only be"
             " read, and one that could not be loaded is tried again when it is asked for";
    case Reason::STORE_READ_ONLY:
      return "; give voxeld the right to write it; reads go on";
    case Reason::STORE_DAMAGED:
      return StrCat("; `voxctl verify` lists all that is wrong; stop voxeld, move ", path,
                    "* away, put a backup in its place, and start again");
    default:
      return "";
  }
}

}  // namespace

Reason ReasonOfSystemError(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return Reason::STORE_FULL;
    case EACCES:
    case EPERM:
    case EROFS:
      return Reason::STORE_READ_ONLY;
    case EIO:
      return Reason::STORE_FAILED;
    default:
      return Reason::COMMIT_FAILED;
  }
}

absl::Status StoreError(Reason reason, const std::string& path, std::string_view what, int error,
                        voxel::SourcePlace place) {
  const std::string words = error == 0 ? "" : std::generic_category().message(error);
  absl::Status status = voxel::Error(
      reason, StrCat(path, ": ", what, error == 0 ? "" : ": ", words, AdviceFor(reason, path)), {},
      place);
  voxel::SetFact(status, "path", path);
  if (error != 0) voxel::SetFact(status, "system_error", words);
  return status;
}

absl::Status Damaged(const std::string& path, const absl::Status& why) {
  if (!voxel::ReasonOf(why).empty()) return why;
  return StoreError(Reason::STORE_DAMAGED, path,
                    StrCat("the file is damaged: ", voxel::ToStd(why.message())));
}

}  // namespace voxeld
