// One connection of a Redis client: its commands, and their replies in order.
//
// Commands:  what clients ask of any server (PING, HELLO, COMMAND ...) is answered here; VOXEL.SET,
//            VOXEL.GET, VOXEL.MSET and CALL are calls like those of every door.
// Order:     CallOrder says what may run at once; a command that has to wait holds up those behind
//            it.
// Batches:   VOXEL.SETs of one layer that come in one round are one revision, and VOXEL.GETs one
//            read; see RespBatches.
// Threading: the poller's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "daemon/net/byte_connection.h"
#include "daemon/net/resp_door.h"
#include "daemon/net/unary_call.h"

namespace voxeld {

class RespConnection : public ByteConnection, public UnaryCallOwner, public RespBatch::Member {
 public:
  // `peer` is who is there.
  RespConnection(RespDoor* door, UniqueFd fd, std::string peer, absl::AnyInvocable<void()> closed);

  void CancelAll() override;
  void CallEnded(UnaryCall* call) override;
  void BatchEnded() override;

 protected:
  size_t Take(std::string_view bytes) override;
  bool MayTake() const override;
  void Work(bool round_ends) override;
  bool AwaitsRoundEnd() const override { return InOpenSets() || InOpenGets(); }
  bool Busy() const override { return work_ != nullptr && !work_->replies.empty(); }
  bool Partial(size_t rest) const override { return rest > 0; }
  void TooSlow() override;
  void PeerGone() override;
  const Log& log() const override { return *door_->calls->log; }

 private:
  using Arguments = absl::Span<const std::string_view>;
  using Handler = void (RespConnection::*)(Arguments);
  struct Command {
    std::string_view name;  // in lower case
    int least, most;        // arguments, the name among them; most 0: any number
    Handler handler;
  };
  static absl::Span<const Command> Commands();

  void Handle(Arguments arguments);
  void Ping(Arguments arguments);
  void Echo(Arguments arguments);
  void Hello(Arguments arguments);
  void ListCommands(Arguments arguments);
  void Config(Arguments arguments);
  void Info(Arguments arguments);
  void Client(Arguments arguments);
  void Select(Arguments arguments);
  void Auth(Arguments arguments);
  void Quit(Arguments arguments);
  void Drop(Arguments arguments);
  void Set(Arguments arguments);
  void Get(Arguments arguments);
  void SetMany(Arguments arguments);
  void Call(Arguments arguments);

  // Whether the batch that is open has commands of this connection.
  bool InOpenSets() const { return joined_sets_ != 0 && joined_sets_ == door_->sets.turn(); }
  bool InOpenGets() const { return joined_gets_ != 0 && joined_gets_ == door_->gets.turn(); }
  RespWork& work();
  // Gives it back once there is nothing to do.
  void EndWork();
  // Where the reply to the command at hand goes.
  std::string* Reply();
  void Refuse(const Method* method, const absl::Status& status);
  std::unique_ptr<UnaryCall> TakeCall(const Method& method);
  void StartCall(std::unique_ptr<UnaryCall> call, RespForm form);
  void Run(UnaryCall* call);
  // Puts a command into a batch of its method; `joined`: the last batch of these that it had one
  // in.
  template <typename Request>
  void Batch(RespBatches<Request>& batches, uint64_t& joined, CallClass call_class, RespForm form,
             const RespVoxelCommand& command);
  // Starts the open batches with commands of this connection.
  void StartBatches();
  void Emit();

  RespDoor* const door_;
  const std::string peer_;
  std::string name_;  // as CLIENT SETNAME said

  std::unique_ptr<RespWork> work_;  // null while there is nothing to do
  CallOrder order_;
  bool starting_ = false;         // in Work, before the replies: a batch that ends needs no wake
  UnaryCall* waiting_ = nullptr;  // not started yet: it may not run beside what runs
  // The turns of the last batches with commands of this connection.
  uint64_t joined_sets_ = 0;
  uint64_t joined_gets_ = 0;
  int64_t now_ns_ = 0;  // when the call before ended, if this one is taken up right behind it
};

}  // namespace voxeld
