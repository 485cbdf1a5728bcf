// admin.stats: what was counted since the daemon began.
#include <algorithm>
#include <string>
#include <tuple>

#include "daemon/runtime/rcu.h"
#include "daemon/service/memory_purposes.h"
#include "daemon/service/method_table.h"
#include "daemon/service/methods.h"
#include "voxel/base/slab_allocator.h"
#include "voxel/base/steady_time.h"

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

void ShowPools(const ShownMemory& memory, v1::StatsResponse* response) {
  for (const ShownPool& pool : memory.pools) {
    v1::PoolStats* const shown = response->add_pools();
    shown->set_pool(std::string(pool.name));
    shown->set_taken(pool.counts->taken());
    shown->set_missed(pool.counts->missed());
    shown->set_kept(pool.counts->kept());
    shown->set_kept_bytes(pool.counts->kept_bytes());
    if (pool.all_come_back) shown->set_in_use(pool.counts->in_use());
  }
  for (const ShownArea& area : memory.areas) {
    const auto block = static_cast<int64_t>(area.block_bytes);
    v1::AreaStats* const shown = response->add_areas();
    shown->set_area(std::string(area.name));
    shown->set_block_bytes(block);
    shown->set_in_use_bytes(area.owners->in_use() * block);
    shown->set_ended(area.counts->ended());
    shown->set_overflows(area.counts->overflows());
    shown->set_overflow_bytes(area.counts->overflow_bytes());
    shown->set_peak_bytes(area.counts->peak_bytes());
  }
}

void ShowRcu(const RcuCounts& rcu, v1::RcuStats* shown) {
  shown->set_retired(rcu.retired);
  shown->set_waiting(rcu.retired - rcu.dropped);
  shown->set_grace_periods(rcu.grace_periods);
  ShowLatencies(rcu.waits, shown->mutable_wait());
}

void ShowProjects(const Services& services, v1::ProjectStats* shown) {
  shown->set_count(services.registry->size());
  shown->set_open(services.registry->open());
  shown->set_voxel_bytes(voxel::SlabUsedBytes());
  shown->set_mapped_bytes(voxel::SlabMappedBytes());
  shown->set_limit_bytes(services.limits.max_memory);
  shown->set_given_up(services.registry->given_up());
  if (services.pressure != nullptr) {
    shown->set_caches_trimmed(services.pressure->begun(MemoryPressure::Stage::kCaches));
  }
}

}  // namespace

absl::Status AdminStats(Services& services, CallContext&, const v1::StatsRequest&,
                        v1::StatsResponse* response) {
  response->set_uptime_ms(absl::ToInt64Milliseconds(voxel::SteadyNow() - services.started));
  for (const int64_t bound : LatencyHistogram::kBoundsNs) {
    response->add_bucket_bounds_us(bound / kNsPerUs);
  }
  if (services.calls != nullptr) ShowCalls(*services.calls, *services.methods, response);
  if (services.connections != nullptr) ShowConnections(*services.connections, response);
  if (services.workers != nullptr) ShowWorkers(*services.workers, response->mutable_workers());
  ShowProjects(services, response->mutable_projects());
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
  ShowRcu(CountRcu(), response->mutable_rcu());
  ShowPools(services.shown_memory, response);
  response->set_resident_bytes(ResidentBytes());
  if (services.memory != nullptr) FromMemoryUse(*services.memory, response->mutable_memory());
  return absl::OkStatus();
}

}  // namespace voxeld
