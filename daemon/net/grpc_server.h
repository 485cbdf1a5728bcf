// One gRPC server without a port: every method of the table through one generic handler, on one
// completion-queue thread. Cheap methods run on that thread, the others on workers, which finish
// their calls themselves.
//
// Source:    what gRPC 1.51 does and does not do is in docs/decisions/0011-grpc-door.md.
// Threading: Adopt, Shutdown from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include <grpc/support/time.h>
#include <grpcpp/alarm.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/io/unique_fd.h"
#include "daemon/net/token_guard.h"
#include "daemon/runtime/steady_cond_var.h"
#include "daemon/service/dispatcher.h"
#include "daemon/service/peer_waits.h"
#include "daemon/stats/log.h"

namespace voxeld {

class GrpcCall;

// By the clock that gRPC sleeps by, which nobody sets.
inline gpr_timespec GrpcNow() { return gpr_now(GPR_CLOCK_MONOTONIC); }

struct GrpcDoor {
  Dispatcher* dispatcher = nullptr;
  const Log* log = nullptr;
  int64_t max_message_bytes = int64_t{16} << 20;
  int max_streams = 1024;                     // calls at once on one connection
  int64_t output_bytes = int64_t{256} << 20;  // answers that one peer has not read yet
};

// Who the calls of one server come from, and how they show it.
struct GrpcPeer {
  std::string name;                                      // "uid:1000", "tcp"
  std::shared_ptr<grpc::ServerCredentials> credentials;  // TLS; null: none
  absl::Duration handshake_timeout = absl::Seconds(10);  // with TLS
  const TokenGuard* tokens = nullptr;  // whose tokens each call must show; null: none is asked for
};

class GrpcServer {
 public:
  static std::unique_ptr<GrpcServer> Start(const GrpcDoor& door, GrpcPeer peer);
  ~GrpcServer();  // REQUIRES: Shutdown was called, or no call was ever adopted

  void Adopt(UniqueFd fd);
  // Ends streams that only wait, refuses new calls, returns when the others have ended; cancels
  // them at `deadline` (by voxel::SteadyNow()).
  void Shutdown(absl::Time deadline);

  // For its calls.
  const GrpcDoor& door() const { return door_; }
  const GrpcPeer& peer() const { return peer_; }
  grpc::AsyncGenericService* service() { return &service_; }
  grpc::ServerCompletionQueue* queue() { return queue_.get(); }
  bool OnQueueThread() const {
    return std::this_thread::get_id() == serving_.load(std::memory_order_relaxed);
  }
  // Bytes of answers that are not sent yet, and of items of streams that have begun, which have a
  // share of their own: they are not ended for what others leave unread. From any thread.
  PeerWaits* unsent_answers() { return &unsent_answers_; }
  PeerWaits* unsent_items() { return &unsent_items_; }

  // For its calls, on the queue's thread.
  void Began() ABSL_LOCKS_EXCLUDED(mu_);  // a client made the call
  void Ended() ABSL_LOCKS_EXCLUDED(mu_);
  void Add(GrpcCall* call) { calls_.insert(call); }
  void Remove(GrpcCall* call) { calls_.erase(call); }
  bool draining() const { return draining_; }

 private:
  GrpcServer(const GrpcDoor& door, GrpcPeer peer) : door_(door), peer_(std::move(peer)) {}
  void ShakeHands(grpc::ServerBuilder* builder);
  void Serve();

  const GrpcDoor door_;
  const GrpcPeer peer_;
  grpc::AsyncGenericService service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;  // with TLS
  std::unique_ptr<grpc::Server> server_;
  // A stale read can but differ from the reader's own id.
  std::atomic<std::thread::id> serving_{};
  PeerWaits unsent_answers_{static_cast<size_t>(door_.output_bytes)};
  PeerWaits unsent_items_{static_cast<size_t>(door_.output_bytes)};
  // Queue thread only.
  absl::flat_hash_set<GrpcCall*> calls_;  // including those that wait for a client
  bool draining_ = false;
  absl::Mutex mu_;
  int running_ ABSL_GUARDED_BY(mu_) = 0;
  SteadyCondVar none_running_;
  // Signals to the queue's thread.
  grpc::Alarm drain_, stop_;
  std::thread thread_;
};

}  // namespace voxeld
