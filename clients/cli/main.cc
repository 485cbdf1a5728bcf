// voxctl: edit voxel models from the command line.
#include <cstdio>
#include <string>

#include "CLI/CLI.hpp"
#include "clients/cli/api.h"
#include "clients/cli/mcp_server.h"
#include "clients/cli/method_commands.h"
#include "clients/cli/session.h"
#include "clients/cli/short_commands.h"

namespace {

constexpr char kExamples[] = R"(Examples:
  voxctl new castle
  voxctl box castle 0,0,0 20,20,10 --color '#876' --wall 1
  voxctl ball castle 5,5,10 15,15,20 --color '#c33'
  voxctl render castle castle.png --views front,iso
  voxctl export castle castle.vox
  voxctl voxel.get --project castle --xyz 0,0,0 -o json

Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 conflict, 5 unavailable or too late,
6 denied, 7 over a limit.)";

void AddGlobalOptions(CLI::App* app, voxctl::GlobalOptions* options) {
  app->add_option("--socket", options->socket,
                  "Where voxeld is (default: $VOXELD_SOCKET, else the default socket)");
  app->add_option("--timeout", options->timeout_seconds, "Seconds a call may take; 0: any time")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  app->add_option("-o,--output", options->output, "How to print: table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  app->add_option("--actor", options->actor, "Who makes the change");
  app->add_option("--comment", options->comment, "Why, for the history");
  app->add_option("--request-id", options->request_id, "A retry with the same id is applied once");
  app->add_flag("--dry-run", options->dry_run, "Check and count, change nothing");
}

}  // namespace

int main(int argc, char** argv) {
  const voxctl::Api api;
  voxctl::GlobalOptions options;
  voxctl::Run chosen;
  CLI::App app{"voxctl: edit voxel models in a running voxeld"};
  app.footer(kExamples);
  app.require_subcommand(1);
  app.fallthrough();  // global options may stand behind the command
  AddGlobalOptions(&app, &options);
  voxctl::AddShortCommands(&app, api, &chosen);
  voxctl::AddMethodCommands(&app, api, &chosen);
  std::string files = ".";
  CLI::App* mcp = app.add_subcommand("mcp", "Serve AI agents: MCP on standard input and output");
  mcp->add_option("--files", files, "The directory that agents may import from and export to")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (mcp->parsed()) {
    return voxctl::McpServer(api, options.socket.empty() ? voxctl::DefaultSocket() : options.socket,
                             files)
        .Run();
  }
  voxctl::Session session(api, options);
  return chosen(session);
}
