// Which voxctl this is.
#pragma once

namespace voxctl {

// "0.1.0", as voxeld's of the same build.
const char* Version();

}  // namespace voxctl
