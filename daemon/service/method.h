// What the dispatcher knows about a method: its types, its name, what it costs, and the plain
// function behind it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/service/call_context.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace voxeld {

struct Services;  // what methods work on: registry, formats, limits (services.h)

// The last two are for administrators: they show or replace whole files.
enum class Access : uint8_t { kRead, kWrite, kAdminRead, kAdminWrite };
// What a caller must be allowed to; each includes the ones before it.
enum class Scope : uint8_t { kRead, kWrite, kAdmin };

constexpr bool Writes(Access access) {
  return access == Access::kWrite || access == Access::kAdminWrite;
}
constexpr Scope ScopeOf(Access access) {
  return access == Access::kRead    ? Scope::kRead
         : access == Access::kWrite ? Scope::kWrite
                                    : Scope::kAdmin;
}

enum class Cost : uint8_t {
  kInline,  // may run on the poller (a write: if its project's strand is free)
  kWorker,  // always on a worker
};

constexpr std::string_view ScopeName(Scope scope) {
  return scope == Scope::kRead ? "read" : scope == Scope::kWrite ? "write" : "admin";
}

// A server stream, pulled by the transport whenever it can take more. Not thread-safe: one Next at
// a time.
class ServerStream {
 public:
  enum class Pull { kMessage, kPending, kEnd };
  virtual ~ServerStream() = default;
  // Fills `message` (cleared before) and returns kMessage; kPending: nothing yet, Arm and come
  // back; kEnd: all sent.
  virtual absl::StatusOr<Pull> Next(google::protobuf::Message* message) = 0;
  // After kPending: `wakeup` runs once, from any thread, as soon as Next is worth another call.
  // Streams that never answer kPending need not implement it.
  virtual void Arm(absl::AnyInvocable<void()> wakeup) { wakeup(); }
  // Whether Next may take long: then it runs on a worker, whatever the method's cost.
  virtual bool costly() const { return false; }
  // `give_up` runs, from any thread and perhaps more than once, when the client takes too little of
  // what there is: the transport then ends the stream with SlowError, without waiting for room.
  virtual void OnSlow(absl::AnyInvocable<void()> give_up) { (void)give_up; }
  // What such a stream ends with: it says where to go on. No Next may run, and what the last one
  // gave must still be sent.
  virtual absl::Status SlowError() const { return absl::OkStatus(); }
};

// A client stream, fed part by part. Ends with Finish; dropping it without Finish changes nothing.
class ClientStream {
 public:
  virtual ~ClientStream() = default;
  virtual absl::Status Accept(const google::protobuf::Message& part) = 0;
  // All parts were accepted and the client half-closed. UPLOAD_INCOMPLETE if the last part was not
  // marked.
  virtual absl::Status Finish(google::protobuf::Message* response) = 0;
  // The project whose strand Finish must run on; empty: any thread.
  virtual std::string project() const { return {}; }
};

using UnaryFn = absl::Status (*)(Services&, CallContext&, const google::protobuf::Message&,
                                 google::protobuf::Message*);
using OpenServerStreamFn = absl::StatusOr<std::unique_ptr<ServerStream>> (*)(
    Services&, CallContext&, const google::protobuf::Message&);
using OpenClientStreamFn = absl::StatusOr<std::unique_ptr<ClientStream>> (*)(Services&,
                                                                             CallContext&);

struct Method {
  size_t index = 0;       // in the table
  std::string name;       // "voxel.apply_edits"
  std::string grpc_path;  // "/voxeld.v1.VoxelService/ApplyEdits"
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  const google::protobuf::Message* request = nullptr;  // prototypes
  const google::protobuf::Message* response = nullptr;
  Access access = Access::kRead;
  Cost cost = Cost::kInline;
  bool (*cheap)(const google::protobuf::Message&) =
      nullptr;  // kInline: whether this request is; null: every one
  // The request's `project` field, where a unary write runs on that project's strand; null
  // otherwise.
  const google::protobuf::FieldDescriptor* strand_field = nullptr;
  // The request's `project`; null if it has none, or the method opens none.
  std::string_view (*project)(const google::protobuf::Message&) = nullptr;
  std::variant<UnaryFn, OpenServerStreamFn, OpenClientStreamFn> run;

  bool unary() const { return std::holds_alternative<UnaryFn>(run); }
  bool server_stream() const { return std::holds_alternative<OpenServerStreamFn>(run); }
  bool client_stream() const { return std::holds_alternative<OpenClientStreamFn>(run); }
};

}  // namespace voxeld
