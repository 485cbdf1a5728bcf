#include "daemon/net/resp_connection.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "daemon/net/call_log.h"
#include "daemon/wire/resp_reply.h"
#include "voxel/base/error.h"
#include "voxel/base/short_text.h"

namespace voxeld {
namespace {

bool SameWord(std::string_view word, std::string_view lower) {
  if (word.size() != lower.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (absl::ascii_tolower(static_cast<unsigned char>(word[i])) != lower[i]) return false;
  }
  return true;
}

}  // namespace

RespConnection::RespConnection(RespDoor* door, UniqueFd fd, std::string peer,
                               absl::AnyInvocable<void()> closed)
    : ByteConnection(door->calls->poller, door->calls->buffers, door->limits, std::move(fd),
                     std::move(closed)),
      door_(door),
      peer_(std::move(peer)) {}

RespWork& RespConnection::work() {
  if (work_ == nullptr) work_ = door_->spares.Take();
  if (work_ == nullptr) work_ = std::make_unique<RespWork>(door_->resp);
  return *work_;
}

void RespConnection::EndWork() {
  if (work_ == nullptr || Busy() || work_->parser.begun()) return;
  door_->spares.Give(std::move(work_));
}

bool RespConnection::MayTake() const {
  if (!taking() || waiting_ != nullptr) return false;
  const size_t text_bytes = work_ != nullptr ? work_->replies.text_bytes() : 0;
  const bool room = work_ == nullptr || (work_->replies.size() < door_->max_in_flight &&
                                         work_->replies.commands() < door_->max_commands);
  return room && unsent() + text_bytes < limits().soft_output_bytes;
}

size_t RespConnection::Take(std::string_view bytes) {
  now_ns_ = 0;
  size_t taken = 0;
  RespParser& parser = work().parser;
  while (MayTake() && taken < bytes.size()) {
    const RespParser::State state = parser.Feed(bytes.substr(taken));
    if (state == RespParser::State::kWaiting) break;
    if (state == RespParser::State::kError) {
      StartBatches();
      AppendRespError(voxel::ShortText("Protocol error: ", parser.error()), Reply());
      RefuseTheRest();
      break;
    }
    TookOne();
    if (!parser.arguments().empty()) Handle(parser.arguments());
    taken += parser.size();
    parser.Next();
  }
  return taken;
}

void RespConnection::Handle(Arguments arguments) {
  for (const Command& command : Commands()) {
    if (!SameWord(arguments[0], command.name)) continue;
    const bool batched =
        command.handler == &RespConnection::Set || command.handler == &RespConnection::Get;
    if (!batched) StartBatches();
    const auto count = static_cast<int>(arguments.size());
    if (count >= command.least && (count <= command.most || command.most == 0)) {
      return (this->*command.handler)(arguments);
    }
    return AppendRespError(
        voxel::ShortText("wrong number of arguments for '", command.name, "' command"), Reply());
  }
  StartBatches();
  AppendRespError(voxel::ShortText("unknown command '", arguments[0].substr(0, 80),
                                   "'; there are PING, ECHO, VOXEL.SET, VOXEL.GET, VOXEL.MSET, and "
                                   "CALL METHOD JSON for all others"),
                  Reply());
}

std::string* RespConnection::Reply() { return work().replies.Text(out()); }

void RespConnection::Refuse(const Method* method, const absl::Status& status) {
  door_->calls->dispatcher->CountRefused(method, Door::kResp, status);
  LogFailedCall(*door_->calls->log, method != nullptr ? method->name : "-", peer_, status);
  AppendRespStatus(status, Reply());
}

std::unique_ptr<UnaryCall> RespConnection::TakeCall(const Method& method) {
  return door_->calls->Take(method, Door::kResp, peer_);
}

void RespConnection::StartCall(std::unique_ptr<UnaryCall> call, RespForm form) {
  UnaryCall* const started = call.get();
  work().replies.Add(std::move(call), form);
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

// What follows is to see them, and replies come in order.
void RespConnection::StartBatches() {
  const bool sets = InOpenSets();
  const bool gets = InOpenGets();
  if (sets) door_->sets.Start();
  if (gets) door_->gets.Start();
  if (sets || gets) Emit();
}

void RespConnection::BatchEnded() {
  order_.Finished();
  if (!starting_) WorkSoon();
}

void RespConnection::CallEnded(UnaryCall*) {
  order_.Finished();
  WorkSoon();
}

void RespConnection::Emit() {
  if (!Busy()) return;
  work_->replies.Emit(out(), [this](RespReplies::Emitted emitted) {
    if (emitted.batch == nullptr) return door_->calls->Give(std::move(emitted.call));
    if (emitted.form == RespForm::kOk) return door_->sets.Give(std::move(emitted.batch));
    door_->gets.Give(std::move(emitted.batch));
  });
}

void RespConnection::Work(bool round_ends) {
  now_ns_ = 0;
  if (round_ends) {  // nothing more comes to them
    starting_ = true;
    door_->sets.Start();
    door_->gets.Start();
    starting_ = false;
  }
  Emit();
  if (waiting_ != nullptr && order_.MayStart(waiting_->call_class())) {
    Run(std::exchange(waiting_, nullptr));
    Emit();
  }
  EndWork();
}

void RespConnection::TooSlow() {
  AppendRespError(
      voxel::ShortText("a command was not complete after ", absl::FormatDuration(limits().partial)),
      Reply());
}

void RespConnection::PeerGone() {
  StartBatches();  // there may be no round's end for us
  CancelAll();
}

// Batches go on: they may be others', too.
void RespConnection::CancelAll() {
  if (work_ == nullptr) return;
  work_->replies.ForEachCall([](UnaryCall& call) {
    if (!call.ended()) call.context().cancel.Cancel();
  });
}

}  // namespace voxeld
