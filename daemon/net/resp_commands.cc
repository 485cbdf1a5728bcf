// The commands of a RESP2 connection.
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/ascii.h"
#include "daemon/net/resp_connection.h"
#include "daemon/net/resp_voxel.h"
#include "daemon/wire/resp_reply.h"
#include "voxel/base/error.h"
#include "voxel/base/short_text.h"
#include "voxel/base/status_macros.h"
#include "voxeld/v1/voxel.pb.h"

namespace voxeld {
namespace {

std::string Lower(std::string_view word) {
  return absl::AsciiStrToLower({word.data(), word.size()});
}

void AppendPair(std::string_view name, std::string_view value, std::string* out) {
  AppendRespBulk(name, out);
  AppendRespBulk(value, out);
}

// Gives `add` the voxels that the words say, four words each, until it takes one no more.
// INVALID_FIELD.
absl::Status ForEachVoxel(absl::Span<const std::string_view> words,
                          absl::FunctionRef<bool(const RespVoxel&)> add) {
  for (size_t i = 0; i < words.size(); i += 4) {
    RespVoxel voxel{.xyz = {}, .color = words[i + 3]};
    VOXEL_RETURN_IF_ERROR(ReadPosition(words.subspan(i, 3), voxel.xyz));
    if (!add(voxel)) break;
  }
  return absl::OkStatus();
}

// VOXEL.MSET as voxel.set, but for the voxels: those go where this returns.
v1::SetVoxels* BeginSet(absl::Span<const std::string_view> arguments, UnaryCall& call,
                        MessagePool* messages) {
  auto* const request = static_cast<v1::SetVoxelsRequest*>(call.request());
  request->mutable_project()->assign(arguments[1]);
  request->mutable_layer()->assign(arguments[2]);
  return BeginVoxels(request, messages);
}

// VOXEL.MSET as voxel.apply_edits: a list for each form that the colours have, where it changes.
absl::Status AddEdits(absl::Span<const std::string_view> arguments, UnaryCall& call) {
  auto* const request = static_cast<v1::ApplyEditsRequest*>(call.request());
  request->mutable_project()->assign(arguments[1]);
  return ForEachVoxel(arguments.subspan(3), [&](const RespVoxel& voxel) {
    call.CountBytes(sizeof voxel.xyz + voxel.color.size());
    const int last = request->edits_size() - 1;
    if (last >= 0 && AddVoxel(voxel, request->mutable_edits(last)->mutable_set())) return true;
    v1::Edit* const edit = request->add_edits();
    edit->mutable_layer()->assign(arguments[2]);
    return AddVoxel(voxel, edit->mutable_set());
  });
}

}  // namespace

absl::Span<const RespConnection::Command> RespConnection::Commands() {
  static constexpr Command kCommands[] = {
      {"voxel.get", 6, 6, &RespConnection::Get},
      {"voxel.set", 7, 7, &RespConnection::Set},
      {"ping", 1, 2, &RespConnection::Ping},
      {"voxel.mset", 7, 0, &RespConnection::SetMany},
      {"call", 2, 3, &RespConnection::Call},
      {"echo", 2, 2, &RespConnection::Echo},
      {"hello", 1, 0, &RespConnection::Hello},
      {"command", 1, 0, &RespConnection::ListCommands},
      {"config", 2, 0, &RespConnection::Config},
      {"info", 1, 0, &RespConnection::Info},
      {"client", 2, 0, &RespConnection::Client},
      {"select", 2, 2, &RespConnection::Select},
      {"auth", 2, 3, &RespConnection::Auth},
      {"quit", 1, 1, &RespConnection::Quit},
      // What HTTP's first lines look like here, when a browser was led to talk to us.
      {"post", 1, 0, &RespConnection::Drop},
      {"host:", 1, 0, &RespConnection::Drop},
  };
  return kCommands;
}

void RespConnection::Ping(Arguments arguments) {
  if (arguments.size() == 2) return AppendRespBulk(arguments[1], Reply());
  AppendRespSimple("PONG", Reply());
}

void RespConnection::Echo(Arguments arguments) { AppendRespBulk(arguments[1], Reply()); }

void RespConnection::Hello(Arguments arguments) {
  if (arguments.size() > 1 && arguments[1] != "2") {
    int64_t version = 0;
    if (!ReadNumber(arguments[1], &version)) {
      return AppendRespError("Protocol version is not an integer or out of range", Reply());
    }
    return Reply()->append("-NOPROTO unsupported protocol version; 2 is spoken here\r\n"), void();
  }
  for (size_t i = 2; i < arguments.size();) {
    const std::string option = Lower(arguments[i]);
    if (option == "auth" && i + 2 < arguments.size()) return Auth(arguments);
    if (option != "setname" || i + 1 >= arguments.size()) {
      return AppendRespError(voxel::ShortText("Syntax error in HELLO option '", option, "'"),
                             Reply());
    }
    name_ = std::string(arguments[i + 1]);
    i += 2;
  }
  std::string* const out = Reply();
  AppendRespArray(14, out);
  AppendPair("server", "voxeld", out);
  AppendPair("version", door_->version, out);
  AppendRespBulk("proto", out);
  AppendRespInteger(2, out);
  AppendRespBulk("id", out);
  AppendRespInteger(0, out);
  AppendPair("mode", "standalone", out);
  AppendPair("role", "master", out);
  AppendRespBulk("modules", out);
  AppendRespArray(0, out);
}

// Clients ask what there is to complete and route commands; they do without.
void RespConnection::ListCommands(Arguments arguments) {
  if (arguments.size() > 1 && Lower(arguments[1]) == "count") return AppendRespInteger(0, Reply());
  AppendRespArray(0, Reply());
}

// redis-benchmark asks for these two and shows them.
void RespConnection::Config(Arguments arguments) {
  if (Lower(arguments[1]) != "get" || arguments.size() < 3) {
    return AppendRespError("there is only CONFIG GET; voxeld is configured by its flags", Reply());
  }
  std::string pairs;
  size_t count = 0;
  for (const std::string_view wanted : arguments.subspan(2)) {
    const std::string name = Lower(wanted);
    if (name != "save" && name != "appendonly") continue;
    AppendPair(name, name == "save" ? "" : "no", &pairs);
    count += 2;
  }
  std::string* const out = Reply();
  AppendRespArray(count, out);
  out->append(pairs);
}

// What client libraries look at before they begin, whatever sections they ask for.
void RespConnection::Info(Arguments) {
  AppendRespBulk(
      voxel::ShortText("# Server\r\nserver_name:voxeld\r\nserver_version:", door_->version,
                       "\r\nredis_mode:standalone\r\n\r\n"
                       "# Persistence\r\nloading:0\r\n"),
      Reply());
}

void RespConnection::Client(Arguments arguments) {
  const std::string what = Lower(arguments[1]);
  if (what == "setname" && arguments.size() == 3) {
    name_ = std::string(arguments[2]);
    return AppendRespSimple("OK", Reply());
  }
  if (what == "setinfo" && arguments.size() == 4) return AppendRespSimple("OK", Reply());
  if (what == "getname" && arguments.size() == 2) {
    return name_.empty() ? AppendRespNull(Reply()) : AppendRespBulk(name_, Reply());
  }
  AppendRespError("there are CLIENT SETNAME, GETNAME and SETINFO", Reply());
}

void RespConnection::Select(Arguments arguments) {
  int64_t database = 0;
  if (ReadNumber(arguments[1], &database) && database == 0) {
    return AppendRespSimple("OK", Reply());
  }
  AppendRespError("DB index is out of range: there is only 0", Reply());
}

void RespConnection::Auth(Arguments) {
  AppendRespError("no password is set: this socket knows its peers by their user", Reply());
}

void RespConnection::Quit(Arguments) {
  AppendRespSimple("OK", Reply());
  RefuseTheRest();
}

void RespConnection::Drop(Arguments) { RefuseTheRest(); }

void RespConnection::Set(Arguments arguments) {
  RespVoxelCommand set{arguments[1], arguments[2], {.xyz = {}, .color = arguments[6]}};
  if (absl::Status status = ReadPosition(arguments.subspan(3, 3), set.voxel.xyz); !status.ok()) {
    StartBatches();
    return Refuse(&door_->sets.method(), status);
  }
  Batch(door_->sets, joined_sets_, CallClass::kStrandWrite, RespForm::kOk, set);
}

void RespConnection::Get(Arguments arguments) {
  RespVoxelCommand get{arguments[1], arguments[2], {.xyz = {}, .color = {}}};
  if (absl::Status status = ReadPosition(arguments.subspan(3), get.voxel.xyz); !status.ok()) {
    StartBatches();
    return Refuse(&door_->gets.method(), status);
  }
  Batch(door_->gets, joined_gets_, CallClass::kRead, RespForm::kColor, get);
}

template <typename Request>
void RespConnection::Batch(RespBatches<Request>& batches, uint64_t& joined, CallClass call_class,
                           RespForm form, const RespVoxelCommand& command) {
  if (!order_.MayStart(call_class)) StartBatches();  // those of the other method may be over then
  if (!order_.MayStart(call_class)) return StartCall(batches.TakeCall(peer_, command), form);
  now_ns_ = 0;  // a batch takes its time, between the call before it and the one behind it
  const uint32_t number = batches.Add(peer_, command);
  if (joined != batches.turn()) {
    Emit();  // what the batch before this one has answered, so that it is used again
    joined = batches.turn();
    order_.Started(call_class);
    batches.Join(std::static_pointer_cast<RespConnection>(shared_from_this()));
    WorkSoon();
  }
  work().replies.Add(batches.open(), number, form);
  if (!command.voxel.in_world()) StartBatches();
}

void RespConnection::SetMany(Arguments arguments) {
  const Arguments voxels = arguments.subspan(3);
  if (voxels.size() % 4 != 0) {
    return AppendRespError(
        "wrong number of arguments for 'voxel.mset' command: it takes PROJECT "
        "LAYER, and X Y Z COLOUR for each voxel",
        Reply());
  }
  std::unique_ptr<UnaryCall> call = TakeCall(door_->sets.method());
  bool together = true;
  absl::Status status = ForEachVoxel(
      voxels, [&call, &together,
               set = BeginSet(arguments, *call, &door_->calls->messages)](const RespVoxel& voxel) {
        call->CountBytes(sizeof voxel.xyz + voxel.color.size());
        return together = AddVoxel(voxel, set);
      });
  if (!together) {
    door_->calls->Give(std::move(call));
    call = TakeCall(door_->edit);
    status = AddEdits(arguments, *call);
  }
  if (!status.ok()) {
    const Method& method = call->method();
    door_->calls->Give(std::move(call));
    return Refuse(&method, status);
  }
  StartCall(std::move(call), together ? RespForm::kChanged : RespForm::kEdited);
}

void RespConnection::Call(Arguments arguments) {
  const Method* method = door_->calls->dispatcher->methods().FindByName(arguments[1]);
  if (method == nullptr) {
    return Refuse(nullptr, voxel::Error(voxel::Reason::METHOD_NOT_FOUND,
                                        voxel::ShortText("no method \"", arguments[1].substr(0, 80),
                                                         "\"; they are called GROUP.METHOD")));
  }
  if (absl::Status status = CheckUnary(*method); !status.ok()) return Refuse(method, status);
  std::unique_ptr<UnaryCall> call = TakeCall(*method);
  absl::Status status = call->TakeJson(arguments.size() > 2 ? arguments[2] : std::string_view());
  if (!status.ok()) {
    door_->calls->Give(std::move(call));
    return Refuse(method, status);
  }
  StartCall(std::move(call), RespForm::kJson);
}

}  // namespace voxeld
