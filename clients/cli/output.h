// What people and scripts see: responses as JSON or as a table, failures in one line.
#pragma once

#include <string>

#include "clients/cli/connection.h"
#include "google/protobuf/message.h"

namespace voxctl {

enum class Format { kTable, kJson };

// One line of proto3 JSON with the names as in the proto.
std::string ToJson(const google::protobuf::Message& message);

// For people: a list of messages as columns, everything else as "name: value" lines; "ok" where
// there is nothing to say.
std::string ToTable(const google::protobuf::Message& message);

void Print(Format format, const google::protobuf::Message& message);
// On stderr, in one line; in JSON format as an object.
void PrintFailure(Format format, const Failure& failure);

}  // namespace voxctl
