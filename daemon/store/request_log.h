// The answers of a project's recent mutations by request id, so that a retry gets the first answer.
//
// Threading: none of its own; the project's strand owns it.
// Retention: an answer is forgotten once it is older than `keep_for`, or once more than `max` are
//            there, oldest first. An answer whose commit failed is forgotten at once: the retry
//            runs.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "daemon/store/commit_ticket.h"

namespace voxeld {

struct RememberedRequest {
  uint64_t hash = 0;
  int64_t revision = 0;
  std::string answer;
  CommitTicket ticket;  // of the head that the answer was derived from
};

class RequestLog {
 public:
  RequestLog(int32_t max, absl::Duration keep_for) : max_(max), keep_for_(keep_for) {}

  // Null if the id is new, forgotten, or its commit failed. Valid until the next Remember.
  const RememberedRequest* Find(const std::string& id);
  void Remember(const std::string& id, RememberedRequest request, absl::Time now);
  size_t size() const { return requests_.size(); }

 private:
  struct Slot {
    RememberedRequest request;
    uint64_t serial = 0;
  };
  struct Age {
    absl::Time since;
    uint64_t serial;
    std::string id;
  };
  void DropOldest();

  const int32_t max_;
  const absl::Duration keep_for_;
  absl::flat_hash_map<std::string, Slot> requests_;
  std::deque<Age> ages_;  // oldest first; an entry whose serial is not the slot's is stale
  uint64_t next_serial_ = 1;
};

}  // namespace voxeld
