// A client of unary calls over gRPC, one at a time.
//
// Errors: printed, and the program ends with 1; a call that fails is one, too.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <string>

#include "bench/latencies.h"

namespace voxeld::bench {

class UnaryClient {
 public:
  // Connects to the server at the Unix socket `path`; each client has a connection of its own.
  // Every call is of `method` ("/package.Service/Method") and sends `request`, a message as it goes
  // over the wire.
  UnaryClient(const std::string& path, const std::string& method, const std::string& request);

  void Call();
  // Calls again and again.
  void Run(double seconds, Latencies* latencies);

 private:
  const std::string method_;
  const grpc::Slice request_;
  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
};

}  // namespace voxeld::bench
