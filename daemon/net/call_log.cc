#include "daemon/net/call_log.h"

#include "voxel/base/error_parts.h"

namespace voxeld {
namespace {

Severity SeverityOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return Severity::kError;
    case absl::StatusCode::kUnavailable:
      return Severity::kWarning;
    default:
      return Severity::kInfo;
  }
}

}  // namespace

void LogFailedCall(const Log& log, std::string_view method, std::string_view peer,
                   const absl::Status& status) {
  if (status.ok() || !log.enabled(SeverityOf(status.code()))) return;
  const voxel::ErrorParts parts = voxel::PartsOf(status);
  log.Write(SeverityOf(status.code()), "call failed",
            {{"method", method},
             {"peer", peer},
             {"reason", parts.reason},
             {"place", parts.place},
             {"text", std::string_view(status.message().data(), status.message().size())}});
}

}  // namespace voxeld
