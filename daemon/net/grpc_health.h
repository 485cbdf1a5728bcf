// gRPC's health checking, as bytes: what load balancers and orchestrators ask.
//
// Source:    grpc/doc/health-checking.md, grpc.health.v1.
// Threading: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace voxeld {

enum class Health { kServing = 1, kNotServing = 2, kUnknownService = 3 };

// Of the service that a HealthCheckRequest names; the empty one is the whole daemon.
// MALFORMED_MESSAGE.
absl::StatusOr<Health> HealthOf(std::string_view request, const std::vector<std::string>& services,
                                bool draining);

// As a HealthCheckResponse.
std::string HealthResponse(Health health);

}  // namespace voxeld
