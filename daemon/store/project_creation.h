// A project that is being made, as a retry of the request for it sees it.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/store/commit_ticket.h"

namespace voxeld {

struct ProjectCreation {
  std::string request_id;  // empty: none
  uint64_t request_hash = 0;
  std::string answer;
  CommitTicket ticket;  // ready once the project is there, or is not made
};

}  // namespace voxeld
