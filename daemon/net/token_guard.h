// Bearer tokens: who holds them and what they may do. For every door that leaves this machine's
// users behind.
//
// File:      one token a line, "NAME SCOPE TOKEN", SCOPE one of read, write, admin (each may do
//            what the ones before it may); '#' begins a comment. The file belongs to the daemon's
//            user or root, and nobody else may read it.
// Secrets:   a token never comes into an error or the log, only names and line numbers. How long
//            Admit takes depends on what was presented, and not on which bytes of it are right.
// Threading: any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "daemon/service/method.h"

namespace voxeld {

struct TokenHolder {
  std::string name;  // "ci"
  Scope scope = Scope::kRead;
};

class TokenGuard {
 public:
  // Reads the file.
  //   NotFound            it cannot be read
  //   FailedPrecondition  its owner or mode lets others read it
  //   InvalidArgument     "FILE:LINE: ..."
  static absl::StatusOr<std::unique_ptr<TokenGuard>> Open(const std::string& path);

  // Reads the file again; on an error (as Open's) the old tokens stay.
  absl::Status Reload() ABSL_LOCKS_EXCLUDED(mu_);

  // Who sent this `Authorization` header or metadata ("Bearer TOKEN").
  //   TOKEN_REQUIRED  it is empty or no bearer token
  //   TOKEN_UNKNOWN   nobody holds that token
  absl::StatusOr<TokenHolder> Admit(std::string_view authorization) const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Entry {
    TokenHolder holder;
    std::string token;
  };
  using Entries = std::vector<Entry>;

  explicit TokenGuard(std::string path) : path_(std::move(path)) {}
  absl::StatusOr<Entries> Read() const;
  absl::StatusOr<Entries> Parse(std::string_view text) const;
  absl::Status ParseLine(std::string_view line, int number, Entries* entries) const;

  const std::string path_;
  mutable absl::Mutex mu_;
  std::shared_ptr<const Entries> entries_ ABSL_GUARDED_BY(mu_);
};

// SCOPE_MISSING if `held` does not reach what the method needs.
absl::Status CheckScope(Scope held, const Method& method);

}  // namespace voxeld
