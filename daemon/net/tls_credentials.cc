#include "daemon/net/tls_credentials.h"

#include <errno.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <sys/stat.h>

#include <algorithm>
#include <system_error>

#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::StrCat;

struct Close {
  void operator()(FILE* file) const { fclose(file); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using File = std::unique_ptr<FILE, Close>;
using Certificate = std::unique_ptr<X509, Close>;
using Key = std::unique_ptr<EVP_PKEY, Close>;

absl::StatusOr<File> Open(const std::string& path) {
  File file(fopen(path.c_str(), "re"));
  if (file != nullptr) return file;
  return absl::NotFoundError(StrCat(path, ": ", std::generic_category().message(errno)));
}

absl::StatusOr<Certificate> ReadCertificate(const std::string& path) {
  VOXEL_ASSIGN_OR_RETURN(const File file, Open(path));
  Certificate certificate(PEM_read_X509(file.get(), nullptr, nullptr, nullptr));
  if (certificate != nullptr) return certificate;
  return absl::InvalidArgumentError(StrCat(path, ": holds no certificate in PEM"));
}

// Asks nobody for the password of a key that has one.
int NoPassword(char*, int, int, void*) { return 0; }

absl::StatusOr<Key> ReadKey(const std::string& path) {
  VOXEL_ASSIGN_OR_RETURN(const File file, Open(path));
  struct stat found;
  if (fstat(fileno(file.get()), &found) == 0 && (found.st_mode & 07) != 0) {
    return absl::FailedPreconditionError(
        StrCat(path, ": every user of this machine may read the key; 0600 or 0640 is needed"));
  }
  Key key(PEM_read_PrivateKey(file.get(), nullptr, &NoPassword, nullptr));
  if (key != nullptr) return key;
  return absl::InvalidArgumentError(StrCat(path, ": holds no key in PEM without a password"));
}

absl::Time TimeOf(const ASN1_TIME* time) {
  int days = 0;
  int seconds = 0;
  ASN1_TIME* const epoch = ASN1_TIME_set(nullptr, 0);
  ASN1_TIME_diff(&days, &seconds, epoch, time);
  ASN1_TIME_free(epoch);
  return absl::UnixEpoch() + absl::Hours(24) * days + absl::Seconds(seconds);
}

absl::Status CheckValid(const X509* certificate, const std::string& path, absl::Time now) {
  const absl::Time from = TimeOf(X509_get0_notBefore(certificate));
  const absl::Time until = TimeOf(X509_get0_notAfter(certificate));
  const auto day = [](absl::Time time) {
    return absl::FormatTime("%Y-%m-%d %H:%M", time, absl::UTCTimeZone());
  };
  if (now >= from && now < until) return absl::OkStatus();
  return absl::FailedPreconditionError(
      StrCat(path, ": the certificate is valid from ", day(from), " to ", day(until), " UTC"));
}

}  // namespace

absl::Status CheckTlsFiles(const TlsFiles& files, absl::Time now) {
  VOXEL_ASSIGN_OR_RETURN(const Certificate certificate, ReadCertificate(files.certificate));
  VOXEL_RETURN_IF_ERROR(CheckValid(certificate.get(), files.certificate, now));
  VOXEL_ASSIGN_OR_RETURN(const Key key, ReadKey(files.key));
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return absl::FailedPreconditionError(
        StrCat(files.key, ": is not the key of the certificate in ", files.certificate));
  }
  if (files.client_ca.empty()) return absl::OkStatus();
  return ReadCertificate(files.client_ca).status();
}

absl::Time TlsExpiry(const TlsFiles& files) {
  const auto certificate = ReadCertificate(files.certificate);
  if (!certificate.ok()) return absl::InfinitePast();  // it was replaced by nothing meanwhile
  return TimeOf(X509_get0_notAfter(certificate->get()));
}

// What gRPC 1.51 wants: docs/decisions/0033-tls.md.
std::shared_ptr<grpc::ServerCredentials> TlsCredentials(const TlsFiles& files,
                                                        absl::Duration refresh) {
  const auto seconds = static_cast<unsigned>(std::max<int64_t>(1, absl::ToInt64Seconds(refresh)));
  auto provider = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      files.key, files.certificate, files.client_ca, seconds);
  grpc::experimental::TlsServerCredentialsOptions options(provider);
  options.watch_identity_key_cert_pairs();
  if (files.client_ca.empty()) {
    options.set_cert_request_type(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  } else {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace voxeld
