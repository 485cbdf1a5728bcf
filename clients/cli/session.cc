#include "clients/cli/session.h"

#include <utility>

#include "clients/cli/fields.h"
#include "google/protobuf/util/json_util.h"

namespace voxctl {
namespace {

std::optional<std::chrono::milliseconds> ToMilliseconds(std::optional<double> seconds) {
  if (!seconds.has_value()) return std::nullopt;
  return std::chrono::milliseconds(static_cast<int64_t>(*seconds * 1000));
}

}  // namespace

Session::Session(const Api& api, const GlobalOptions& options)
    : api_(&api),
      options_(options),
      connection_(options.socket.empty() ? DefaultSocket() : options.socket,
                  ToMilliseconds(options.timeout_seconds)) {}

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
  PrintFailure(format(), {.code = "USAGE", .reason = {}, .field = {}, .message = message});
  return kUsage;
}

int Session::Call(const std::string& method, Json request, const OnResponse& on_response) {
  const ApiMethod* found = api_->Find(method);
  const google::protobuf::Descriptor* type = found->descriptor->input_type();
  AddWrite(type, &request);
  std::string problem;
  const auto message = ToMessage(type, request, &problem);
  if (message == nullptr) return Usage(problem);
  Failure failure;
  if (connection_.Call(*api_, *found, *message, on_response, &failure)) return 0;
  PrintFailure(format(), failure);
  return ExitCode(failure);
}

int Session::CallAndPrint(const std::string& method, Json request) {
  return Call(method, std::move(request), [&](const google::protobuf::Message& response) {
    Print(format(), response);
    return PrintedWell();  // nobody reads on: a stream need not go on either
  });
}

int Session::Upload(const std::string& method, const NextJson& next_part,
                    const OnResponse& on_response) {
  const ApiMethod* found = api_->Find(method);
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
