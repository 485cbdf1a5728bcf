// What people and scripts see: responses as JSON or as a table, failures in one line.
#pragma once

#include <cstdint>
#include <optional>
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
// A file that was written here: "castle.vox: 120 bytes", or {"file": "castle.vox", "bytes": 120};
// with the last revision that it holds, if it is a project's file.
void PrintFile(Format format, const std::string& file, int64_t bytes,
               std::optional<int64_t> revision = std::nullopt);
// Whether all that was printed so far was written.
bool PrintedWell();
// On stderr, in one line; in JSON format as an object.
void PrintFailure(Format format, const Failure& failure);

}  // namespace voxctl
