// Which of several names somebody may have meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace voxeld {

// The name that takes the fewest letters to be changed, added, left out or swapped with their
// neighbour; empty if that are more than a third of them.
// Source: optimal string alignment distance (Damerau 1964), by rows.
std::string NearestName(std::string_view name, const std::vector<std::string>& names);

}  // namespace voxeld
