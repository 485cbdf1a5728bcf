#include "daemon/net/json_call.h"

#include <algorithm>

#include "daemon/wire/json_pieces.h"
#include "daemon/wire/jsonrpc.h"
#include "daemon/wire/status_map.h"
#include "voxel/base/error.h"
#include "voxel/base/short_text.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/steady_time.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

// Arguments up to here are read on the poller: about 100 us.
constexpr size_t kReadInlineBytes = 64 << 10;
constexpr absl::Duration kProgressEvery = absl::Milliseconds(100);
// What a call that waits for its next use may keep of a text.
constexpr size_t kKeptText = 16 << 10;

void KeepSmall(std::string& text) {
  text.clear();
  if (text.capacity() > kKeptText) text.shrink_to_fit();
}

absl::Status CheckStillWanted(const CallContext& context) { return context.Task().Check(); }

}  // namespace

void JsonCall::Begin(std::string_view id, const Method* method) {
  id_ = id;
  method_ = method;
  if (method == nullptr) return;
  if (method->server_stream()) {
    item_.reset(method->response->New());
    response_ = item_.get();
  } else {
    response_ = answer_.New(*method->response);
  }
}

void JsonCall::Recycle() {
  KeepSmall(id_);
  method_ = nullptr;
  context_.Reset();
  KeepSmall(context_.scratch);
  request = nullptr;
  response_ = nullptr;
  item_ = nullptr;
  answer_.Clear();
  held_bytes = 0;
  subscription = 0;
  ended = false;
  next = nullptr;
  KeepSmall(params_);
  params_kept_ = false;
  owner_ = nullptr;
  dispatcher_ = nullptr;
  upload_ = nullptr;
  status_ = absl::OkStatus();
  stream_ = nullptr;
  KeepSmall(reply);
}

absl::Status JsonCall::TakeParams(std::string_view params, JsonReader* reader) {
  const bool array = !params.empty() && params.front() == '[';
  if (array && !method_->client_stream()) {
    return voxel::Error(
        voxel::Reason::INVALID_FIELD,
        voxel::ShortText("params is an array; ", method_->name, " takes an object"));
  }
  held_bytes = params.size();
  params_kept_ = method_->client_stream() || params.size() > kReadInlineBytes;
  if (params_kept_) {
    params_.assign(params);
    return absl::OkStatus();
  }
  if (params.empty()) return absl::OkStatus();
  return reader->Read(params, request.get());
}

CallClass JsonCall::call_class() const {
  const CallClass own = ClassOf(*method_);
  return NeedsWorker() && own == CallClass::kStrandWrite ? CallClass::kBarrier : own;
}

bool JsonCall::NeedsWorker() const { return params_.size() > kReadInlineBytes; }

void JsonCall::Start(std::shared_ptr<JsonCallOwner> owner, Dispatcher* dispatcher,
                     JsonReader* reader) {
  owner_ = std::move(owner);
  dispatcher_ = dispatcher;
  running_.emplace(answer_.area(), voxel::SourcePlace::current());
  const auto refuse = [this](const absl::Status& status) {
    dispatcher_->CountRefused(method_, context_.door, status);
    End(status);
  };
  if (absl::Status wanted = CheckStillWanted(context_); !wanted.ok()) return refuse(wanted);
  if (!NeedsWorker()) return Run(reader, Dispatcher::Inline::kAllowed);
  const auto run = [this] {
    JsonReader own;  // the poller's is in use; what is read here is large anyway
    Run(&own, Dispatcher::Inline::kNever);
  };
  const absl::Status waits = dispatcher->RunOnWorker(context_, run, refuse);
  if (!waits.ok()) refuse(waits);
}

void JsonCall::WantProgress() {
  context_.progress = [this, next = absl::InfinitePast()](double fraction) mutable {
    const absl::Time now = voxel::SteadyNow();
    if (now < next) return;
    next = now + kProgressEvery;
    owner_->CallProgress(*this, fraction);
  };
}

void JsonCall::Run(JsonReader* reader, Dispatcher::Inline may_inline) {
  if (method_->client_stream()) {
    if (absl::Status status = Upload(reader); !status.ok()) return End(status);
    return dispatcher_->Finish(*method_, context_, *upload_, response_,
                               [this](absl::Status status) { End(status); });
  }
  if (absl::Status status = ReadKeptParams(reader); !status.ok()) return End(status);
  if (method_->unary()) {
    return dispatcher_->Call(*method_, context_, *request, response_, may_inline,
                             [this](absl::Status status) { End(status); });
  }
  dispatcher_->Open(*method_, context_, *request, may_inline,
                    [this](absl::StatusOr<std::unique_ptr<ServerStream>> stream) {
                      context_.progress = nullptr;  // the stream may go on with the context
                      const absl::Status status = stream.status();
                      if (status.ok()) stream_ = *std::move(stream);
                      End(status);
                    });
}

absl::Status JsonCall::ReadKeptParams(JsonReader* reader) {
  if (!params_kept_) return absl::OkStatus();
  const absl::Status status = reader->Read(params_, request.get());
  params_ = {};
  return status;
}

// An upload's parts are the elements of an array, or one object. The end of the array is what marks
// the last part.
absl::Status JsonCall::Upload(JsonReader* reader) {
  std::vector<std::string_view> parts;
  if (!params_.empty() && params_.front() == '[') {
    VOXEL_RETURN_IF_ERROR(SplitJsonArray(params_, &parts));
  } else {
    parts.push_back(params_.empty() ? "{}" : std::string_view(params_));
  }
  VOXEL_ASSIGN_OR_RETURN(upload_, dispatcher_->OpenClient(*method_, context_));
  const auto* last_part = request->GetDescriptor()->FindFieldByName("last_part");
  for (size_t i = 0; i < parts.size(); ++i) {
    VOXEL_RETURN_IF_ERROR(CheckStillWanted(context_));
    const std::string place = voxel::StrCat("[", i, "]");
    absl::Status status = reader->Read(parts[i], request.get());
    if (!status.ok()) return voxel::InField(place, status);
    if (i + 1 == parts.size() && last_part != nullptr) {
      request->GetReflection()->SetBool(request.get(), last_part, true);
    }
    VOXEL_RETURN_IF_ERROR(upload_->Accept(*request));
  }
  return absl::OkStatus();
}

void JsonCall::End(const absl::Status& status) {
  const auto bytes_in = static_cast<int64_t>(held_bytes);
  status_ = status;
  if (!status.ok()) {
    Refuse(status);
  } else if (stream_ == nullptr && !notification()) {
    reply.clear();
    AppendResultHead(id_, &reply);
    WriteJson(*response_, &reply);
    reply.push_back('}');
    held_bytes = std::max(held_bytes, reply.size());
  }
  dispatcher_->calls().Bytes(method_->index, context_.door, bytes_in,
                             static_cast<int64_t>(reply.size()));
  running_.reset();
  owner_->CallEnded(this);  // may delete this
}

void JsonCall::Refuse(const absl::Status& status, int code) {
  status_ = status;
  if (notification()) return;
  reply.clear();
  AppendError(id_, code != 0 ? code : JsonRpcCode(status), status, &reply);
}

void JsonCall::Answer(std::string_view result_json) {
  if (notification()) return;
  reply.clear();
  AppendResult(id_, result_json, &reply);
}

}  // namespace voxeld
