// Loads a daemon over its socket, or what lies below its store, and prints what came of it as one
// JSON object:
//
//     store_load fsync dir=DIR [seconds=S]
//     store_load sqlite dir=DIR file=PROJECT_FILE [group=N] [seconds=S]
//     store_load socket socket=PATH project=ID [layer=ID] [writers=N] [readers=N]
//                       [in_flight=N] [voxels=N] [relaxed=1] [ids=1] [seconds=S | edits=N]
//                       [first=N] [side=N]
//     store_load echo [bytes=N] [seconds=S]
//
// bench/store.py runs it as its table wants it.
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "bench/store/disk_loops.h"
#include "bench/store/socket_load.h"

namespace voxeld::bench {
namespace {

class Arguments {
 public:
  Arguments(int argc, char** argv) {
    for (int i = 2; i < argc; ++i) {
      const std::string_view argument = argv[i];
      const size_t equals = argument.find('=');
      if (equals == argument.npos) Refuse(argument);
      given_.emplace(argument.substr(0, equals), argument.substr(equals + 1));
    }
  }
  std::string Text(const char* name) {
    const std::string text = Optional(name, "");
    if (text.empty()) Refuse(std::string(name) + "=");
    return text;
  }
  std::string Optional(const char* name, const char* otherwise) {
    const auto found = given_.find(name);
    if (found == given_.end()) return otherwise;
    std::string text = std::move(found->second);
    given_.erase(found);
    return text;
  }
  double Number(const char* name, double otherwise) {
    const std::string text = Optional(name, "");
    return text.empty() ? otherwise : std::stod(text);
  }
  void CheckAllTaken() const {
    if (!given_.empty()) Refuse(given_.begin()->first);
  }

 private:
  [[noreturn]] static void Refuse(std::string_view argument) {
    std::fprintf(stderr, "store_load: bad or missing argument: %.*s\n",
                 static_cast<int>(argument.size()), argument.data());
    std::exit(2);
  }

  std::map<std::string, std::string, std::less<>> given_;
};

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
    std::printf("\"refused\":%ld,", static_cast<long>(result.refused));
  } else if (mode == "echo") {
    const int bytes = static_cast<int>(arguments.Number("bytes", 100));
    const double seconds = arguments.Number("seconds", 1);
    arguments.CheckAllTaken();
    Latencies echoes = RunEcho(bytes, seconds);
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
  if (mode != "fsync" && mode != "sqlite" && mode != "socket" && mode != "echo") {
    std::fprintf(stderr, "usage: store_load fsync|sqlite|socket|echo NAME=VALUE...\n");
    return 2;
  }
  voxeld::bench::Arguments arguments(argc, argv);
  return voxeld::bench::Run(mode, arguments);
}
