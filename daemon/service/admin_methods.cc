// admin.*: the daemon itself.
#include "absl/time/clock.h"
#include "daemon/convert/ids.h"
#include "daemon/service/methods.h"
#include "voxel/base/error.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr size_t kMaxPingBytes = 64 << 10;

}  // namespace

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
  response->mutable_doors()->Assign(services.doors.begin(), services.doors.end());
  for (const auto& [name, value] : services.shown_limits)
    (*response->mutable_limits())[name] = value;
  response->set_uptime_ms(absl::ToInt64Milliseconds(absl::Now() - services.started));
  response->set_projects(services.registry->size());
  return absl::OkStatus();
}

}  // namespace voxeld
