// The message that a call answers with, in memory that the call has: a small one costs no heap
// call, larger ones add blocks from the heap.
//
// Threading: one thread at a time.
// Memory:    2 KiB, kept from answer to answer.
#pragma once

#include <cstddef>
#include <optional>

#include "daemon/memory/area.h"
#include "daemon/memory/area_counts.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/message.h"

namespace voxeld {

class AnswerArea {
 public:
  // An empty message of the prototype's type. It lives until Clear. REQUIRES: new, or cleared.
  google::protobuf::Message* New(const google::protobuf::Message& prototype) {
    google::protobuf::ArenaOptions options;
    options.initial_block_size = kBytes;
    options.initial_block = static_cast<char*>(area_.Allocate(kBytes, 8));
    return prototype.New(&arena_.emplace(options));
  }
  void Clear() {
    arena_.reset();
    area_.Reset();
  }
  // What the message takes; nothing if there is none.
  std::optional<AreaCounts::Use> use() const {
    if (!arena_.has_value()) return std::nullopt;
    return AreaCounts::Use{.bytes = arena_->SpaceUsed(),
                           .overflow = arena_->SpaceAllocated() - kBytes};
  }
  // For a Hold on it.
  Area* area() { return &area_; }

  static constexpr size_t kBytes = 2048;

 private:
  alignas(64) char block_[kBytes];
  Area area_{block_, kBytes};
  std::optional<google::protobuf::Arena> arena_;  // in it
};

}  // namespace voxeld
