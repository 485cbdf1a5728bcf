// Where a watch may go on: a revision, and enough to tell its history from another one.
//
// Form: "57-0123456789abcdef-00c0ffee": the revision; the beginning of the project's uid; the low
//       bits of the revision's time, "0" where that was no longer known. A project that was made
//       anew under the old name has another uid; one that was put back from an old copy gives the
//       number to another revision, at another time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/store/project_identity.h"
#include "daemon/store/revision.h"

namespace voxeld {

struct ResumeToken {
  int64_t revision = 0;
  std::string history;
  std::string time;
};

// For the revision `number` of that project; `revision` is it, or null if it is no longer retained.
std::string MakeResumeToken(const ProjectIdentity& project, int64_t number,
                            const Revision* revision);
// INVALID_FIELD (resume_token).
absl::StatusOr<ResumeToken> ReadResumeToken(std::string_view text);
// REVISION_UNKNOWN (resume_token) if the token is of another history than what MakeResumeToken
// would be given.
absl::Status CheckResumeToken(const ResumeToken& token, const ProjectIdentity& project,
                              const Revision* revision);

}  // namespace voxeld
