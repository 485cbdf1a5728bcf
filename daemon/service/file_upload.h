// A file that comes in parts, a header first, then bytes, the last one marked; or that the header
// names under the daemon's roots.
//
// Threading: a value; one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace voxeld {

// Of a file on its way in or out.
inline constexpr size_t kPartBytes = 1 << 20;

class FileUpload {
 public:
  explicit FileUpload(int64_t max_bytes) : max_bytes_(max_bytes) {}

  // Takes one part. True: it is the header, which is the caller's to read. MISSING_FIELD,
  // INVALID_FIELD, LIMIT_BYTES.
  absl::StatusOr<bool> Accept(bool has_header, std::string_view data, bool last_part);
  // All parts were accepted: reads the file at `path` if that is not empty. MISSING_FIELD,
  // UPLOAD_INCOMPLETE, INVALID_FIELD (both data and a path), and as ReadRootedFile.
  absl::Status Finish(const std::vector<std::string>& roots, const std::string& path);

  // REQUIRES: Finish has returned OK.
  const std::string& bytes() const { return bytes_; }

 private:
  const int64_t max_bytes_;
  std::string bytes_;
  int parts_ = 0;
  bool complete_ = false;
};

}  // namespace voxeld
