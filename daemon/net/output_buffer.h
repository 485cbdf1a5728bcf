// What waits to be written to one socket. Everything appended in a turn goes out in one write.
//
// Threading: the poller's thread.
// Memory:    of the pool, from the first byte until all is sent: an idle connection holds none.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "daemon/memory/buffer_pool.h"

namespace voxeld {

class OutputBuffer {
 public:
  // The pool outlives it.
  explicit OutputBuffer(BufferPool* buffers) : buffers_(buffers) {}

  // Append here.
  std::string* text() {
    if (!has_memory()) text_ = buffers_->Take(kRoom);
    return &text_;
  }
  size_t unsent() const { return text_.size() - sent_; }
  // Forgets what is unsent, and holds no memory.
  void Clear();

  enum class Flushed { kAll, kBlocked, kFailed };
  // Writes what the socket takes. kFailed: the peer is gone.
  Flushed Flush(int fd);
  // The same for what is here and then `fresh`, which is copied only if the socket does not take
  // all of it.
  Flushed Flush(int fd, std::string_view fresh);

 private:
  static constexpr size_t kRoom = 4 << 10;  // most answers of a turn

  bool has_memory() const { return text_.capacity() > std::string().capacity(); }

  BufferPool* const buffers_;
  std::string text_;
  size_t sent_ = 0;
};

}  // namespace voxeld
