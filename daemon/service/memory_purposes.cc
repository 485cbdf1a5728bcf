#include "daemon/service/memory_purposes.h"

#include <string>

namespace voxeld {

void FromMemoryUse(const MemoryUse& memory,
                   google::protobuf::RepeatedPtrField<v1::MemoryPurpose>* out) {
  memory.ForEach([out](std::string_view name, const MemoryUse::Bytes& bytes) {
    v1::MemoryPurpose* const purpose = out->Add();
    purpose->set_purpose(std::string(name));
    purpose->set_allocated_bytes(bytes.allocated);
    purpose->set_active_bytes(bytes.active);
    purpose->set_peak_bytes(bytes.peak);
    if (bytes.allocated > 0) {
      purpose->set_fragmentation(1 - static_cast<double>(bytes.active) /
                                         static_cast<double>(bytes.allocated));
    }
  });
}

}  // namespace voxeld
