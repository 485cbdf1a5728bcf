// One run of voxctl: the global options, and calls with JSON requests.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "clients/api/api.h"
#include "clients/cli/connection.h"
#include "clients/cli/output.h"
#include "nlohmann/json.hpp"

namespace voxctl {

inline constexpr int kUsage = 2;  // exit status: the command line cannot be understood

struct GlobalOptions {
  std::string socket;
  std::optional<double> timeout_seconds;
  std::optional<double> wait_seconds;
  std::string output = "table";
  std::string actor;
  std::string comment;
  std::string request_id;
  bool dry_run = false;
};

class Session {
 public:
  using Json = nlohmann::json;
  using OnResponse = Connection::OnResponse;

  Session(const voxapi::Api& api, const GlobalOptions& options);

  const voxapi::Api& api() const { return *api_; }
  Format format() const;

  // Each of these runs one call and returns the exit code; a failure has been printed.
  // REQUIRES: the method exists.
  int Call(const std::string& method, Json request, const OnResponse& on_response);
  // As Call, but says what went wrong instead of printing it; false if something did.
  bool Try(const std::string& method, Json request, const OnResponse& on_response,
           Failure* failure);
  int CallAndPrint(const std::string& method, Json request);
  // A client stream: next_part gives the parts, false at the end.
  using NextJson = std::function<bool(Json*)>;
  int Upload(const std::string& method, const NextJson& next_part, const OnResponse& on_response);

  // Adds --actor, --comment, --request-id and --dry-run to a request that has a `write` field.
  void AddWrite(const google::protobuf::Descriptor* type, Json* request) const;
  // Prints a usage error and returns its exit code.
  int Usage(const std::string& message) const;

 private:
  // nullptr, and *problem, if the JSON does not fit the type.
  std::unique_ptr<google::protobuf::Message> ToMessage(const google::protobuf::Descriptor* type,
                                                       const Json& json,
                                                       std::string* problem) const;

  // Whether a call may be sent a second time; gives it a request id if that is what it takes.
  bool MakeRepeatable(const voxapi::ApiMethod& method, Json* request) const;

  const voxapi::Api* const api_;
  const GlobalOptions options_;
  const std::chrono::milliseconds wait_;
  Connection connection_;
};

}  // namespace voxctl
