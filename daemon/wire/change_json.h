// What a mutation did, as JSON: the same text as JsonWriter's for any other message, by the
// message's own accessors, as every write has it in its answer and reflection takes four times as
// long.
//
// Threading: a plain function.
#pragma once

#include <string>

#include "voxeld/v1/common.pb.h"

namespace voxeld {

void AppendChange(const v1::Change& change, std::string* out);

}  // namespace voxeld
