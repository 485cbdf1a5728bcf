// Calls over gRPC without generated stubs: any method, any kind of stream, one operation after the
// other.
//
// Threading: one thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "clients/api/api.h"
#include "grpcpp/channel.h"
#include "grpcpp/generic/generic_stub.h"

namespace voxctl {

// What went wrong, as a person or a script wants it.
struct Failure {
  std::string code;    // "NOT_FOUND"
  std::string reason;  // "PROJECT_NOT_FOUND"; empty if voxeld did not answer
  std::string field;   // the argument at fault
  std::string message;
};

// 0 ok, 1 failed, 2 usage, 3 not found, 4 conflict or precondition, 5 unavailable or too late, 6
// denied, 7 over a limit.
int ExitCode(const Failure& failure);

// $VOXELD_SOCKET, else $XDG_RUNTIME_DIR/voxeld/voxeld.sock, else /run/voxeld/voxeld.sock.
std::string DefaultSocket();

class Connection {
 public:
  // `socket` is a path, or host:port of the TCP listener. Nothing is sent yet. A call may take
  // `timeout`, 0: any time; without one, half a minute if it has one answer, any time if it streams
  // them. A daemon that is not there is waited for so long.
  Connection(std::string socket, std::optional<std::chrono::milliseconds> timeout,
             std::chrono::milliseconds wait);

  using Message = google::protobuf::Message;
  // Gives the next part of a client stream, nullptr at its end.
  using NextPart = std::function<std::unique_ptr<Message>()>;
  // Takes a response; false to stop the stream.
  using OnResponse = std::function<bool(const Message&)>;

  // Runs one call to its end. False, and *failure, if it failed.
  bool Call(const voxapi::Api& api, const voxapi::ApiMethod& method, const NextPart& next_part,
            const OnResponse& on_response, Failure* failure);
  // The same for one request.
  bool Call(const voxapi::Api& api, const voxapi::ApiMethod& method, const Message& request,
            const OnResponse& on_response, Failure* failure);

 private:
  bool Connect(Failure* failure);

  const std::string socket_;
  const std::optional<std::chrono::milliseconds> timeout_;
  const std::chrono::milliseconds wait_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<grpc::GenericStub> stub_;
};

}  // namespace voxctl
