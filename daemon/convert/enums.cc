#include "daemon/convert/enums.h"

#include <string>

#include "google/protobuf/descriptor.h"
#include "voxel/base/error.h"
#include "voxel/base/str_cat.h"

namespace voxeld {

absl::Status CheckEnum(int value, const google::protobuf::EnumDescriptor* type,
                       std::string_view field) {
  if (type->FindValueByNumber(value) != nullptr) return absl::OkStatus();
  std::string names;
  for (int i = 0; i < type->value_count(); ++i) {
    voxel::StrAppend(&names, i == 0 ? "" : ", ", type->value(i)->name());
  }
  return voxel::Error(voxel::Reason::INVALID_FIELD,
                      voxel::StrCat(field, ": ", value, " is not one of ", names), field);
}

}  // namespace voxeld
