#include "daemon/net/connection.h"

#include <sys/epoll.h>

#include "voxel/base/str_cat.h"

namespace voxeld {

void Connection::Hear(uint32_t events) {
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) hangup_seen_ = true;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) peer_gone_ = true;
  if ((events & ~uint32_t{EPOLLOUT}) != 0) bytes_left_ = true;
}

void Connection::LogUnread(const Log& log, size_t bytes) {
  log.Warning(
      voxel::StrCat("closed a connection that does not read: ", bytes, " bytes wait for it"));
}

}  // namespace voxeld
