// admin.stats: what was counted since the daemon began.
#include <algorithm>
#include <string>
#include <tuple>

#include "absl/time/clock.h"
#include "daemon/runtime/rcu.h"
#include "daemon/service/method_table.h"
#include "daemon/service/methods.h"
#include "voxel/base/slab_allocator.h"

namespace voxeld {
namespace {

constexpr int64_t kNsPerUs = 1000;

void ShowLatencies(const LatencyHistogram::Snapshot& snapshot, v1::Latencies* shown) {
  if (snapshot.count() == 0) return;
  shown->set_sum_us(snapshot.sum_ns / kNsPerUs);
  shown->mutable_counts()->Assign(snapshot.counts.begin(), snapshot.counts.end());
  shown->set_p50_us(snapshot.QuantileNs(0.5) / kNsPerUs);
  shown->set_p99_us(snapshot.QuantileNs(0.99) / kNsPerUs);
}

void ShowCalls(const CallStats& calls, const MethodTable& methods, v1::StatsResponse* response) {
  for (const CallStats::Row& row : calls.Rows()) {
    v1::MethodStats* const shown = response->add_methods();
    if (row.method < methods.methods().size()) {
      shown->set_method(methods.methods()[row.method].name);
    }
    shown->set_door(std::string(DoorName(row.door)));
    shown->set_calls(row.latency.count());
    for (const auto& [reason, count] : row.errors) {
      (*shown->mutable_errors())[std::string(voxel::ReasonName(reason))] = count;
    }
    ShowLatencies(row.latency, shown->mutable_latency());
    shown->set_bytes_in(row.bytes_in);
    shown->set_bytes_out(row.bytes_out);
  }
  std::sort(response->mutable_methods()->begin(), response->mutable_methods()->end(),
            [](const v1::MethodStats& a, const v1::MethodStats& b) {
              return std::tie(a.method(), a.door()) < std::tie(b.method(), b.door());
            });
}

void ShowConnections(const ConnectionStats& connections, v1::StatsResponse* response) {
  for (size_t i = 0; i < kDoors; ++i) {
    const Door door = static_cast<Door>(i);
    if (door == Door::kMcp) continue;  // it has no connections of its own
    v1::DoorStats* const shown = response->add_doors();
    shown->set_door(std::string(DoorName(door)));
    shown->set_accepted(connections.accepted(door));
    shown->set_open(connections.open(door));
  }
  response->set_connections_refused(connections.refused());
}

void ShowWorkers(const WorkerPool& workers, v1::WorkerStats* shown) {
  shown->set_threads(workers.threads());
  shown->set_busy(workers.busy());
  shown->set_queued(static_cast<int64_t>(workers.queued()));
  ShowLatencies(workers.waits(), shown->mutable_wait());
}

}  // namespace

absl::Status AdminStats(Services& services, CallContext&, const v1::StatsRequest&,
                        v1::StatsResponse* response) {
  response->set_uptime_ms(absl::ToInt64Milliseconds(absl::Now() - services.started));
  for (const int64_t bound : LatencyHistogram::kBoundsNs) {
    response->add_bucket_bounds_us(bound / kNsPerUs);
  }
  if (services.calls != nullptr) ShowCalls(*services.calls, *services.methods, response);
  if (services.connections != nullptr) ShowConnections(*services.connections, response);
  if (services.workers != nullptr) ShowWorkers(*services.workers, response->mutable_workers());
  v1::ProjectStats* const projects = response->mutable_projects();
  projects->set_count(services.registry->size());
  projects->set_open(services.registry->open());
  projects->set_voxel_bytes(voxel::SlabUsedBytes());
  projects->set_mapped_bytes(voxel::SlabMappedBytes());
  projects->set_limit_bytes(services.limits.max_memory);
  projects->set_given_up(services.registry->given_up());
  if (services.pressure != nullptr) {
    projects->set_caches_trimmed(services.pressure->begun(MemoryPressure::Stage::kCaches));
  }
  if (services.commits != nullptr) {
    response->mutable_commits()->set_records(services.commits->records());
    ShowLatencies(services.commits->commits(), response->mutable_commits()->mutable_groups());
  }
  if (services.store_health != nullptr) {
    for (const auto& [reason, count] : services.store_health->refused()) {
      (*response->mutable_commits()->mutable_refused())[reason] = count;
    }
    response->mutable_commits()->set_troubled(services.store_health->troubled());
  }
  const RcuCounts rcu = CountRcu();
  response->mutable_rcu()->set_retired(rcu.retired);
  response->mutable_rcu()->set_waiting(rcu.retired - rcu.dropped);
  return absl::OkStatus();
}

}  // namespace voxeld
