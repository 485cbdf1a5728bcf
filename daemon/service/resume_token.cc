#include "daemon/service/resume_token.h"

#include <algorithm>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "voxel/base/error.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::Error;
using voxel::Reason;

constexpr char kField[] = "resume_token";
constexpr char kTimeUnknown[] = "0";
constexpr size_t kUidDigits = 16;
constexpr size_t kTimeDigits = 8;

std::string HistoryOf(const ProjectIdentity& project) { return project.uid.substr(0, kUidDigits); }

std::string TimeOf(const Revision* revision) {
  if (revision == nullptr) return kTimeUnknown;
  const auto micros = static_cast<uint32_t>(absl::ToUnixMicros(revision->info.time));
  return absl::StrFormat("%0*x", static_cast<int>(kTimeDigits), micros);
}

bool IsHex(absl::string_view text, size_t digits) {
  return text.size() == digits && std::all_of(text.begin(), text.end(), [](char c) {
           return ('0' <= c && c <= '9') || ('a' <= c && c <= 'f');
         });
}

}  // namespace

std::string MakeResumeToken(const ProjectIdentity& project, int64_t number,
                            const Revision* revision) {
  return voxel::StrCat(number, "-", HistoryOf(project), "-", TimeOf(revision));
}

absl::StatusOr<ResumeToken> ReadResumeToken(std::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(voxel::ToAbsl(text), '-');
  ResumeToken token;
  if (parts.size() == 3 && absl::SimpleAtoi(parts[0], &token.revision) && token.revision > 0 &&
      IsHex(parts[1], kUidDigits) && (parts[2] == kTimeUnknown || IsHex(parts[2], kTimeDigits))) {
    token.history = std::string(parts[1]);
    token.time = std::string(parts[2]);
    return token;
  }
  return Error(Reason::INVALID_FIELD,
               voxel::StrCat("resume_token is \"", text.substr(0, 80),
                             "\"; it takes one that a message of history.watch brought"),
               kField);
}

absl::Status CheckResumeToken(const ResumeToken& token, const ProjectIdentity& project,
                              const Revision* revision) {
  if (token.history != HistoryOf(project)) {
    return Error(Reason::REVISION_UNKNOWN,
                 voxel::StrCat("resume_token is of another project that was called \"", project.id,
                               "\"; this one was made anew: read it, and watch from there"),
                 kField);
  }
  const std::string time = TimeOf(revision);
  if (token.time == kTimeUnknown || time == kTimeUnknown || token.time == time) {
    return absl::OkStatus();
  }
  return Error(Reason::REVISION_UNKNOWN,
               voxel::StrCat("resume_token is of another revision ", token.revision,
                             " than this project's: the project was put back to an older state; ",
                             "read it, and watch from there"),
               kField);
}

}  // namespace voxeld
