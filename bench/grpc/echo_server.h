// The peer of the gRPC door: a server that sends back what it gets, and knows no methods, messages
// or projects. Built as the daemon's is: one generic handler on one completion-queue thread, its
// own acceptor, connections handed over; so what the daemon takes longer is the daemon's.
#pragma once

#include <string>

namespace voxeld::bench {

// Where a server speaks TLS, too; nowhere if `address` ("127.0.0.1:8443") is empty. The certificate
// and its key are PEM files.
struct EchoTls {
  std::string address, certificate, key;
};

// Serves a new Unix socket at `path`, and `tls`, until standard input ends. Prints "ready" once it
// does.
// Errors: printed, and the program ends with 1.
void ServeEcho(const std::string& path, const EchoTls& tls);

}  // namespace voxeld::bench
