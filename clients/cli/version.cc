#include "clients/cli/version.h"

namespace voxctl {

const char* Version() { return VOXCTL_VERSION; }

}  // namespace voxctl
