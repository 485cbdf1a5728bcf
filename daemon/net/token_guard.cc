#include "daemon/net/token_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <system_error>

#include "daemon/io/unique_fd.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::StrCat;

constexpr size_t kLeastTokenLetters = 32;  // 128 bits, even in hexadecimal
constexpr size_t kMostTokenLetters = 512;
constexpr size_t kMostFileBytes = 1 << 20;
constexpr Scope kScopes[] = {Scope::kRead, Scope::kWrite, Scope::kAdmin};
constexpr std::string_view kScheme = "bearer ";

// RFC 6750's b64token, and nothing that a header could break at.
bool IsTokenLetter(char c) {
  const bool alphanumeric =
      (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return alphanumeric || std::string_view("-._~+/=").find(c) != std::string_view::npos;
}

// Takes the same time whichever bytes differ.
bool SameSecret(std::string_view presented, std::string_view secret) {
  volatile unsigned char different = presented.size() == secret.size() ? 0 : 1;
  for (size_t i = 0; i < presented.size(); ++i) {
    different = different | static_cast<unsigned char>(presented[i] ^ secret[i % secret.size()]);
  }
  return different == 0;
}

std::vector<std::string_view> Words(std::string_view line) {
  std::vector<std::string_view> words;
  for (size_t i = 0; i < line.size();) {
    if (line[i] == ' ' || line[i] == '\t' || line[i] == '\r') {
      ++i;
      continue;
    }
    const size_t end = std::min(line.find_first_of(" \t\r", i), line.size());
    words.push_back(line.substr(i, end - i));
    i = end;
  }
  return words;
}

absl::Status CheckPrivate(int fd, const std::string& path) {
  struct stat found;
  if (fstat(fd, &found) != 0) return absl::ErrnoToStatus(errno, path);
  if (!S_ISREG(found.st_mode)) {
    return absl::FailedPreconditionError(StrCat(path, ": not a regular file"));
  }
  if (found.st_uid != geteuid() && found.st_uid != 0) {
    return absl::FailedPreconditionError(StrCat(path, ": belongs to uid ", found.st_uid,
                                                "; it must be the daemon's user's or root's"));
  }
  if ((found.st_mode & 077) == 0) return absl::OkStatus();
  char mode[8];
  (void)snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(found.st_mode & 0777));
  return absl::FailedPreconditionError(
      StrCat(path, ": has mode ", mode, ", so others may read it; 0600 is needed"));
}

bool HasScheme(std::string_view authorization) {
  if (authorization.size() <= kScheme.size()) return false;
  for (size_t i = 0; i < kScheme.size(); ++i) {
    if ((authorization[i] | 0x20) != (kScheme[i] | 0x20)) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TokenGuard>> TokenGuard::Open(const std::string& path) {
  std::unique_ptr<TokenGuard> guard(new TokenGuard(path));
  VOXEL_RETURN_IF_ERROR(guard->Reload());
  return guard;
}

absl::Status TokenGuard::Reload() {
  VOXEL_ASSIGN_OR_RETURN(Entries entries, Read());
  auto shared = std::make_shared<const Entries>(std::move(entries));
  absl::MutexLock lock(&mu_);
  entries_ = std::move(shared);
  return absl::OkStatus();
}

absl::StatusOr<TokenGuard::Entries> TokenGuard::Read() const {
  const UniqueFd fd(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.ok()) {
    return absl::NotFoundError(StrCat(path_, ": ", std::generic_category().message(errno)));
  }
  VOXEL_RETURN_IF_ERROR(CheckPrivate(fd.get(), path_));
  std::string text;
  char block[4096];
  for (ssize_t size; (size = read(fd.get(), block, sizeof block)) != 0;) {
    if (size < 0) return absl::ErrnoToStatus(errno, path_);
    text.append(block, static_cast<size_t>(size));
    if (text.size() > kMostFileBytes) {
      return absl::InvalidArgumentError(StrCat(path_, ": more than ", kMostFileBytes, " bytes"));
    }
  }
  return Parse(text);
}

absl::StatusOr<TokenGuard::Entries> TokenGuard::Parse(std::string_view text) const {
  Entries entries;
  int number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    VOXEL_RETURN_IF_ERROR(ParseLine(text.substr(0, end), ++number, &entries));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (entries.empty()) return absl::InvalidArgumentError(StrCat(path_, ": holds no token"));
  return entries;
}

absl::Status TokenGuard::ParseLine(std::string_view line, int number, Entries* entries) const {
  const std::vector<std::string_view> words = Words(line.substr(0, line.find('#')));
  if (words.empty()) return absl::OkStatus();
  const auto wrong = [&](std::string_view what) {
    return absl::InvalidArgumentError(StrCat(path_, ":", number, ": ", what));
  };
  if (words.size() != 3) return wrong("a line is NAME SCOPE TOKEN");
  Entry entry{{std::string(words[0]), Scope::kRead}, std::string(words[2])};
  const auto* scope = std::find_if(std::begin(kScopes), std::end(kScopes),
                                   [&words](Scope known) { return ScopeName(known) == words[1]; });
  if (scope == std::end(kScopes)) return wrong("the scope must be read, write or admin");
  entry.holder.scope = *scope;
  if (entry.token.size() < kLeastTokenLetters || entry.token.size() > kMostTokenLetters ||
      !std::all_of(entry.token.begin(), entry.token.end(), IsTokenLetter)) {
    return wrong(StrCat("a token has ", kLeastTokenLetters, " to ", kMostTokenLetters,
                        " letters, digits and -._~+/="));
  }
  for (const Entry& other : *entries) {
    if (other.holder.name == entry.holder.name) return wrong("that name stands here already");
    if (other.token == entry.token) return wrong("that token stands here already");
  }
  entries->push_back(std::move(entry));
  return absl::OkStatus();
}

absl::StatusOr<TokenHolder> TokenGuard::Admit(std::string_view authorization) const {
  if (!HasScheme(authorization)) {
    return voxel::Error(voxel::Reason::TOKEN_REQUIRED,
                        "a token is needed here: send \"authorization: Bearer TOKEN\"");
  }
  const std::string_view token =
      authorization.substr(kScheme.size()).substr(0, kMostTokenLetters + 1);
  std::shared_ptr<const Entries> entries;
  {
    absl::MutexLock lock(&mu_);
    entries = entries_;
  }
  const Entry* found = nullptr;
  for (const Entry& entry : *entries) {
    if (SameSecret(token, entry.token)) found = &entry;  // and on through the others
  }
  if (found != nullptr) return found->holder;
  return voxel::Error(voxel::Reason::TOKEN_UNKNOWN,
                      "the token is not one of those that are accepted here");
}

absl::Status CheckScope(Scope held, const Method& method) {
  const Scope needed = ScopeOf(method.access);
  if (held >= needed) return absl::OkStatus();
  return voxel::Error(voxel::Reason::SCOPE_MISSING,
                      StrCat("the token may ", ScopeName(held), "; ", method.name,
                             " needs one that may ", ScopeName(needed)));
}

}  // namespace voxeld
