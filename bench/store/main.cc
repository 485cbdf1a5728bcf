// Loads a daemon over its socket, or what lies below its store, and prints what came of it as one
// JSON object:
//
//     store_load fsync dir=DIR [seconds=S]
//     store_load sqlite dir=DIR file=PROJECT_FILE [group=N] [seconds=S]
//     store_load socket socket=PATH project=ID [layer=ID] [writers=N] [readers=N]
//                       [in_flight=N] [voxels=N] [relaxed=1] [ids=1] [seconds=S | edits=N]
//                       [first=N] [side=N] [corner=N]
//     store_load start program=VOXELD socket=PATH [starts=N]
//     store_load echo [bytes=N] [cpu=N] [seconds=S]
//
// bench/store.py and bench/fast_path.py run it as their tables want it.
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include "bench/arguments.h"
#include "bench/store/disk_loops.h"
#include "bench/store/socket_load.h"

namespace voxeld::bench {
namespace {

double CpuSeconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void Print(const char* name, Latencies& latencies, double seconds) {
  std::printf("\"%s\":{\"count\":%zu,\"per_second\":%.1f,\"p50_us\":%.2f,\"p99_us\":%.2f},", name,
              latencies.count(), static_cast<double>(latencies.count()) / seconds,
              latencies.Quantile(0.5), latencies.Quantile(0.99));
}

SocketLoad SocketLoadFrom(Arguments& arguments) {
  SocketLoad load;
  load.socket = arguments.Text("socket");
  load.project = arguments.Text("project");
  load.layer = arguments.Optional("layer", "");
  load.writers = static_cast<int>(arguments.Number("writers", 0));
  load.readers = static_cast<int>(arguments.Number("readers", 0));
  load.in_flight = static_cast<int>(arguments.Number("in_flight", 1));
  load.voxels = static_cast<int>(arguments.Number("voxels", 1));
  load.relaxed = arguments.Number("relaxed", 0) != 0;
  load.ids = arguments.Number("ids", 0) != 0;
  load.seconds = arguments.Number("seconds", 1);
  load.edits = static_cast<int64_t>(arguments.Number("edits", 0));
  load.first = static_cast<int64_t>(arguments.Number("first", 0));
  load.side = static_cast<int32_t>(arguments.Number("side", 256));
  load.corner = static_cast<int64_t>(arguments.Number("corner", 0));
  return load;
}

int Run(std::string_view mode, Arguments& arguments) {
  std::printf("{");
  if (mode == "socket") {
    const SocketLoad load = SocketLoadFrom(arguments);
    arguments.CheckAllTaken();
    SocketResult result = RunSocketLoad(load);
    Print("edits", result.edits, result.seconds);
    Print("reads", result.reads, result.seconds);
    std::printf("\"refused\":%ld,\"edit_bytes\":%zu,", static_cast<long>(result.refused),
                result.edit_bytes);
  } else if (mode == "start") {
    const std::string program = arguments.Text("program");
    const std::string socket = arguments.Text("socket");
    const auto count = static_cast<int>(arguments.Number("starts", 30));
    arguments.CheckAllTaken();
    Latencies starts = RunStarts(program, socket, count);
    Print("starts", starts, 1);
  } else if (mode == "echo") {
    const int bytes = static_cast<int>(arguments.Number("bytes", 100));
    const auto cpu = static_cast<int>(arguments.Number("cpu", -1));
    const double seconds = arguments.Number("seconds", 1);
    arguments.CheckAllTaken();
    Latencies echoes = RunEcho(bytes, cpu, seconds);
    Print("echoes", echoes, seconds);
  } else {
    const std::string dir = arguments.Text("dir");
    const double seconds = arguments.Number("seconds", 1);
    const int group = static_cast<int>(arguments.Number("group", 1));
    const std::string file = mode == "sqlite" ? arguments.Text("file") : "";
    arguments.CheckAllTaken();
    Latencies commits =
        mode == "sqlite" ? SqliteLoop(dir, file, group, seconds) : FsyncLoop(dir, seconds);
    Print("commits", commits, seconds);
  }
  std::printf("\"cpu_seconds\":%.3f}\n", CpuSeconds());
  return 0;
}

}  // namespace
}  // namespace voxeld::bench

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  constexpr std::array<std::string_view, 5> kModes = {"fsync", "sqlite", "socket", "start", "echo"};
  if (std::find(kModes.begin(), kModes.end(), mode) == kModes.end()) {
    std::fprintf(stderr, "usage: store_load fsync|sqlite|socket|start|echo NAME=VALUE...\n");
    return 2;
  }
  voxeld::bench::Arguments arguments("store_load", argc, argv);
  return voxeld::bench::Run(mode, arguments);
}
