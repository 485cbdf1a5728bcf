// The attributes of a file's own records, as read.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace voxel {

using Attributes = std::vector<std::pair<std::string, std::string>>;  // file order

}  // namespace voxel
