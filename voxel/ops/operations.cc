#include "voxel/ops/operations.h"

namespace voxel {
namespace {

constexpr Operation kOperations[] = {
#define VOXEL_OPERATION(name, Case, Type, family, paints, summary, ...) \
  {#name, OperationFamily::family, paints, summary},
#include "voxel/ops/operation_table.inc"
#undef VOXEL_OPERATION
};

}  // namespace

absl::Span<const Operation> Operations() { return kOperations; }

}  // namespace voxel
