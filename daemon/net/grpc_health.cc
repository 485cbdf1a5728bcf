#include "daemon/net/grpc_health.h"

#include <algorithm>

#include "voxel/base/error.h"

namespace voxeld {
namespace {

constexpr char kServiceTag = 0x0a;      // field 1, a text
constexpr char kStatusTag = 0x08;       // field 1, a number
constexpr size_t kMostNameBytes = 127;  // whose length is one byte; ours are shorter

}  // namespace

absl::StatusOr<Health> HealthOf(std::string_view request, const std::vector<std::string>& services,
                                bool draining) {
  const Health now = draining ? Health::kNotServing : Health::kServing;
  if (request.empty()) return now;
  const bool whole = request.size() >= 2 && request[0] == kServiceTag &&
                     static_cast<unsigned char>(request[1]) == request.size() - 2;
  if (!whole || request.size() - 2 > kMostNameBytes) {
    return voxel::Error(voxel::Reason::MALFORMED_MESSAGE,
                        "not a HealthCheckRequest message with a name of at most 127 bytes");
  }
  const std::string_view name = request.substr(2);
  if (name.empty()) return now;
  const bool known = std::find(services.begin(), services.end(), name) != services.end();
  return known ? now : Health::kUnknownService;
}

std::string HealthResponse(Health health) { return {kStatusTag, static_cast<char>(health)}; }

}  // namespace voxeld
