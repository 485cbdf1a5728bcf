#include "daemon/service/file_upload.h"

#include <utility>

#include "daemon/service/rooted_files.h"
#include "voxel/base/error.h"
#include "voxel/base/str_cat.h"

namespace voxeld {

using voxel::Error;
using voxel::Reason;

absl::StatusOr<bool> FileUpload::Accept(bool has_header, std::string_view data, bool last_part) {
  if (complete_)
    return Error(Reason::INVALID_FIELD, "a part follows the one marked last_part", "last_part");
  complete_ = last_part;
  if (parts_++ == 0) {
    if (has_header) return true;
    return Error(Reason::MISSING_FIELD, "the first part must be the header", "header");
  }
  if (has_header)
    return Error(Reason::INVALID_FIELD, "only the first part is the header", "header");
  if (static_cast<int64_t>(bytes_.size() + data.size()) > max_bytes_) {
    return Error(Reason::LIMIT_BYTES,
                 voxel::StrCat("the file has more than ", max_bytes_, " bytes"), "data");
  }
  bytes_ += data;
  return false;
}

absl::Status FileUpload::Finish(const std::vector<std::string>& roots, const std::string& path) {
  if (parts_ == 0) return Error(Reason::MISSING_FIELD, "the header is missing", "header");
  if (!complete_)
    return Error(Reason::UPLOAD_INCOMPLETE, "the stream ended before a part marked last_part");
  if (path.empty()) return absl::OkStatus();
  if (!bytes_.empty())
    return Error(Reason::INVALID_FIELD, "both path and data are given", "header.path");
  absl::StatusOr<std::string> bytes = ReadRootedFile(roots, path, max_bytes_);
  if (!bytes.ok()) return voxel::InField("header", bytes.status());
  bytes_ = *std::move(bytes);
  return absl::OkStatus();
}

}  // namespace voxeld
