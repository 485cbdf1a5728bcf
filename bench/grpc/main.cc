// Small calls over gRPC, of the daemon beside an empty server built the same way:
//
//     grpc_load echo socket=PATH [tls=ADDRESS certificate=FILE key=FILE]
//     grpc_load get daemon=PATH echo=PATH project=ID [rounds=N] [seconds=S]
//     grpc_load start program=VOXELD socket=PATH [starts=N]
//
// `echo` is the empty server: it serves until its standard input ends. `get` asks both servers, in
// turns of that many seconds, for the same voxel with the same bytes, and prints the median of each
// turn as one JSON object. `start` starts a daemon so many times and prints the medians of what it
// takes from before there is a process to the first answer, and of the first call on a connected
// channel.
#include <cstdio>
#include <string>
#include <string_view>

#include "bench/arguments.h"
#include "bench/grpc/echo_server.h"
#include "bench/grpc/unary_client.h"
#include "bench/started_daemon.h"
#include "voxeld/v1/voxel.pb.h"

namespace voxeld::bench {
namespace {

constexpr char kGet[] = "/voxeld.v1.VoxelService/Get";
constexpr char kPing[] = "/voxeld.v1.AdminService/Ping";

std::string RequestFor(const std::string& project) {
  v1::GetVoxelsRequest request;
  request.set_project(project);
  for (const int n : {1, 2, 3}) request.add_xyz(n);
  return request.SerializeAsString();
}

double P50(UnaryClient& client, double seconds) {
  Latencies latencies;
  client.Run(seconds, &latencies);
  return latencies.Quantile(0.5);
}

void Get(Arguments& arguments) {
  const std::string request = RequestFor(arguments.Text("project"));
  const std::string daemon_path = arguments.Text("daemon");
  const std::string echo_path = arguments.Text("echo");
  const auto rounds = static_cast<int>(arguments.Number("rounds", 5));
  const double seconds = arguments.Number("seconds", 1);
  arguments.CheckAllTaken();
  UnaryClient daemon(daemon_path, kGet, request);
  UnaryClient echo(echo_path, kGet, request);
  for (UnaryClient* client : {&daemon, &echo}) P50(*client, seconds / 5);  // to warm up
  std::string ours, theirs;
  for (int i = 0; i < rounds; ++i) {
    const char* const comma = i == 0 ? "" : ",";
    ours += comma + std::to_string(P50(daemon, seconds));
    theirs += comma + std::to_string(P50(echo, seconds));
  }
  std::printf("{\"daemon_p50_us\":[%s],\"echo_p50_us\":[%s]}\n", ours.c_str(), theirs.c_str());
}

// A client of its own for the first call on a channel that is connected: it has the daemon's second
// connection.
void Start(Arguments& arguments) {
  const std::string program = arguments.Text("program");
  const std::string socket = arguments.Text("socket");
  const auto count = static_cast<int>(arguments.Number("starts", 30));
  arguments.CheckAllTaken();
  Latencies starts, firsts;
  for (int i = 0; i < count; ++i) {
    const StartedDaemon daemon(program, socket);
    UnaryClient client(socket, kPing, "");
    client.Call();
    starts.Add(Clock::now() - daemon.begin());
    UnaryClient second(socket, kPing, "");
    const auto begin = Clock::now();
    second.Call();
    firsts.Add(Clock::now() - begin);
  }
  std::printf("{\"start_ms\":%.3f,\"first_ms\":%.3f}\n", starts.Quantile(0.5) / 1e3,
              firsts.Quantile(0.5) / 1e3);
}

}  // namespace
}  // namespace voxeld::bench

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (mode != "echo" && mode != "get" && mode != "start") {
    std::fprintf(stderr, "usage: grpc_load echo|get|start NAME=VALUE...\n");
    return 2;
  }
  voxeld::bench::Arguments arguments("grpc_load", argc, argv);
  if (mode == "get") {
    voxeld::bench::Get(arguments);
  } else if (mode == "start") {
    voxeld::bench::Start(arguments);
  } else {
    const std::string path = arguments.Text("socket");
    voxeld::bench::EchoTls tls;
    tls.address = arguments.Optional("tls", "");
    if (!tls.address.empty()) {
      tls.certificate = arguments.Text("certificate");
      tls.key = arguments.Text("key");
    }
    arguments.CheckAllTaken();
    voxeld::bench::ServeEcho(path, tls);
  }
}
