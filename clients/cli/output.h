// What people and scripts see: responses as JSON or as a table, failures in one line.
#pragma once

#include <string>

#include "clients/cli/connection.h"
#include "google/protobuf/message.h"

namespace voxctl {

enum class Format { kTable, kJson };

// One line of proto3 JSON with the names as in the proto. 64-bit integers within +-2^53 are
// numbers, others strings: as voxeld's JSON doors write them.
std::string ToJson(const google::protobuf::Message& message);

// For people: a list of messages as columns, everything else as "name: value" lines; "ok" where
// there is nothing to say.
std::string ToTable(const google::protobuf::Message& message);

void Print(Format format, const google::protobuf::Message& message);
// Whether all that was printed so far was written.
bool PrintedWell();
// On stderr, in one line; in JSON format as an object.
void PrintFailure(Format format, const Failure& failure);

}  // namespace voxctl
