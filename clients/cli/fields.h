// Requests from text: a flag for each field, a path in the request for each argument of a short
// command.
//
// Values:  numbers as they are; lists as "1,2,3"; a box as "0,0,0:10,10,10"; enums by their name or
//          its short form ("over", "x"); messages and maps as JSON; bytes as base64; the angles of
//          a view with slashes, "orbit:30/20".
#pragma once

#include <string>
#include <string_view>

#include "google/protobuf/descriptor.h"
#include "nlohmann/json.hpp"

namespace voxctl {

using Json = nlohmann::json;

// The JSON value of `text` for `field`. Throws std::invalid_argument that names the field and what
// it takes.
Json FieldValue(const google::protobuf::FieldDescriptor* field, const std::string& text);

// Protobuf's complaint about a number, "(edits[0].ball.radius): invalid value 1e99 for type
// TYPE_SINT32", as one that names the range; any other complaint as it is.
std::string ExplainNumber(const std::string& complaint);

// Sets `request` at `path` ("edits.0.box.color"; numbers are list indices) to the value of `text`,
// typed by the message's descriptor. Throws std::invalid_argument.
void SetField(const google::protobuf::Descriptor* type, std::string_view path,
              const std::string& text, Json* request);

// The field at such a path. REQUIRES: there is one.
const google::protobuf::FieldDescriptor* FindField(const google::protobuf::Descriptor* type,
                                                   std::string_view path);

// What a field takes, for help and for completion: "x,y,z", "TEXT", "PROJECT", "over|sub|...";
// lists end in ",...".
std::string FieldForm(const google::protobuf::FieldDescriptor* field);

// "MODE_OVER" -> "over": what follows the name that all values of an enum begin with.
std::string ShortName(const google::protobuf::EnumDescriptor* type, int index);

}  // namespace voxctl
