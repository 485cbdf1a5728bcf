#include "daemon/net/call_order.h"

namespace voxeld {

CallClass ClassOf(const Method& method) {
  if (!Writes(method.access)) return CallClass::kRead;
  if (method.unary() && method.strand_field != nullptr) return CallClass::kStrandWrite;
  return CallClass::kBarrier;
}

}  // namespace voxeld
