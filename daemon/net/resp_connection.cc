#include "daemon/net/resp_connection.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "daemon/net/call_log.h"
#include "daemon/wire/resp_reply.h"
#include "voxel/base/check.h"
#include "voxel/base/error.h"
#include "voxel/base/short_text.h"

namespace voxeld {
namespace {

const Method& MethodNamed(const Dispatcher& dispatcher, std::string_view name) {
  const Method* method = dispatcher.methods().FindByName(name);
  VOXEL_CHECK(method != nullptr);
  return *method;
}

bool SameWord(std::string_view word, std::string_view lower) {
  if (word.size() != lower.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (absl::ascii_tolower(static_cast<unsigned char>(word[i])) != lower[i]) return false;
  }
  return true;
}

}  // namespace

RespConnection::RespConnection(const RespDoor* door, UniqueFd fd, std::string peer,
                               absl::AnyInvocable<void()> closed)
    : ByteConnection(door->calls->poller, door->limits, std::move(fd), std::move(closed)),
      door_(door),
      peer_(std::move(peer)),
      set_(MethodNamed(*door->calls->dispatcher, "voxel.set")),
      get_(MethodNamed(*door->calls->dispatcher, "voxel.get")),
      edit_(MethodNamed(*door->calls->dispatcher, "voxel.apply_edits")),
      parser_(door->resp) {}

bool RespConnection::MayTake() const {
  return taking() && waiting_ == nullptr && replies_.size() < door_->max_in_flight &&
         unsent() + replies_.text_bytes() < limits().soft_output_bytes;
}

size_t RespConnection::Take(std::string_view bytes) {
  now_ns_ = 0;
  size_t taken = 0;
  while (MayTake() && taken < bytes.size()) {
    const RespParser::State state = parser_.Feed(bytes.substr(taken));
    if (state == RespParser::State::kWaiting) break;
    if (state == RespParser::State::kError) {
      StartSets();
      AppendRespError(voxel::ShortText("Protocol error: ", parser_.error()), Reply());
      RefuseTheRest();
      break;
    }
    TookOne();
    if (!parser_.arguments().empty()) Handle(parser_.arguments());
    taken += parser_.size();
    parser_.Next();
  }
  StartSets();
  return taken;
}

void RespConnection::Handle(Arguments arguments) {
  for (const Command& command : Commands()) {
    if (!SameWord(arguments[0], command.name)) continue;
    if (command.handler != &RespConnection::Set) StartSets();
    const auto count = static_cast<int>(arguments.size());
    if (count >= command.least && (count <= command.most || command.most == 0)) {
      return (this->*command.handler)(arguments);
    }
    return AppendRespError(
        voxel::ShortText("wrong number of arguments for '", command.name, "' command"), Reply());
  }
  StartSets();
  AppendRespError(voxel::ShortText("unknown command '", arguments[0].substr(0, 80),
                                   "'; there are PING, ECHO, VOXEL.SET, VOXEL.GET, VOXEL.MSET, and "
                                   "CALL METHOD JSON for all others"),
                  Reply());
}

std::string* RespConnection::Reply() { return replies_.Text(out()); }

void RespConnection::Refuse(const Method* method, const absl::Status& status) {
  door_->calls->dispatcher->CountRefused(method, Door::kResp, status);
  LogFailedCall(*door_->calls->log, method != nullptr ? method->name : "-", peer_, status);
  AppendRespStatus(status, Reply());
}

std::unique_ptr<UnaryCall> RespConnection::TakeCall(const Method& method) {
  return door_->calls->Take(method, Door::kResp, peer_);
}

void RespConnection::StartCall(std::unique_ptr<UnaryCall> call, RespForm form, uint32_t count) {
  UnaryCall* const started = call.get();
  replies_.Add(std::move(call), form, count);
  if (order_.MayStart(started->call_class())) {
    Run(started);
    Emit();
  } else {
    waiting_ = started;
  }
}

void RespConnection::Run(UnaryCall* call) {
  order_.Started(call->call_class());
  call->context().began_ns = now_ns_;
  call->Start(std::static_pointer_cast<RespConnection>(shared_from_this()));
  now_ns_ = call->ended() ? call->context().ended_ns : 0;
}

void RespConnection::StartSets() {
  if (sets_ != nullptr) StartCall(std::move(sets_), RespForm::kOk, std::exchange(sets_count_, 0));
}

void RespConnection::CallEnded(UnaryCall*) {
  order_.Finished();
  WorkSoon();
}

void RespConnection::Emit() {
  replies_.Emit(out(),
                [this](std::unique_ptr<UnaryCall> call) { door_->calls->Give(std::move(call)); });
}

void RespConnection::Work() {
  now_ns_ = 0;
  Emit();
  if (waiting_ == nullptr || !order_.MayStart(waiting_->call_class())) return;
  Run(std::exchange(waiting_, nullptr));
  Emit();
}

void RespConnection::TooSlow() {
  AppendRespError(
      voxel::ShortText("a command was not complete after ", absl::FormatDuration(limits().partial)),
      Reply());
}

void RespConnection::CancelAll() {
  replies_.ForEachCall([](UnaryCall& call) {
    if (!call.ended()) call.context().cancel.Cancel();
  });
}

}  // namespace voxeld
