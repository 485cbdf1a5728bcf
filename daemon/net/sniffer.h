// A new connection until its first bytes say what it speaks. The bytes stay in the socket for
// whoever takes it over.
//
//   {  [  white space    JSON-RPC
//   "PRI "               HTTP/2, which is gRPC
//   "GET /", "POST /"..  HTTP/1.1
//   *  other letters     RESP2: what client libraries send, and lines that people type
//   anything else        answered with one line of JSON-RPC error that names what is spoken, then
//                        closed
//
// Threading: the poller's thread.
#pragma once

#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "daemon/io/poller.h"
#include "daemon/io/unique_fd.h"

namespace voxeld {

enum class Protocol : uint8_t { kUndecided, kJsonRpc, kGrpc, kHttp, kResp, kUnknown };

// Decides on the first bytes (1 to 9 of them are enough).
Protocol Sniff(std::string_view first_bytes);

class Sniffer : public Poller::Handler {
 public:
  // `decided` runs once, with the socket, which the poller no longer watches; not open any more if
  // the peer left.
  using Decided = absl::AnyInvocable<void(UniqueFd, Protocol)>;
  // `may_wait` is asked when the peer has sent nothing for `patience`: false drops it. One that
  // stops within its first bytes is dropped anyway.
  Sniffer(Poller* poller, UniqueFd fd, absl::Duration patience, absl::AnyInvocable<bool()> may_wait,
          Decided decided);

  // REQUIRES: held by a shared_ptr.
  void Start();
  void OnReady(uint32_t events) override;

 private:
  void Finish(Protocol protocol);
  void SetTimer();

  Poller* const poller_;
  UniqueFd fd_;
  const absl::Duration patience_;
  absl::AnyInvocable<bool()> may_wait_;
  Decided decided_;
  Poller::TimerId timer_;
  bool begun_ = false;
};

// Answers a peer that speaks neither protocol. `spoken` is what this socket speaks.
void RefuseProtocol(int fd, std::string_view spoken);

}  // namespace voxeld
