// One connection of a Redis client: its commands, and their replies in order.
//
// Commands:  what clients ask of any server (PING, HELLO, COMMAND ...) is answered here; VOXEL.SET,
//            VOXEL.GET, VOXEL.MSET and CALL are calls like those of every door.
// Order:     CallOrder says what may run at once; a command that has to wait holds up those behind
//            it.
// Revisions: VOXEL.SETs of one layer that come together, one behind the other, are one revision.
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

class RespConnection : public ByteConnection, public UnaryCallOwner {
 public:
  // `peer` is who is there.
  RespConnection(RespDoor* door, UniqueFd fd, std::string peer, absl::AnyInvocable<void()> closed);

  void CancelAll() override;
  void CallEnded(UnaryCall* call) override;

 protected:
  size_t Take(std::string_view bytes) override;
  bool MayTake() const override;
  void Work() override;
  bool Busy() const override { return work_ != nullptr && !work_->replies.empty(); }
  bool Partial(size_t rest) const override { return rest > 0; }
  void TooSlow() override;
  void PeerGone() override { CancelAll(); }

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
  void Client(Arguments arguments);
  void Select(Arguments arguments);
  void Auth(Arguments arguments);
  void Quit(Arguments arguments);
  void Drop(Arguments arguments);
  void Set(Arguments arguments);
  void Get(Arguments arguments);
  void SetMany(Arguments arguments);
  void Call(Arguments arguments);

  RespWork& work();
  // Gives it back once there is nothing to do.
  void EndWork();
  // Where the reply to the command at hand goes.
  std::string* Reply();
  void Refuse(const Method* method, const absl::Status& status);
  std::unique_ptr<UnaryCall> TakeCall(const Method& method);
  void StartCall(std::unique_ptr<UnaryCall> call, RespForm form, uint32_t count);
  void Run(UnaryCall* call);
  void StartSets();
  void Emit();

  RespDoor* const door_;
  const std::string peer_;
  const Method& set_;
  const Method& get_;
  const Method& edit_;
  std::string name_;  // as CLIENT SETNAME said

  std::unique_ptr<RespWork> work_;  // null while there is nothing to do
  CallOrder order_;
  UnaryCall* waiting_ = nullptr;     // not started yet: it may not run beside what runs
  std::unique_ptr<UnaryCall> sets_;  // VOXEL.SETs that came together
  uint32_t sets_count_ = 0;
  int64_t now_ns_ = 0;  // when the call before ended, if this one is taken up right behind it
};

}  // namespace voxeld
