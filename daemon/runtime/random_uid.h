// Names that nobody chose and nobody will choose again.
#pragma once

#include <string>

namespace voxeld {

// 32 hex digits from the kernel's random numbers.
std::string RandomUid();

}  // namespace voxeld
