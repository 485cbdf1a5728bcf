// The commands of a RESP2 connection.
#include <charconv>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "daemon/net/resp_connection.h"
#include "daemon/wire/resp_reply.h"
#include "voxel/base/error.h"
#include "voxel/base/short_text.h"
#include "voxel/base/status_macros.h"
#include "voxeld/v1/voxel.pb.h"

namespace voxeld {
namespace {

constexpr uint32_t kMaxSetsTogether = 256;
constexpr int32_t kWorldEnd = 1 << 30;
constexpr std::string_view kAxes[] = {"x", "y", "z"};

std::string Lower(std::string_view word) {
  return absl::AsciiStrToLower({word.data(), word.size()});
}

// A whole number, zeros in front allowed: redis-benchmark writes them.
template <typename Number>
bool ReadNumber(std::string_view text, Number* value) {
  // Zeros are skipped here, since from_chars takes its time for each.
  size_t zeros = 0;
  while (zeros + 1 < text.size() && text[zeros] == '0' && absl::ascii_isdigit(text[zeros + 1])) {
    ++zeros;
  }
  text.remove_prefix(zeros);
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, *value);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

struct Position {
  int32_t xyz[3];
  bool in_world() const {
    for (const int32_t n : xyz) {
      if (n < -kWorldEnd || n >= kWorldEnd) return false;
    }
    return true;
  }
};

absl::Status ReadPosition(absl::Span<const std::string_view> words, Position* position) {
  for (size_t axis = 0; axis < 3; ++axis) {
    if (ReadNumber(words[axis], &position->xyz[axis])) continue;
    return voxel::Error(voxel::Reason::INVALID_FIELD,
                        voxel::ShortText(kAxes[axis], " is \"", words[axis].substr(0, 40),
                                         "\"; it takes a whole number of 32 bits"),
                        kAxes[axis]);
  }
  return absl::OkStatus();
}

// A colour that is written as a number, 0xRRGGBBAA in decimal; none if it is a text like "#c33".
std::optional<uint32_t> ColorNumber(std::string_view text) {
  uint32_t value = 0;
  if (text.empty() || !ReadNumber(text, &value)) return std::nullopt;
  return value;
}

// One more voxel for `set`, if its other voxels have their colours in the same form.
bool AddVoxel(const Position& position, std::string_view color, v1::SetVoxels* set) {
  const std::optional<uint32_t> number = ColorNumber(color);
  const bool first = set->xyz().empty();
  if (number.has_value()) {
    if (!set->color().empty()) return false;
    set->add_rgba(*number);
  } else if (first) {
    set->mutable_color()->assign(color);
  } else if (!set->rgba().empty() || set->color() != color) {
    return false;
  }
  for (const int32_t n : position.xyz) set->add_xyz(n);
  return true;
}

void AppendPair(std::string_view name, std::string_view value, std::string* out) {
  AppendRespBulk(name, out);
  AppendRespBulk(value, out);
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
  Position position;
  if (absl::Status status = ReadPosition(arguments.subspan(3, 3), &position); !status.ok()) {
    StartSets();
    return Refuse(&set_, status);
  }
  const std::string_view project = arguments[1], layer = arguments[2], color = arguments[6];
  if (sets_ != nullptr) {
    auto* const request = static_cast<v1::SetVoxelsRequest*>(sets_->request());
    // One that will be refused must not take others with it.
    const bool together = sets_count_ < kMaxSetsTogether && position.in_world() &&
                          request->project() == project && request->layer() == layer;
    if (together && AddVoxel(position, color, request->mutable_voxels())) {
      ++sets_count_;
      sets_->CountBytes(color.size());
      return;
    }
    StartSets();
  }
  sets_ = TakeCall(set_);
  sets_count_ = 1;
  sets_->CountBytes(project.size() + layer.size() + color.size());
  auto* const request = static_cast<v1::SetVoxelsRequest*>(sets_->request());
  // One that is used again, if there is one: then it is the request's.
  request->set_allocated_voxels(
      static_cast<v1::SetVoxels*>(door_->calls->messages.TakeNested(*v1::SetVoxels::descriptor())));
  request->mutable_project()->assign(project);
  request->mutable_layer()->assign(layer);
  AddVoxel(position, color, request->mutable_voxels());
  if (!position.in_world()) StartSets();
}

void RespConnection::Get(Arguments arguments) {
  Position position;
  if (absl::Status status = ReadPosition(arguments.subspan(3), &position); !status.ok()) {
    return Refuse(&get_, status);
  }
  std::unique_ptr<UnaryCall> call = TakeCall(get_);
  auto* const request = static_cast<v1::GetVoxelsRequest*>(call->request());
  request->mutable_project()->assign(arguments[1]);
  request->mutable_layer()->assign(arguments[2]);
  for (const int32_t n : position.xyz) request->add_xyz(n);
  call->CountBytes(arguments[1].size() + arguments[2].size());
  StartCall(std::move(call), RespForm::kColor, 1);
}

void RespConnection::SetMany(Arguments arguments) {
  const Arguments voxels = arguments.subspan(3);
  if (voxels.size() % 4 != 0) {
    return AppendRespError(
        "wrong number of arguments for 'voxel.mset' command: it takes PROJECT "
        "LAYER, and X Y Z COLOUR for each voxel",
        Reply());
  }
  std::unique_ptr<UnaryCall> call = TakeCall(edit_);
  auto* const request = static_cast<v1::ApplyEditsRequest*>(call->request());
  request->mutable_project()->assign(arguments[1]);
  for (size_t i = 0; i < voxels.size(); i += 4) {
    Position position;
    if (absl::Status status = ReadPosition(voxels.subspan(i, 3), &position); !status.ok()) {
      door_->calls->Give(std::move(call));
      return Refuse(&edit_, status);
    }
    call->CountBytes(sizeof position + voxels[i + 3].size());
    const int last = request->edits_size() - 1;
    if (last >= 0 &&
        AddVoxel(position, voxels[i + 3], request->mutable_edits(last)->mutable_set())) {
      continue;
    }
    v1::Edit* const edit = request->add_edits();
    edit->mutable_layer()->assign(arguments[2]);
    AddVoxel(position, voxels[i + 3], edit->mutable_set());
  }
  StartCall(std::move(call), RespForm::kChanged, 1);
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
  StartCall(std::move(call), RespForm::kJson, 1);
}

}  // namespace voxeld
