// Errors that a program can act on: an absl::Status that also carries a stable reason, the argument
// at fault, and the source line that raised it. Doors turn these into ErrorInfo; the log prints the
// place.
//
// Threading: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace voxel {

// Machine-readable reasons: the whole API's, also those that only the daemon's doors raise, so that
// whoever counts or explains errors has one list. Names are part of the API (ErrorInfo.reason):
// add, never rename or reuse.
// The list, with the status code each one belongs to, stands in reason_table.inc.
enum class Reason : uint8_t {
#define VOXEL_REASON(name, code, text) name,
#include "voxel/base/reason_table.inc"
#undef VOXEL_REASON
};

// "LAYER_NOT_FOUND" for Reason::LAYER_NOT_FOUND.
std::string_view ReasonName(Reason reason);

// The reason of that name; none if there is no such reason.
std::optional<Reason> ReasonNamed(std::string_view name);

// Where a status was raised. Stands in for std::source_location, which clang 14 (lint, fuzzers,
// thread-safety analysis) does not have. As a default argument it names the caller's line.
class SourcePlace {
 public:
  static constexpr SourcePlace current(const char* file = __builtin_FILE(),
                                       uint32_t line = __builtin_LINE()) {
    return SourcePlace(file, line);
  }
  constexpr const char* file_name() const { return file_; }  // relative to the repository
  constexpr uint32_t line() const { return line_; }

 private:
  constexpr SourcePlace(const char* file, uint32_t line) : file_(file), line_(line) {}
  const char* file_;
  uint32_t line_;
};

// A non-OK status whose code is the one the table gives `reason`. `message` names the argument, the
// value and what is accepted. `field` is the path of the argument in the request
// ("edits[3].box.min"), empty if there is none.
absl::Status Error(Reason reason, std::string_view message, std::string_view field = {},
                   SourcePlace place = SourcePlace::current());

// `status` with `prefix` put before its field path ("edits[3]" + "box.min"); OK and foreign
// statuses come back as they are.
absl::Status InField(std::string_view prefix, const absl::Status& status);

// The parts of a status made by Error; empty for every other status.
std::string ReasonOf(const absl::Status& status);
bool HasReason(const absl::Status& status, Reason reason);
std::string FieldOf(const absl::Status& status);
std::string PlaceOf(const absl::Status& status);  // "voxel/ops/shapes.cc:41"

// A further machine-readable fact ("oldest_revision" -> "17"), kept through the doors. Overwrites
// an equal key.
void SetFact(absl::Status& status, std::string_view key, std::string_view value);
// Calls fn(key, value) for each fact, keys in ascending order.
void ForEachFact(const absl::Status& status,
                 void (*fn)(void* arg, std::string_view, std::string_view), void* arg);

}  // namespace voxel
