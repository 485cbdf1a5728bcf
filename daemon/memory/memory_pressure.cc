#include "daemon/memory/memory_pressure.h"

#include <utility>

#include "voxel/base/slab_allocator.h"
#include "voxel/base/steady_time.h"

namespace voxeld {
namespace {

int64_t PressureClockNs() { return absl::ToUnixNanos(voxel::SteadyNow()); }

}  // namespace

std::string_view MemoryPressure::NameOf(Stage stage) {
  constexpr std::string_view kNames[] = {"none", "caches", "projects", "refusing"};
  return kNames[static_cast<size_t>(stage)];
}

MemoryPressure::Limits MemoryPressure::LimitsFor(int64_t bytes) {
  return {.caches = bytes / 8 * 5, .projects = bytes / 4 * 3, .refusing = bytes};
}

void MemoryPressure::RelieveWith(Stage stage, absl::Duration pause,
                                 absl::AnyInvocable<bool()> relieve) {
  Measure& measure = MeasureOf(stage);
  measure.pause_ns = absl::ToInt64Nanoseconds(pause);
  absl::MutexLock lock(&measure.mu);
  measure.relieve = std::move(relieve);
}

void MemoryPressure::Detach(Stage stage) {
  Measure& measure = MeasureOf(stage);
  absl::MutexLock lock(&measure.mu);
  measure.relieve = nullptr;
}

void MemoryPressure::Check() {
  const int64_t used = voxel::SlabUsedBytes();
  if (used > limits_.caches) Begin(MeasureOf(Stage::kCaches));
  if (used > limits_.projects) Begin(MeasureOf(Stage::kProjects));
}

void MemoryPressure::Begin(Measure& measure) {
  if (measure.running.load(std::memory_order_relaxed)) return;
  if (PressureClockNs() < measure.not_before_ns.load() || measure.running.exchange(true)) return;
  absl::MutexLock lock(&measure.mu);
  if (!measure.relieve) return measure.running.store(false);
  if (!measure.relieve()) return End(measure);
  measure.begun.fetch_add(1);
}

void MemoryPressure::Relieved(Stage stage) { End(MeasureOf(stage)); }

void MemoryPressure::End(Measure& measure) {
  measure.not_before_ns.store(PressureClockNs() + measure.pause_ns);
  measure.running.store(false);
}

MemoryPressure::Stage MemoryPressure::stage() const {
  const int64_t used = voxel::SlabUsedBytes();
  if (used > limits_.refusing) return Stage::kRefusing;
  if (used > limits_.projects) return Stage::kProjects;
  return used > limits_.caches ? Stage::kCaches : Stage::kNone;
}

}  // namespace voxeld
