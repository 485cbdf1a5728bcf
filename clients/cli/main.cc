// voxctl: edit voxel models from the command line.
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "CLI/CLI.hpp"
#include "clients/api/api.h"
#include "clients/cli/completion.h"
#include "clients/cli/completion_scripts.h"
#include "clients/cli/mcp_bridge.h"
#include "clients/cli/method_commands.h"
#include "clients/cli/output.h"
#include "clients/cli/session.h"
#include "clients/cli/short_commands.h"
#include "clients/cli/usage.h"
#include "clients/cli/version.h"

namespace {

void AddGlobalOptions(CLI::App* app, voxctl::GlobalOptions* options) {
  app->add_option("--socket", options->socket,
                  "where voxeld is (default: $VOXELD_SOCKET, else the default socket)")
      ->type_name("FILE");
  app->add_option("--timeout", options->timeout_seconds,
                  "a call may take so long; 0: any time (default: 30, any time for what streams)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 86400.0).description(""));
  app->add_option("--wait", options->wait_seconds,
                  "wait so long for a voxeld that starts or comes back; a call that it did not "
                  "answer is sent again, and done once")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 86400.0).description(""));
  app->add_option("-o,--output", options->output, "how to print")
      ->type_name("table|json")
      ->check(CLI::IsMember({"table", "json"}).description(""))
      ->capture_default_str();
  app->add_option("--actor", options->actor, "who makes the change, for the history");
  app->add_option("--comment", options->comment, "why, for the history");
  app->add_option("--request-id", options->request_id, "a retry with the same id is applied once");
  app->add_flag("--dry-run", options->dry_run, "check and count, change nothing");
}

CLI::App* AddMcp(CLI::App* app, std::string* files) {
  CLI::App* mcp = app->add_subcommand("mcp", "Serve AI agents: MCP on standard input and output");
  mcp->add_option("--files", *files, "the directory that agents may import from and export to")
      ->type_name("DIR")
      ->check(CLI::Validator(CLI::ExistingDirectory).description(""))
      ->capture_default_str();
  // They would mean nothing here, and --dry-run that is not obeyed would be worse than that.
  for (const char* name :
       {"--timeout", "--wait", "--output", "--comment", "--request-id", "--dry-run"}) {
    mcp->excludes(app->get_option(name));
  }
  mcp->footer("The history shows changes under the name that the client gives itself, or --actor.");
  return mcp;
}

int RunCommandLine(int argc, char** argv) {
  const voxapi::Api api;
  voxctl::GlobalOptions options;
  voxctl::Run chosen;
  CLI::App app{"voxctl: edit voxel models in a running voxeld", "voxctl"};
  app.require_subcommand(1);
  app.fallthrough();  // global options may stand behind the command
  AddGlobalOptions(&app, &options);
  app.set_version_flag("--version", std::string("voxctl ") + voxctl::Version());
  voxctl::AddShortCommands(&app, api, &chosen);
  std::string files = ".";
  const CLI::App* mcp = AddMcp(&app, &files);
  voxctl::AddCompletionCommand(&app, &chosen);
  voxctl::AddMethodCommands(&app, api, &chosen);
  voxctl::AddFooters(&app);
  if (argc > 1 && std::string_view(argv[1]) == "__complete") {
    return voxctl::PrintCompletions(app, api, std::vector<std::string>(argv + 2, argv + argc));
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return voxctl::ExitOnUsage(app, error);
  }
  if (mcp->parsed()) {
    const std::string socket = options.socket.empty() ? voxctl::DefaultSocket() : options.socket;
    return voxctl::McpBridge(api, socket, files, options.actor).Run();
  }
  voxctl::Session session(api, options);
  return chosen(session);
}

}  // namespace

int main(int argc, char** argv) {
  const int code = RunCommandLine(argc, argv);
  if (voxctl::PrintedWell()) return code;
  std::fputs("voxctl: standard output could not be written; what it shows is not all\n", stderr);
  return code == 0 ? 1 : code;
}
