// One gRPC call, from the moment a client may make it until its last event: a chain of operations,
// one at a time.
//
// Threading: events come on the server's queue thread; between them the dispatcher may run the
//            method on another, which then starts the next operation. Only "the client is gone"
//            comes beside them.
// Ownership: deletes itself when its last operation and gRPC's "done" notice are back.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/net/grpc_server.h"
#include "google/protobuf/arena.h"

namespace voxeld {

class GrpcCall {
 public:
  explicit GrpcCall(GrpcServer* server);  // waits for a client
  // Handles an event of the queue.
  static void Run(void* tag, bool ok);
  // A stream that only waits ends with SHUTTING_DOWN, one that watches health hears of it. Queue
  // thread.
  void Drain();

 private:
  using Step = void (GrpcCall::*)(bool ok);
  // What gRPC's own tools ask, beside the methods of the table.
  enum class Control : uint8_t { kNone, kHealthCheck, kHealthWatch, kReflection };
  static Control ControlAt(std::string_view path);
  struct Tag {
    GrpcCall* call = nullptr;
    Step step = nullptr;
  };
  // What wakes an armed stream: outlives the call if the stream's source holds on to it.
  struct Waker {
    absl::Mutex mu;
    GrpcCall* call ABSL_GUARDED_BY(mu) = nullptr;
  };

  // The stream while an item of it is on its way to the client and nobody pulls: then it may be
  // given up from any thread.
  struct Parking {
    absl::Mutex mu;
    std::unique_ptr<ServerStream> stream ABSL_GUARDED_BY(mu);
    absl::Status slow ABSL_GUARDED_BY(mu);  // what it was given up with
  };

  ~GrpcCall() = default;
  void* Then(Step step);
  void Later(Step step);  // on the queue's thread

  void OnAccepted(bool ok);
  void OnRequest(bool ok);
  void OnPart(bool ok);
  void OnWritten(bool ok);
  void OnPending(bool ok);
  void OnWoken(bool ok);
  void OnQuestion(bool ok);
  void OnAnswered(bool ok);
  void OnDone(bool ok);
  void OnFinished(bool ok);

  absl::Status TakeMessage();
  absl::Status Identify();
  absl::StatusOr<std::string> AnswerControl();
  void Say(const std::string& bytes, bool last);
  void OpenUpload();
  void BeginStream(std::unique_ptr<ServerStream> stream);
  void Park();
  absl::Status Unpark();
  void Pull();
  void Pulled(const absl::StatusOr<ServerStream::Pull>& pull);
  bool Disarm();
  void Answer(const absl::Status& status);
  // The response as bytes, which count as the peer's until they are sent. OVERLOADED if there are
  // too many of it that are not.
  absl::Status PrepareAnswer();
  absl::Status PrepareItem();
  absl::Status Unread(size_t size) const;
  // Lets go of all that the answer was made from: it may wait long until somebody reads it.
  void FreeMessages();
  void Count(size_t bytes_in, size_t bytes_out);
  void Refuse(const absl::Status& status);
  void Fail(const absl::Status& status);
  void Release();

  GrpcServer* const server_;
  grpc::GenericServerContext grpc_context_;
  grpc::GenericServerAsyncReaderWriter io_;
  grpc::ByteBuffer buffer_;
  Tag next_, done_;
  Control control_ = Control::kNone;
  bool watches_health_ = false;  // and nothing is on its way. Queue thread
  bool began_ = false;
  int awaited_ =
      2;  // events that must come before this can go: the last operation, and "done". Queue thread

  google::protobuf::Arena arena_;
  const Method* method_ = nullptr;
  Scope scope_ = Scope::kAdmin;  // what the caller's token allows
  CallContext context_;
  google::protobuf::Message* request_ = nullptr;
  google::protobuf::Message* response_ = nullptr;
  std::unique_ptr<ServerStream> stream_;
  std::shared_ptr<Parking> parking_;  // outlives the call if the stream's source holds on to it
  std::unique_ptr<ClientStream> upload_;
  std::optional<PeerWaits::Turn> unsent_;
  bool has_sent_ = false;  // an item of the stream

  std::shared_ptr<Waker> waker_;  // set while the stream is armed. Queue thread
  grpc::Alarm alarm_;
};

}  // namespace voxeld
