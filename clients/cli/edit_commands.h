// The short commands that edit voxels, one for each operation (voxel/ops/operation_table.inc).
#pragma once

#include <vector>

#include "clients/cli/short_command.h"

namespace voxctl {

// Those that add voxels.
std::vector<ShortCommand> ShapeCommands();
// Those that act on what is there.
std::vector<ShortCommand> ContentCommands();
// Those that place it elsewhere, or meet it with other layers.
std::vector<ShortCommand> PlacementCommands();
// Those that change colours.
std::vector<ShortCommand> ColorCommands();

}  // namespace voxctl
