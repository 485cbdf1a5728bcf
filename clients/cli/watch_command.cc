#include "clients/cli/watch_command.h"

#include <chrono>
#include <cstdio>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "clients/cli/fields.h"
#include "google/protobuf/message.h"

namespace voxctl {
namespace {

using google::protobuf::Message;
using Clock = std::chrono::steady_clock;

constexpr char kMethod[] = "history.watch";
constexpr int kMarksMs = 10000;  // the first one says where the watch begins
constexpr std::chrono::milliseconds kBetweenTries{200};

struct WatchOptions {
  std::string project, after, token, box;
  bool blocks = false;
  double retry_seconds = 60;
};

// Whether a watch that ended so may go on where it was.
bool IsPassing(const Failure& failure) {
  static const std::set<std::string> reasons = {"WATCH_TOO_SLOW", "SHUTTING_DOWN", "OVERLOADED",
                                                "LIMIT_STREAMS"};
  // A daemon that ends while a call comes in cancels it.
  static const std::set<std::string> lost = {"UNAVAILABLE", "INTERNAL", "UNKNOWN", "CANCELLED"};
  return failure.reason.empty() ? lost.count(failure.code) > 0 : reasons.count(failure.reason) > 0;
}

// One watch over as many connections as it takes.
class Following {
 public:
  Following(Session& session, Json request, double retry_seconds)
      : session_(session), request_(std::move(request)), retry_(retry_seconds) {}

  int Run() {
    for (;;) {
      Failure failure;
      const auto take = [this](const Message& item) { return Take(item); };
      if (session_.Try(kMethod, request_, take, &failure)) return 0;  // nobody reads on
      if (!MayGoOn(failure)) {
        PrintFailure(session_.format(), failure);
        return ExitCode(failure);
      }
      std::this_thread::sleep_for(kBetweenTries);
    }
  }

 private:
  bool Take(const Message& item) {
    const auto* type = item.GetDescriptor();
    const auto* access = item.GetReflection();
    request_.erase("after_revision");
    request_["resume_token"] = access->GetString(item, type->FindFieldByName("resume_token"));
    failing_ = false;
    if (!access->GetBool(item, type->FindFieldByName("progress"))) Print(session_.format(), item);
    return PrintedWell();
  }

  bool MayGoOn(const Failure& failure) {
    if (!IsPassing(failure)) return false;
    if (!failing_) {
      failing_ = true;
      since_ = Clock::now();
      if (retry_.count() > 0) {
        std::fprintf(stderr, "voxctl: the watch was interrupted, trying again: %s\n",
                     failure.message.c_str());
      }
    }
    return Clock::now() - since_ < retry_;
  }

  Session& session_;
  Json request_;
  const std::chrono::duration<double> retry_;
  bool failing_ = false;
  Clock::time_point since_;
};

int RunWatch(Session& session, const WatchOptions& options) {
  const auto* type = session.api().Find(kMethod)->descriptor->input_type();
  Json request = {{"project", options.project}, {"progress_ms", kMarksMs}};
  try {
    if (!options.after.empty()) SetField(type, "after_revision", options.after, &request);
    if (!options.box.empty()) SetField(type, "box", options.box, &request);
  } catch (const std::invalid_argument& error) {
    return session.Usage(error.what());
  }
  if (!options.token.empty()) request["resume_token"] = options.token;
  if (options.blocks) request["blocks"] = true;
  return Following(session, std::move(request), options.retry_seconds).Run();
}

}  // namespace

void AddWatchCommand(CLI::App* app, const char* topic, const voxapi::Api& api, Run* chosen) {
  const auto* type = api.Find(kMethod)->descriptor->input_type();
  const auto comment = [type](const char* field) {
    return voxapi::CommentOf(type->FindFieldByName(field));
  };
  const auto form = [type](const char* field) { return FieldForm(type->FindFieldByName(field)); };
  auto options = std::make_shared<WatchOptions>();
  CLI::App* command =
      app->add_subcommand("watch",
                          "Follow a project's revisions, until interrupted: voxctl watch castle")
          ->group(topic);
  command->add_option("project", options->project, "the project")->type_name("PROJECT")->required();
  command->add_option("--after", options->after, comment("after_revision"))
      ->type_name(form("after_revision"));
  command->add_option("--token", options->token, comment("resume_token"))
      ->type_name(form("resume_token"));
  command->add_option("--box", options->box, comment("box"))->type_name(form("box"));
  command->add_flag("--blocks", options->blocks, comment("blocks"));
  command
      ->add_option("--retry", options->retry_seconds,
                   "how long to ask a daemon that is away, in seconds; 0: not at all")
      ->type_name("SECONDS")
      ->check(CLI::NonNegativeNumber.description(""))
      ->capture_default_str();
  command->callback([options, chosen] {
    *chosen = [options](Session& session) { return RunWatch(session, *options); };
  });
}

}  // namespace voxctl
