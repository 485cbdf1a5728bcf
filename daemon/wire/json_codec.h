// JSON to typed messages and back, driven by descriptors: the proto3 JSON mapping, strict.
//
// Reading:   snake_case and camelCase names; unknown and duplicate fields, wrong types, numbers out
//            of range, fractions for integers, bad base64 and trailing bytes are errors that name
//            the field's path, the value and what is accepted. Numbers may stand in strings, enums
//            be named with or without their prefix, in any case. Where this is stricter than
//            protobuf's own reader: docs/protocols.md.
// Writing:   snake_case names; 64-bit integers within +-2^53 as numbers, others as strings; enums
//            by name; bytes as base64; fields with default values left out.
// Of the well-known types only Timestamp has its own form; the API uses no other.
//
// Threading: an object may be used by one thread at a time.
// Cost:      a JsonReader takes about nine times the text while it reads, and keeps that of texts
//            up to 256 KiB: one per thread, not per connection.
// Source:    protobuf.dev/programming-guides/json, RFC 8259; parsing by simdjson On-Demand.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "daemon/wire/message_pool.h"
#include "google/protobuf/message.h"

namespace voxeld {

class JsonReader {
 public:
  // Messages within messages come from `pool`, which gets them back with the whole; null: from the
  // heap.
  explicit JsonReader(MessagePool* pool = nullptr);
  ~JsonReader();

  // Reads one JSON value into `message`, which is cleared first and left half-read on error.
  // MALFORMED_MESSAGE, UNKNOWN_FIELD, INVALID_FIELD; the field path starts at the message
  // ("edits[0].box.min[2]").
  absl::Status Read(std::string_view json, google::protobuf::Message* message);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Appends `message` to `out` as one line of JSON.
void WriteJson(const google::protobuf::Message& message, std::string* out);
// Appends `text` as a JSON string, quotes included. Invalid UTF-8 is replaced by U+FFFD.
void WriteJsonString(std::string_view text, std::string* out);

}  // namespace voxeld
