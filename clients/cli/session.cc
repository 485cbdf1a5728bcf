#include "clients/cli/session.h"

#include <algorithm>
#include <random>
#include <set>
#include <thread>
#include <utility>

#include "clients/cli/fields.h"
#include "google/protobuf/util/json_util.h"

namespace voxctl {
namespace {

constexpr std::chrono::milliseconds kPause{20};  // before a call is sent again
constexpr char kUsageCode[] = "USAGE";

std::optional<std::chrono::milliseconds> ToMilliseconds(std::optional<double> seconds) {
  if (!seconds.has_value()) return std::nullopt;
  return std::chrono::milliseconds(static_cast<int64_t>(*seconds * 1000));
}

std::string RandomId() {
  std::random_device random;
  std::string id = "voxctl";
  for (int i = 0; i < 4; ++i) id += "-" + std::to_string(random());
  return id;
}

// Request ids belong to a project; these make or end one.
bool TakesRequestId(const std::string& method) {
  static const std::set<std::string> without = {"project.create", "project.clone",
                                                "project.delete"};
  return !without.contains(method);
}

}  // namespace

Session::Session(const voxapi::Api& api, const GlobalOptions& options)
    : api_(&api),
      options_(options),
      wait_(ToMilliseconds(options.wait_seconds).value_or(std::chrono::milliseconds(0))),
      connection_(options.socket.empty() ? DefaultSocket() : options.socket,
                  ToMilliseconds(options.timeout_seconds), wait_) {}

Format Session::format() const {
  return options_.output == "json" ? Format::kJson : Format::kTable;
}

std::unique_ptr<google::protobuf::Message> Session::ToMessage(
    const google::protobuf::Descriptor* type, const Json& json, std::string* problem) const {
  std::unique_ptr<google::protobuf::Message> message = api_->New(type);
  const auto status = google::protobuf::util::JsonStringToMessage(
      json.is_null() ? "{}" : json.dump(), message.get());
  if (status.ok()) return message;
  *problem = ExplainNumber(std::string(status.message()));
  return nullptr;
}

void Session::AddWrite(const google::protobuf::Descriptor* type, Json* request) const {
  if (type->FindFieldByName("write") == nullptr) return;
  if (!options_.actor.empty()) (*request)["write"]["actor"] = options_.actor;
  if (!options_.comment.empty()) (*request)["write"]["comment"] = options_.comment;
  if (!options_.request_id.empty()) (*request)["write"]["request_id"] = options_.request_id;
  if (options_.dry_run) (*request)["write"]["validate_only"] = true;
}

int Session::Usage(const std::string& message) const {
  PrintFailure(format(), {.code = kUsageCode, .reason = {}, .field = {}, .message = message});
  return kUsage;
}

bool Session::MakeRepeatable(const voxapi::ApiMethod& method, Json* request) const {
  if (wait_.count() == 0 || method.descriptor->server_streaming()) return false;
  if (method.descriptor->input_type()->FindFieldByName("write") == nullptr) return true;
  if (!TakesRequestId(method.name)) return false;
  Json& write = (*request)["write"];
  if (!write.contains("request_id")) write["request_id"] = RandomId();
  return true;
}

bool Session::Try(const std::string& method, Json request, const OnResponse& on_response,
                  Failure* failure) {
  const voxapi::ApiMethod* found = api_->Find(method);
  const google::protobuf::Descriptor* type = found->descriptor->input_type();
  AddWrite(type, &request);
  const bool repeatable = MakeRepeatable(*found, &request);
  std::string problem;
  const auto message = ToMessage(type, request, &problem);
  if (message == nullptr) {
    *failure = {.code = kUsageCode, .reason = {}, .field = {}, .message = problem};
    return false;
  }
  const auto end = std::chrono::steady_clock::now() + wait_;
  while (!connection_.Call(*api_, *found, *message, on_response, failure)) {
    const bool again = repeatable && failure->code == "UNAVAILABLE";
    if (!again || std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

int Session::Call(const std::string& method, Json request, const OnResponse& on_response) {
  Failure failure;
  if (Try(method, std::move(request), on_response, &failure)) return 0;
  PrintFailure(format(), failure);
  return failure.code == kUsageCode ? kUsage : ExitCode(failure);
}

int Session::CallAndPrint(const std::string& method, Json request) {
  return Call(method, std::move(request), [&](const google::protobuf::Message& response) {
    Print(format(), response);
    return PrintedWell();  // nobody reads on: a stream need not go on either
  });
}

int Session::Upload(const std::string& method, const NextJson& next_part,
                    const OnResponse& on_response) {
  const voxapi::ApiMethod* found = api_->Find(method);
  std::string problem;
  const auto next = [&]() -> std::unique_ptr<google::protobuf::Message> {
    Json part;
    if (!problem.empty() || !next_part(&part)) return nullptr;
    return ToMessage(found->descriptor->input_type(), part, &problem);
  };
  Failure failure;
  const bool ok = connection_.Call(*api_, *found, next, on_response, &failure);
  if (!problem.empty()) return Usage(problem);
  if (ok) return 0;
  PrintFailure(format(), failure);
  return ExitCode(failure);
}

}  // namespace voxctl
