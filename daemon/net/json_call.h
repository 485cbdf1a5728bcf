// One JSON-RPC call, from its line to its reply: reads the arguments, runs the method, writes the
// answer.
//
// Threading: lives on the poller's thread; while it runs, whichever thread works for it. Its result
//            is written by the thread that ends it and read on the poller's thread after
//            JsonCallOwner::CallEnded.
// Ownership: belongs to its connection, which lives on until the call has ended.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/memory/area.h"
#include "daemon/net/answer_area.h"
#include "daemon/net/call_order.h"
#include "daemon/service/dispatcher.h"
#include "daemon/wire/json_codec.h"

namespace voxeld {

class JsonCall;

// The connection, as its calls see it.
class JsonCallOwner {
 public:
  virtual ~JsonCallOwner() = default;
  // The call has its result. Any thread; once per started call.
  virtual void CallEnded(JsonCall* call) = 0;
  // A long call got on. Any thread, before CallEnded.
  virtual void CallProgress(const JsonCall& call, double fraction) = 0;
};

class JsonCall {
 public:
  JsonCall() = default;
  JsonCall(std::string_view id, const Method* method) : JsonCall() { Begin(id, method); }

  // `id` is the raw token, empty for a notification; `method` is nullptr for what is answered
  // without running. REQUIRES: new, or recycled.
  void Begin(std::string_view id, const Method* method);
  // As new, but for the memory that it keeps. REQUIRES: nothing runs for it any more.
  void Recycle();

  const std::string& id() const { return id_; }
  bool notification() const { return id_.empty(); }
  const Method* method() const { return method_; }
  CallContext& context() { return context_; }

  std::unique_ptr<google::protobuf::Message> request;
  // An empty one of the method's type from Begin on.
  google::protobuf::Message* response() { return response_; }
  // What the answer takes; nothing if it is made elsewhere, or there is none.
  std::optional<AreaCounts::Use> AnswerUse() const { return answer_.use(); }
  size_t held_bytes = 0;     // about what the messages hold
  int64_t subscription = 0;  // the number of the stream that it opened
  bool ended = false;        // it has its result, and nothing runs for it any more

  // The reply queue's: who comes next, and whether a line begins here.
  enum class Place : uint8_t { kWithinLine, kBeginsLine, kBeginsBatch };
  JsonCall* next = nullptr;
  Place place = Place::kBeginsLine;

  // Reads the arguments into `request` right away; text that is large or an upload is kept for the
  // run.
  //   INVALID_FIELD  `params` is an array for a method that takes an object
  //   and JsonReader's errors
  absl::Status TakeParams(std::string_view params, JsonReader* reader);
  // Large texts are read by a worker; such writes run alone, since they reach their strand late.
  CallClass call_class() const;

  // Runs the method; the owner is told when it has ended, perhaps before this returns.
  void Start(std::shared_ptr<JsonCallOwner> owner, Dispatcher* dispatcher, JsonReader* reader);
  // Before Start: long work is to be reported, at most every 100 ms; of a stream until it is open,
  // then its items tell.
  void WantProgress();
  // The owner that Start took; REQUIRES: CallEnded was called, and this is the first time.
  std::shared_ptr<JsonCallOwner> ReleaseOwner() { return std::move(owner_); }

  // The result.
  const absl::Status& status() const { return status_; }
  std::unique_ptr<ServerStream> TakeStream() { return std::move(stream_); }
  std::string reply;  // the line without its end; empty for notifications

  // Makes the reply here and now.
  void Refuse(const absl::Status& status, int code = 0);  // code 0: the status' own
  void Answer(std::string_view result_json);

 private:
  bool NeedsWorker() const;
  void Run(JsonReader* reader, Dispatcher::Inline may_inline);
  absl::Status ReadKeptParams(JsonReader* reader);
  absl::Status Upload(JsonReader* reader);
  void End(const absl::Status& status);

  std::string id_;
  const Method* method_ = nullptr;
  CallContext context_;
  AnswerArea answer_;                                // of a unary call
  std::unique_ptr<google::protobuf::Message> item_;  // of a stream, item after item
  google::protobuf::Message* response_ = nullptr;    // in the one or the other
  std::optional<Area::Hold> running_;                // from Start to the end
  std::string params_;                               // kept for the run
  bool params_kept_ = false;

  // While running.
  std::shared_ptr<JsonCallOwner> owner_;
  Dispatcher* dispatcher_ = nullptr;
  std::unique_ptr<ClientStream> upload_;

  absl::Status status_;
  std::unique_ptr<ServerStream> stream_;
};

}  // namespace voxeld
