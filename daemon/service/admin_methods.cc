// admin.*: the daemon itself.
#include <utility>

#include "daemon/convert/ids.h"
#include "daemon/service/memory_purposes.h"
#include "daemon/service/methods.h"
#include "daemon/service/reading.h"
#include "voxel/base/error.h"
#include "voxel/base/steady_time.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr size_t kMaxPingBytes = 64 << 10;
constexpr size_t kMaxTroubles = 1000;

void ShowHealth(const StoreHealth& health, v1::InfoResponse* response) {
  for (const auto& [reason, count] : health.refused()) {
    (*response->mutable_store_refused())[reason] = count;
  }
  for (StoreHealth::Trouble& trouble : health.troubles(kMaxTroubles)) {
    v1::ProjectTrouble* const shown = response->add_troubled();
    shown->set_project(std::move(trouble.project));
    shown->set_reason(std::move(trouble.reason));
    shown->set_message(std::move(trouble.message));
    FromTime(trouble.since, shown->mutable_since());
  }
}

void ShowPressure(const Services& services, v1::MemoryPressure* shown) {
  using Stage = MemoryPressure::Stage;
  const MemoryPressure& pressure = *services.pressure;
  shown->set_stage(std::string(MemoryPressure::NameOf(pressure.stage())));
  shown->set_caches_above_bytes(pressure.limits().caches);
  shown->set_projects_above_bytes(pressure.limits().projects);
  shown->set_caches_trimmed(pressure.begun(Stage::kCaches));
  shown->set_projects_given_up(services.registry->given_up());
}

}  // namespace

absl::Status AdminMemory(Services& services, CallContext&, const v1::MemoryRequest&,
                         v1::MemoryResponse* response) {
  response->set_resident_bytes(ResidentBytes());
  response->set_limit_bytes(services.limits.max_memory);
  if (services.pressure != nullptr) ShowPressure(services, response->mutable_pressure());
  if (services.memory != nullptr) FromMemoryUse(*services.memory, response->mutable_purposes());
  return absl::OkStatus();
}

absl::Status AdminOptimize(Services& services, CallContext&, const v1::OptimizeRequest&,
                           v1::OptimizeResponse* response) {
  if (services.memory != nullptr) response->set_freed_bytes(services.memory->Optimize());
  response->set_resident_bytes(ResidentBytes());
  return absl::OkStatus();
}

absl::Status AdminPing(Services&, CallContext&, const v1::PingRequest& request,
                       v1::PingResponse* response) {
  if (request.payload().size() > kMaxPingBytes) {
    return voxel::Error(voxel::Reason::LIMIT_BYTES,
                        voxel::StrCat("payload has ", request.payload().size(),
                                      " bytes; it takes at most ", kMaxPingBytes),
                        "payload");
  }
  response->set_payload(request.payload());
  return absl::OkStatus();
}

absl::Status AdminInfo(Services& services, CallContext&, const v1::InfoRequest&,
                       v1::InfoResponse* response) {
  response->set_version(services.version);
  response->set_io(services.io);
  response->mutable_doors()->Assign(services.doors.begin(), services.doors.end());
  for (const auto& [name, value] : services.shown_limits)
    (*response->mutable_limits())[name] = value;
  response->set_uptime_ms(absl::ToInt64Milliseconds(voxel::SteadyNow() - services.started));
  response->set_projects(services.registry->size());
  if (services.store_health != nullptr) ShowHealth(*services.store_health, response);
  return absl::OkStatus();
}

}  // namespace voxeld
