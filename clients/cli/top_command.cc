#include "clients/cli/top_command.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "clients/cli/output.h"

namespace voxctl {
namespace {

using Json = Session::Json;

constexpr char kStats[] = "admin.stats";
constexpr char kHomeAndClear[] = "\x1b[H\x1b[2J";

struct TopOptions {
  bool once = false;
  double interval_seconds = 1;
};

double Number(const Json& object, const char* name) { return object.value(name, 0.0); }

// Of `later` what is not in `earlier`: counts of the time between.
std::vector<double> Difference(const Json& later, const Json& earlier) {
  std::vector<double> counts = later.get<std::vector<double>>();
  for (size_t i = 0; i < std::min(counts.size(), earlier.size()); ++i) {
    counts[i] -= earlier[i].get<double>();
  }
  return counts;
}

// The upper bound of the bucket that holds the share `q` of all, in microseconds; the last bound
// for what lies above.
double Quantile(const std::vector<double>& counts, const Json& bounds, double q) {
  double all = 0;
  for (const double count : counts) all += count;
  double below = 0;
  for (size_t i = 0; i < std::min(counts.size(), bounds.size()); ++i) {
    below += counts[i];
    if (below > 0 && below >= q * all) return bounds[i].get<double>();
  }
  return all > 0 && !bounds.empty() ? bounds.back().get<double>() : 0;
}

std::string Formatted(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

// "50 us", "2 ms", "1 s".
std::string ShownTime(double us) {
  if (us <= 0) return "-";
  if (us < 1e3) return Formatted("%.0f us", us);
  return us < 1e6 ? Formatted("%.3g ms", us / 1e3) : Formatted("%.3g s", us / 1e6);
}

// "512 B", "1.5 MB".
std::string ShownBytes(double bytes) {
  static constexpr const char* kUnits[] = {" B", " kB", " MB", " GB", " TB"};
  size_t unit = 0;
  for (; bytes >= 1000 && unit + 1 < std::size(kUnits); ++unit) bytes /= 1000;
  return Formatted("%.3g", bytes) + kUnits[unit];
}

std::string ShownCount(double count) {
  return count < 100 && count != std::floor(count) ? Formatted("%.1f", count)
                                                   : Formatted("%.0f", count);
}

// "1 day 2 h", "3 min 4 s".
std::string Uptime(int64_t seconds) {
  const auto part = [](int64_t n, const char* unit) { return std::to_string(n) + unit; };
  if (seconds < 60) return part(seconds, " s");
  if (seconds < 3600) return part(seconds / 60, " min ") + part(seconds % 60, " s");
  if (seconds < 86400) return part(seconds / 3600, " h ") + part(seconds / 60 % 60, " min");
  return part(seconds / 86400, " d ") + part(seconds / 3600 % 24, " h");
}

// What each purpose has of the system, and had at most.
std::string MemoryLine(const Json& stats) {
  std::string line = "memory: " + ShownBytes(Number(stats, "resident_bytes")) + " resident";
  for (const Json& purpose : stats.value("memory", Json::array())) {
    line += ", " + purpose.value("purpose", std::string()) + " " +
            ShownBytes(Number(purpose, "allocated_bytes")) + " (peak " +
            ShownBytes(Number(purpose, "peak_bytes")) + ")";
  }
  return line;
}

// Those that something was ever taken of.
std::string PoolLine(const Json& stats) {
  std::string line = "pools:";
  for (const Json& pool : stats.value("pools", Json::array())) {
    const double taken = Number(pool, "taken");
    if (taken == 0) continue;
    line += (line.back() == ':' ? " " : ", ") + pool.value("pool", std::string()) + " ";
    if (pool.contains("in_use")) line += ShownCount(Number(pool, "in_use")) + " used + ";
    line += ShownCount(Number(pool, "kept")) + " kept, " +
            Formatted("%.3g", 100 * Number(pool, "missed") / taken) + " % missed";
  }
  return line;
}

std::vector<std::string> AreaLines(const Json& stats) {
  std::vector<std::string> lines;
  for (const Json& area : stats.value("areas", Json::array())) {
    if (Number(area, "ended") == 0) continue;
    lines.push_back("area " + area.value("area", std::string()) + ": " +
                    ShownBytes(Number(area, "in_use_bytes")) + " in use; " +
                    ShownCount(Number(area, "overflows")) + " of " +
                    ShownCount(Number(area, "ended")) + " overflowed, by " +
                    ShownBytes(Number(area, "overflow_bytes")) + "; the largest had " +
                    ShownBytes(Number(area, "peak_bytes")));
  }
  return lines;
}

std::string RcuLine(const Json& stats) {
  const Json rcu = stats.value("rcu", Json::object());
  const Json wait = rcu.value("wait", Json::object());
  return "rcu: " + ShownCount(Number(rcu, "waiting")) + " of " +
         ShownCount(Number(rcu, "retired")) + " wait, " + ShownCount(Number(rcu, "grace_periods")) +
         " grace periods; waits: p50 " + ShownTime(Number(wait, "p50_us")) + ", p99 " +
         ShownTime(Number(wait, "p99_us"));
}

// What happened between two answers, or since the start if there is no earlier one.
class Screen {
 public:
  Screen(const Json& now, const Json& before) : now_(now) {
    const bool same = before.is_object() && Number(before, "uptime_ms") <= Number(now, "uptime_ms");
    for (const Json& row : same ? before.value("methods", Json::array()) : Json::array()) {
      earlier_[KeyOf(row)] = row;
    }
    seconds_ = (Number(now, "uptime_ms") - (same ? Number(before, "uptime_ms") : 0)) / 1000;
    rates_ = same;
  }

  std::string Text() {
    AddHead();
    AddConnections();
    AddCommits();
    Line(MemoryLine(now_));
    Line(PoolLine(now_));
    for (const std::string& line : AreaLines(now_)) Line(line);
    Line(RcuLine(now_));
    AddMethods();
    return std::move(out_);
  }

 private:
  static std::string KeyOf(const Json& row) {
    return row.value("method", std::string()) + " " + row.value("door", std::string());
  }

  void Line(const std::string& text) { out_ += text + "\n"; }

  void AddHead() {
    const Json projects = now_.value("projects", Json::object());
    const Json workers = now_.value("workers", Json::object());
    Line("voxeld, up " + Uptime(static_cast<int64_t>(Number(now_, "uptime_ms") / 1000)) + ": " +
         ShownCount(Number(projects, "count")) + " projects, " +
         ShownCount(Number(projects, "open")) + " in memory with " +
         ShownBytes(Number(projects, "voxel_bytes")));
    Line("workers: " + ShownCount(Number(workers, "threads")) + ", " +
         ShownCount(Number(workers, "busy")) + " busy, " + ShownCount(Number(workers, "queued")) +
         " tasks wait; waits: p50 " +
         ShownTime(Number(workers.value("wait", Json::object()), "p50_us")) + ", p99 " +
         ShownTime(Number(workers.value("wait", Json::object()), "p99_us")));
  }

  void AddConnections() {
    std::string line;
    for (const Json& door : now_.value("doors", Json::array())) {
      const std::string name = door.value("door", std::string());
      line += (line.empty() ? "" : ", ") + name + " ";
      if (name != "grpc") line += ShownCount(Number(door, "open")) + " of ";
      line += ShownCount(Number(door, "accepted"));
    }
    Line("connections, open of accepted: " + line + "; refused " +
         ShownCount(Number(now_, "connections_refused")));
  }

  void AddCommits() {
    if (!now_.contains("commits")) return;
    const Json& commits = now_["commits"];
    const Json groups = commits.value("groups", Json::object());
    double count = 0;
    for (const Json& bucket : groups.value("counts", Json::array())) count += bucket.get<double>();
    Line("commits: " + ShownCount(Number(commits, "records")) + " records in " + ShownCount(count) +
         " groups; fsync: p50 " + ShownTime(Number(groups, "p50_us")) + ", p99 " +
         ShownTime(Number(groups, "p99_us")));
  }

  void AddMethods() {
    struct Row {
      double calls;
      std::string text;
    };
    std::vector<Row> rows;
    for (const Json& row : now_.value("methods", Json::array())) {
      const Json before = earlier_.count(KeyOf(row)) > 0 ? earlier_[KeyOf(row)] : Json::object();
      const double calls = Number(row, "calls") - Number(before, "calls");
      if (calls > 0) rows.push_back({calls, MethodLine(row, before)});
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row& a, const Row& b) { return a.calls > b.calls; });
    char head[160];
    std::snprintf(head, sizeof head, "\n%-28s %-8s %10s %9s %9s %9s %11s %11s", "METHOD", "DOOR",
                  rates_ ? "CALLS/S" : "CALLS", rates_ ? "ERRORS/S" : "ERRORS", "P50", "P99",
                  rates_ ? "IN/S" : "IN", rates_ ? "OUT/S" : "OUT");
    Line(head);
    for (const Row& row : rows) Line(row.text);
  }

  std::string MethodLine(const Json& row, const Json& before) const {
    const double over = rates_ ? std::max(seconds_, 0.001) : 1;
    const auto since = [&](const char* name) {
      return (Number(row, name) - Number(before, name)) / over;
    };
    const auto errors = [](const Json& of) {
      const Json reasons = of.value("errors", Json::object());
      double all = 0;
      for (const Json& count : reasons) all += count.get<double>();
      return all;
    };
    const auto counts = [](const Json& of) {
      return of.value("latency", Json::object()).value("counts", Json::array());
    };
    const std::vector<double> latency = Difference(counts(row), counts(before));
    const Json bounds = now_.value("bucket_bounds_us", Json::array());
    const std::string method = row.value("method", std::string());
    char line[256];
    std::snprintf(line, sizeof line, "%-28s %-8s %10s %9s %9s %9s %11s %11s",
                  method.empty() ? "(no method)" : method.c_str(),
                  row.value("door", std::string()).c_str(), ShownCount(since("calls")).c_str(),
                  ShownCount((errors(row) - errors(before)) / over).c_str(),
                  ShownTime(Quantile(latency, bounds, 0.5)).c_str(),
                  ShownTime(Quantile(latency, bounds, 0.99)).c_str(),
                  ShownBytes(since("bytes_in")).c_str(), ShownBytes(since("bytes_out")).c_str());
    return line;
  }

  const Json& now_;
  std::map<std::string, Json> earlier_;
  double seconds_ = 0;
  bool rates_ = false;
  std::string out_;
};

void Show(const std::string& screen, bool again) {
  if (isatty(STDOUT_FILENO) != 0) {
    std::fputs(kHomeAndClear, stdout);
  } else if (again) {
    std::fputs("\n", stdout);
  }
  std::fputs(screen.c_str(), stdout);
  std::fflush(stdout);
}

int RunTop(Session& session, const TopOptions& options) {
  Json before;
  for (;;) {
    Json now;
    const auto take = [&now](const google::protobuf::Message& stats) {
      now = Json::parse(ToJson(stats));
      return true;
    };
    if (const int code = session.Call(kStats, Json::object(), take); code != 0) return code;
    if (session.format() == Format::kJson) {
      std::puts(now.dump().c_str());
      std::fflush(stdout);
    } else {
      Show(Screen(now, before).Text(), before.is_object());
    }
    if (options.once || !PrintedWell()) return 0;
    before = std::move(now);
    std::this_thread::sleep_for(std::chrono::duration<double>(options.interval_seconds));
  }
}

}  // namespace

void AddTopCommand(CLI::App* app, const char* topic, Run* chosen) {
  auto options = std::make_shared<TopOptions>();
  CLI::App* command =
      app->add_subcommand("top", "Show what the daemon is doing, until interrupted: voxctl top")
          ->group(topic);
  command->add_flag("--once", options->once, "show what it did since it began, and end");
  command
      ->add_option("--interval", options->interval_seconds, "from one look to the next, in seconds")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  command->footer(
      "The first look is at all since the start, later ones at the time between. P50 and P99 are\n"
      "the upper bounds of the buckets of `voxctl admin.stats` that hold them.");
  command->callback([options, chosen] {
    *chosen = [options](Session& session) { return RunTop(session, *options); };
  });
}

}  // namespace voxctl
