// Fields that a client sent and the API does not have. Protobuf keeps them silently; we say so, as
// the JSON doors do.
//
// Threading: pure function.
// Cost:      some nanoseconds per field of each message inside.
#pragma once

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace voxeld {

// UNKNOWN_FIELD with the place and number of the first one in the message or in one inside it.
absl::Status RefuseUnknownFields(const google::protobuf::Message& message);

}  // namespace voxeld
