// What memory is used for, as admin.memory and admin.stats tell it.
//
// Threading: plain functions.
#pragma once

#include "daemon/memory/memory_use.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "voxeld/v1/admin.pb.h"

namespace voxeld {

// Appends each purpose.
void FromMemoryUse(const MemoryUse& memory,
                   google::protobuf::RepeatedPtrField<v1::MemoryPurpose>* out);

}  // namespace voxeld
