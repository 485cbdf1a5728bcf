#include "daemon/net/connection.h"

#include <sys/epoll.h>

namespace voxeld {

void Connection::Hear(uint32_t events) {
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) hangup_seen_ = true;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) peer_gone_ = true;
  if ((events & ~uint32_t{EPOLLOUT}) != 0) bytes_left_ = true;
}

}  // namespace voxeld
