// TLS for the gRPC door on TCP, from PEM files that are watched: a certificate that is renewed is
// used from its file's next look on, without a restart and without ending a connection.
//
// Threading: gRPC looks at the files on a thread of its own.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace voxeld {

struct TlsFiles {
  std::string certificate;  // ours, then those between it and the authority
  std::string key;          // of ours, without a password
  std::string client_ca;    // authorities of clients' certificates; empty: clients show none
};

// Whether a server could start with the files: gRPC itself says so only by failing every handshake.
//   NotFound            a file cannot be read
//   FailedPrecondition  the key's file can be read by everybody, the certificate is not valid yet
//                       or any more, or the key is not the certificate's
//   InvalidArgument     a file holds no certificate or key in PEM
// Each message begins with the file's name.
absl::Status CheckTlsFiles(const TlsFiles& files, absl::Time now);

// Until when our certificate is valid. REQUIRES: CheckTlsFiles.
absl::Time TlsExpiry(const TlsFiles& files);

// REQUIRES: CheckTlsFiles. With a `client_ca`, clients without a certificate of it are refused.
std::shared_ptr<grpc::ServerCredentials> TlsCredentials(const TlsFiles& files,
                                                        absl::Duration refresh);

}  // namespace voxeld
