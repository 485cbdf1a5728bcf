#include "daemon/stats/call_stats.h"

#include <array>

#include "voxel/base/error_parts.h"

namespace voxeld {
namespace {

constexpr size_t kReasons = 0
#define VOXEL_REASON(name, code, text) +1
#include "voxel/base/reason_table.inc"
#undef VOXEL_REASON
    ;

}  // namespace

// Relaxed everywhere: counts that nothing else depends on.
struct CallStats::Counters {
  LatencyHistogram latency;
  std::array<std::atomic<int64_t>, kReasons> errors{};
  std::atomic<int64_t> bytes_in{0};
  std::atomic<int64_t> bytes_out{0};
};

CallStats::CallStats(size_t methods)
    : slots_((methods + 1) * kDoors), counters_(new std::atomic<Counters*>[slots_]()) {}

CallStats::~CallStats() {
  for (size_t i = 0; i < slots_; ++i) delete counters_[i].load(std::memory_order_relaxed);
}

CallStats::Counters& CallStats::Of(size_t method, Door door) {
  std::atomic<Counters*>& slot = counters_[method * kDoors + static_cast<size_t>(door)];
  Counters* counters = slot.load(std::memory_order_acquire);
  if (counters != nullptr) return *counters;
  auto fresh = std::make_unique<Counters>();
  // Whoever comes second takes the first one's.
  if (slot.compare_exchange_strong(counters, fresh.get(), std::memory_order_acq_rel)) {
    counters = fresh.release();
  }
  return *counters;
}

void CallStats::Ended(size_t method, Door door, int64_t ns, const absl::Status& status,
                      int64_t count) {
  Counters& counters = Of(method, door);
  counters.latency.Record(ns, count);
  CountError(counters, status, count);
}

void CallStats::Broken(size_t method, Door door, const absl::Status& status) {
  if (voxel::HasReason(status, voxel::Reason::CALL_CANCELLED) ||
      voxel::HasReason(status, voxel::Reason::DEADLINE_PASSED)) {
    return;
  }
  CountError(Of(method, door), status, 1);
}

void CallStats::CountError(Counters& counters, const absl::Status& status, int64_t count) {
  if (status.ok()) return;
  const auto reason =
      voxel::ReasonNamed(voxel::PartsOf(status).reason).value_or(voxel::Reason::INTERNAL);
  counters.errors[static_cast<size_t>(reason)].fetch_add(count, std::memory_order_relaxed);
}

void CallStats::Bytes(size_t method, Door door, int64_t in, int64_t out) {
  Counters& counters = Of(method, door);
  counters.bytes_in.fetch_add(in, std::memory_order_relaxed);
  // Some doors write answers without counting them, and an addition costs as much for nothing.
  if (out != 0) counters.bytes_out.fetch_add(out, std::memory_order_relaxed);
}

int64_t CallStats::Count() const {
  int64_t count = 0;
  for (size_t i = 0; i < slots_; ++i) {
    const Counters* counters = counters_[i].load(std::memory_order_acquire);
    if (counters != nullptr) count += counters->latency.Read().count();
  }
  return count;
}

std::vector<CallStats::Row> CallStats::Rows() const {
  std::vector<Row> rows;
  for (size_t i = 0; i < slots_; ++i) {
    const Counters* counters = counters_[i].load(std::memory_order_acquire);
    if (counters == nullptr) continue;
    Row& row = rows.emplace_back();
    row.method = i / kDoors;
    row.door = static_cast<Door>(i % kDoors);
    row.latency = counters->latency.Read();
    row.bytes_in = counters->bytes_in.load(std::memory_order_relaxed);
    row.bytes_out = counters->bytes_out.load(std::memory_order_relaxed);
    for (size_t reason = 0; reason < kReasons; ++reason) {
      const int64_t count = counters->errors[reason].load(std::memory_order_relaxed);
      if (count > 0) row.errors.emplace_back(static_cast<voxel::Reason>(reason), count);
    }
  }
  return rows;
}

}  // namespace voxeld
