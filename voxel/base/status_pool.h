// Failed statuses that are used again, so that making one costs no heap call: a status that nobody
// holds any more gives its memory to the next one.
//
// A status is Abseil's in every respect: it is copied, kept and let go of anywhere. Beside its
// message it carries details, a text that this library's errors put their parts into (error.cc).
//
// Threading: any thread; one short lock.
// Memory:    grows with how many are held at a time, up to kMost; what is held beyond comes from
//            the heap, and so do all with PlainMemory(). Counted and trimmed with the recyclers.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace voxel {

// A status of that code and message. `write` appends its details. REQUIRES: `code` is not OK.
absl::Status MakeStatus(absl::StatusCode code, std::string_view message,
                        absl::FunctionRef<void(std::string* details)> write);

// The details; empty for a status that is not of MakeStatus. They live as long as the status is
// left alone.
std::string_view DetailsOf(const absl::Status& status);

}  // namespace voxel
