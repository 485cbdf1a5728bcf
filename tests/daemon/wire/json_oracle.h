// Other readers of JSON, to hold ours against: protobuf's own, and simdjson's implementations for
// other processors than this one, the scalar one among them.
//
// Where ours means to differ from protobuf's (docs/protocols.md, JSON) is told from the text and
// the descriptors alone, so that a refusal must have its reason in the text, not in our words.
//
// Threading: one thread in the whole process; simdjson's implementation is a global.
#pragma once

#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "google/protobuf/message.h"

namespace voxeld {

// What the readers of a text disagree about; empty: nothing. `type` is only a prototype.
//   * a text that is not JSON (JsonScanner, UTF-8) is refused; one that is JSON is not called
//     malformed
//   * a text in which something stands that we mean to refuse is refused
//   * all else is accepted by both or by neither, and read to the same message
//   * each implementation of simdjson leads to the same message, or to the same error; which of
//     several mistakes is told of a text that is not JSON may differ
std::string JsonDisagreement(std::string_view text, const google::protobuf::Message& type);

// Calls fn once with each implementation of simdjson that this machine can run as the active one,
// the scalar one first; returns how many there were.
int WithEachSimdjson(absl::FunctionRef<void(const std::string& name)> fn);

}  // namespace voxeld
