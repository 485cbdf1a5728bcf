#include "daemon/wire/prometheus_text.h"

#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr double kUsPerSecond = 1e6;

// {method="voxel.set",door="grpc"}. Values are names of ours: nothing in them needs escaping.
using Labels = std::string;

Labels With(const Labels& labels, std::string_view name, std::string_view value) {
  return voxel::StrCat(labels, labels.empty() ? "" : ",", name, "=\"", value, "\"");
}

class MetricWriter {
 public:
  explicit MetricWriter(std::string* out) : out_(out) {}

  void Begin(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    voxel::StrAppend(out_, "# HELP voxeld_", name, " ", help, "\n# TYPE voxeld_", name, " ", type,
                     "\n");
  }
  template <typename Number>
  void Sample(const Labels& labels, Number value) {
    Line("", labels, value);
  }
  template <typename Number>
  void Single(std::string_view name, std::string_view type, std::string_view help, Number value) {
    Begin(name, type, help);
    Sample("", value);
  }
  void Histogram(const Labels& labels, const v1::StatsResponse& stats,
                 const v1::Latencies& latencies) {
    int64_t sum = 0;
    for (int i = 0; i < stats.bucket_bounds_us_size(); ++i) {
      sum += i < latencies.counts_size() ? latencies.counts(i) : 0;
      const double bound = static_cast<double>(stats.bucket_bounds_us(i)) / kUsPerSecond;
      Line("_bucket", With(labels, "le", voxel::StrCat(bound)), sum);
    }
    const int last = stats.bucket_bounds_us_size();
    sum += last < latencies.counts_size() ? latencies.counts(last) : 0;
    Line("_bucket", With(labels, "le", "+Inf"), sum);
    Line("_sum", labels, static_cast<double>(latencies.sum_us()) / kUsPerSecond);
    Line("_count", labels, sum);
  }

 private:
  template <typename Number>
  void Line(std::string_view suffix, const Labels& labels, Number value) {
    voxel::StrAppend(out_, "voxeld_", name_, suffix, labels.empty() ? "" : "{", labels,
                     labels.empty() ? "" : "}", " ", value, "\n");
  }

  std::string* const out_;
  std::string_view name_;
};

Labels LabelsOf(const v1::MethodStats& method) {
  return With(With("", "method", method.method()), "door", method.door());
}

void AppendCalls(const v1::StatsResponse& stats, MetricWriter* out) {
  out->Begin("call_errors_total", "counter", "Calls that failed.");
  for (const v1::MethodStats& method : stats.methods()) {
    for (const auto& [reason, count] : method.errors()) {
      out->Sample(With(LabelsOf(method), "reason", reason), count);
    }
  }
  out->Begin("call_duration_seconds", "histogram",
             "From the request read to the answer ready, of calls that ended.");
  for (const v1::MethodStats& method : stats.methods()) {
    out->Histogram(LabelsOf(method), stats, method.latency());
  }
  out->Begin("call_received_bytes_total", "counter", "Of requests, without their envelopes.");
  for (const v1::MethodStats& method : stats.methods()) {
    out->Sample(LabelsOf(method), method.bytes_in());
  }
  out->Begin("call_sent_bytes_total", "counter", "Of answers and items, without their envelopes.");
  for (const v1::MethodStats& method : stats.methods()) {
    out->Sample(LabelsOf(method), method.bytes_out());
  }
}

void AppendConnections(const v1::StatsResponse& stats, MetricWriter* out) {
  out->Begin("connections_accepted_total", "counter", "Connections by what they speak.");
  for (const v1::DoorStats& door : stats.doors()) {
    out->Sample(With("", "door", door.door()), door.accepted());
  }
  out->Begin("connections_open", "gauge", "Connections there are; those of gRPC are not known.");
  for (const v1::DoorStats& door : stats.doors()) {
    if (door.door() != "grpc") out->Sample(With("", "door", door.door()), door.open());
  }
  out->Single("connections_refused_total", "counter", "Closed before they could ask for anything.",
              stats.connections_refused());
}

void AppendWorkers(const v1::StatsResponse& stats, MetricWriter* out) {
  const v1::WorkerStats& workers = stats.workers();
  out->Single("worker_threads", "gauge", "Threads for what takes long.", workers.threads());
  out->Single("workers_busy", "gauge", "Of them: at work.", workers.busy());
  out->Single("worker_queue_length", "gauge", "Tasks that wait for one.", workers.queued());
  out->Begin("worker_wait_seconds", "histogram", "How long tasks waited for a worker.");
  out->Histogram("", stats, workers.wait());
}

void AppendStore(const v1::StatsResponse& stats, MetricWriter* out) {
  const v1::ProjectStats& projects = stats.projects();
  out->Single("projects", "gauge", "Projects there are.", projects.count());
  out->Single("projects_open", "gauge", "Of them: in memory.", projects.open());
  out->Single("voxel_bytes", "gauge", "Voxels in memory, old revisions too.",
              projects.voxel_bytes());
  out->Single("voxel_mapped_bytes", "gauge", "Got from the system for voxels.",
              projects.mapped_bytes());
  out->Single("voxel_limit_bytes", "gauge", "Of voxel_bytes; edits are refused above.",
              projects.limit_bytes());
  out->Single("projects_given_up_total", "counter", "Idle projects that left memory to make room.",
              projects.given_up());
  out->Single("cache_trims_total", "counter", "How often caches were given back to make room.",
              projects.caches_trimmed());
  if (stats.has_commits()) {
    out->Single("commit_records_total", "counter", "Records that were made durable.",
                stats.commits().records());
    out->Begin("commit_seconds", "histogram", "The fsync of each group of records.");
    out->Histogram("", stats, stats.commits().groups());
    out->Begin("store_refused_total", "counter",
               "Changes, loads, creations and deletions that the disk refused.");
    for (const auto& [reason, count] : stats.commits().refused()) {
      out->Sample(With("", "reason", reason), count);
    }
    out->Single("projects_troubled", "gauge", "Projects that the disk leaves in trouble now.",
                stats.commits().troubled());
  }
}

void AppendRcu(const v1::StatsResponse& stats, MetricWriter* out) {
  const v1::RcuStats& rcu = stats.rcu();
  out->Single("rcu_retired_total", "counter", "What was replaced.", rcu.retired());
  out->Single("rcu_waiting", "gauge", "Of it: waiting until no reader can see it.", rcu.waiting());
  out->Single("rcu_grace_periods_total", "counter", "Grace periods, one after the other.",
              rcu.grace_periods());
  out->Begin("rcu_wait_seconds", "histogram", "From being replaced to being dropped.");
  out->Histogram("", stats, rcu.wait());
}

void AppendMemory(const v1::StatsResponse& stats, MetricWriter* out) {
  using Purpose = v1::MemoryPurpose;
  out->Single("resident_bytes", "gauge", "Of the process, in memory.", stats.resident_bytes());
  const auto each = [&](std::string_view name, std::string_view help,
                        int64_t (Purpose::*bytes)() const) {
    out->Begin(name, "gauge", help);
    for (const Purpose& purpose : stats.memory()) {
      out->Sample(With("", "purpose", purpose.purpose()), (purpose.*bytes)());
    }
  };
  each("memory_allocated_bytes", "Held from the system.", &Purpose::allocated_bytes);
  each("memory_active_bytes", "Of these, in use.", &Purpose::active_bytes);
  each("memory_peak_bytes", "The most that was allocated.", &Purpose::peak_bytes);
}

void AppendPools(const v1::StatsResponse& stats, MetricWriter* out) {
  using Pool = v1::PoolStats;
  const auto each = [&](std::string_view name, std::string_view type, std::string_view help,
                        int64_t (Pool::*count)() const) {
    out->Begin(name, type, help);
    for (const Pool& pool : stats.pools()) {
      out->Sample(With("", "pool", pool.pool()), (pool.*count)());
    }
  };
  each("pool_taken_total", "counter", "How often one was wanted.", &Pool::taken);
  each("pool_missed_total", "counter", "Of these: none was there.", &Pool::missed);
  each("pool_kept", "gauge", "That wait to be used again.", &Pool::kept);
  each("pool_kept_bytes", "gauge", "Of those that wait.", &Pool::kept_bytes);
  out->Begin("pool_in_use", "gauge", "That are used, of the pools that know.");
  for (const Pool& pool : stats.pools()) {
    if (pool.has_in_use()) out->Sample(With("", "pool", pool.pool()), pool.in_use());
  }
}

void AppendAreas(const v1::StatsResponse& stats, MetricWriter* out) {
  using Area = v1::AreaStats;
  const auto each = [&](std::string_view name, std::string_view type, std::string_view help,
                        int64_t (Area::*count)() const) {
    out->Begin(name, type, help);
    for (const Area& area : stats.areas()) {
      out->Sample(With("", "area", area.area()), (area.*count)());
    }
  };
  each("area_block_bytes", "gauge", "What each has.", &Area::block_bytes);
  each("area_in_use_bytes", "gauge", "Of the blocks in use.", &Area::in_use_bytes);
  each("area_ended_total", "counter", "Answers that were made in one.", &Area::ended);
  each("area_overflows_total", "counter", "Of these: had no room.", &Area::overflows);
  each("area_overflow_bytes_total", "counter", "That these took from the heap.",
       &Area::overflow_bytes);
  each("area_peak_bytes", "gauge", "The most that one took.", &Area::peak_bytes);
}

}  // namespace

void AppendPrometheus(const v1::StatsResponse& stats, std::string* out) {
  MetricWriter writer(out);
  writer.Single("uptime_seconds", "gauge", "Since the start.",
                static_cast<double>(stats.uptime_ms()) / 1000);
  AppendCalls(stats, &writer);
  AppendConnections(stats, &writer);
  AppendWorkers(stats, &writer);
  AppendStore(stats, &writer);
  AppendRcu(stats, &writer);
  AppendMemory(stats, &writer);
  AppendPools(stats, &writer);
  AppendAreas(stats, &writer);
}

}  // namespace voxeld
