#include "daemon/net/output_buffer.h"

#include <errno.h>
#include <sys/socket.h>

namespace voxeld {
void OutputBuffer::Clear() {
  sent_ = 0;
  if (has_memory()) buffers_->Give(text_);
}

OutputBuffer::Flushed OutputBuffer::Flush(int fd, std::string_view fresh) {
  while (unsent() == 0 && !fresh.empty()) {
    const ssize_t count = send(fd, fresh.data(), fresh.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0) {
      fresh.remove_prefix(static_cast<size_t>(count));
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      return Flushed::kFailed;
    }
  }
  if (!fresh.empty()) {
    if (!has_memory()) text_ = buffers_->Take(fresh.size());
    text_.append(fresh);
  }
  return Flush(fd);
}

OutputBuffer::Flushed OutputBuffer::Flush(int fd) {
  while (unsent() > 0) {
    const ssize_t count = send(fd, text_.data() + sent_, unsent(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0) {
      sent_ += static_cast<size_t>(count);
    } else if (errno == EAGAIN) {
      // What was sent is dropped once it is the larger part: each byte moves at most once on
      // average.
      if (sent_ > text_.size() / 2) {
        text_.erase(0, sent_);
        sent_ = 0;
      }
      return Flushed::kBlocked;
    } else if (errno != EINTR) {
      return Flushed::kFailed;
    }
  }
  Clear();
  return Flushed::kAll;
}

}  // namespace voxeld
