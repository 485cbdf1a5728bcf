// What is known of each operation beyond its fields, from operation_table.inc.
//
// Threading: constants.
#pragma once

#include <cstdint>

#include "absl/types/span.h"
#include "voxel/ops/edit.h"

namespace voxel {

// What an operation has to look at to know the fate of one voxel.
enum class OperationFamily : uint8_t {
  kShapes,      // its position and its colour
  kConnected,   // what it is connected with
  kPlacement,   // a voxel elsewhere
  kLayers,      // other layers' voxels at its place
  kNeighbours,  // the voxels around it
  kColors,      // its colour alone
  kColorSet,    // all the colours there are
};

struct Operation {
  const char* name;  // its field in the API's Edit
  OperationFamily family;
  bool paints;  // takes a mode; the others take replace only
  const char* summary;
};

// In the order of EditOp.
absl::Span<const Operation> Operations();
inline const Operation& OperationOf(const EditOp& op) { return Operations()[op.index()]; }

}  // namespace voxel
