// The API's descriptors with their comments, as a serialized FileDescriptorSet inside the program.
#pragma once

#include <string_view>

namespace voxapi {

std::string_view ApiBytes();

}  // namespace voxapi
