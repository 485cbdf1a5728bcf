// JSON Schemas of messages, from their descriptors and comments.
// Source: json-schema.org, draft 2020-12.
#pragma once

#include <set>
#include <string>

#include "google/protobuf/descriptor.h"
#include "nlohmann/json.hpp"

namespace voxapi {

// The schema of a message as the JSON-RPC door reads and writes it. `leave_out` names fields that
// do not appear, at any depth; bytes never do. A message inside one of its own type has its name as
// "title" instead of its properties.
nlohmann::json SchemaOf(const google::protobuf::Descriptor* type,
                        const std::set<std::string>& leave_out);
// Of one field.
nlohmann::json SchemaOf(const google::protobuf::FieldDescriptor* field,
                        const std::set<std::string>& leave_out);

}  // namespace voxapi
