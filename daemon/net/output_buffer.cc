#include "daemon/net/output_buffer.h"

#include <errno.h>
#include <sys/socket.h>

namespace voxeld {
namespace {

constexpr size_t kKeptCapacity = 16 << 10;  // of an idle connection

}  // namespace

void OutputBuffer::Clear() {
  sent_ = 0;
  text_.clear();
  if (text_.capacity() > kKeptCapacity) text_.shrink_to_fit();
}

OutputBuffer::Flushed OutputBuffer::Flush(int fd, std::string_view fresh, BufferPool& buffers) {
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
    if (text_.capacity() < fresh.size() && text_.empty()) text_ = buffers.Take(fresh.size());
    text_.append(fresh);
  }
  const Flushed flushed = Flush(fd);
  if (flushed == Flushed::kAll && text_.capacity() > std::string().capacity()) buffers.Give(text_);
  return flushed;
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
