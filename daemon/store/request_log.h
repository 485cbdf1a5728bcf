// The answers of a project's recent mutations by request id, so that a retry gets the first answer.
//
// Threading: none of its own; the project's strand owns it.
// Retention: an answer is forgotten once more than `max` are there and it is older than `keep_for`,
//            oldest first; sooner only if they all would take more than `max_bytes`. An answer
//            whose commit failed is forgotten at once: the retry runs.
// Memory:    a line of slab blocks, oldest answer first, and a table of places in it: no heap call
//            for an answer of up to 8 KiB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "daemon/memory/pages.h"
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
  // What Find shows of a RememberedRequest.
  struct Found {
    uint64_t hash = 0;
    int64_t revision = 0;
    std::string_view answer;
    CommitTicket ticket;
  };

  explicit RequestLog(const RequestLimits& limits) : limits_(limits) {}
  ~RequestLog();
  RequestLog(const RequestLog&) = delete;
  RequestLog& operator=(const RequestLog&) = delete;

  // Null if the id is new, forgotten, or its commit failed. Valid until the next call.
  const Found* Find(std::string_view id);
  void Remember(std::string_view id, const RememberedRequest& request, absl::Time now) {
    Remember(id, Found{request.hash, request.revision, request.answer, request.ticket}, now);
  }
  void Remember(std::string_view id, const Found& request, absl::Time now);
  size_t size() const { return size_; }

 private:
  struct Entry;
  struct Block;

  uint64_t HashOf(std::string_view id) const;
  // Where the table has the entry of that id, or the empty place where it would stand.
  size_t PlaceOf(uint64_t id_hash, std::string_view id) const;
  void Erase(size_t place);
  void GrowTable();
  Entry* NewEntry(size_t text_bytes);
  bool TooMany(absl::Time now) const;
  void DropOldest();

  const RequestLimits limits_;
  Pages<Entry*> table_;  // open addressing, a power of two of places; null: empty
  size_t size_ = 0;      // entries that the table has
  Block* first_ = nullptr;
  Block* last_ = nullptr;
  size_t blocks_ = 0;
  size_t lined_up_ = 0;  // entries in the line, those that were forgotten included
  int64_t bytes_ = 0;
  Found found_;
};

}  // namespace voxeld
