// The answers of a project's recent mutations by request id, so that a retry gets the first answer.
//
// Threading: none of its own; the project's strand owns it.
// Retention: an answer is forgotten once more than `max` are there and it is older than `keep_for`,
//            oldest first; sooner only if they all would take more than `max_bytes`. An answer
//            whose commit failed is forgotten at once: the retry runs.
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
  CommitTicket ticket;  // of what the answer says
};

struct RequestLimits {
  int32_t max = 100000;
  absl::Duration keep_for = absl::Hours(1);
  int64_t max_bytes = int64_t{256} << 20;
};

class RequestLog {
 public:
  explicit RequestLog(const RequestLimits& limits) : limits_(limits) {}

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
    int64_t bytes;
    std::string id;
  };
  bool TooMany(absl::Time now) const;
  void DropOldest();

  const RequestLimits limits_;
  absl::flat_hash_map<std::string, Slot> requests_;
  std::deque<Age> ages_;  // oldest first; an entry whose serial is not the slot's is stale
  int64_t bytes_ = 0;
  uint64_t next_serial_ = 1;
};

}  // namespace voxeld
