// The methods of the JSON-RPC door itself: rpc.cancel and rpc.discover. Not in the method table:
// gRPC has its own cancellation and reflection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/service/method_table.h"

namespace voxeld {

// What rpc.cancel names: exactly one of both.
struct CancelTarget {
  std::optional<int64_t> subscription;
  std::string_view id;  // the raw token of a request's id; a view into the params
};

// {"subscription": 3} or {"id": "a"}. MISSING_FIELD, UNKNOWN_FIELD, INVALID_FIELD.
absl::StatusOr<CancelTarget> ReadCancelTarget(std::string_view params);

// The result of rpc.discover: every method with its types, and every message and enum that they
// use.
std::string DescribeMethods(const MethodTable& methods);

}  // namespace voxeld
