// What waits to be written to one socket. Everything appended in a round goes out in one write.
//
// Threading: the poller's thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "daemon/memory/buffer_pool.h"

namespace voxeld {

class OutputBuffer {
 public:
  std::string* text() { return &text_; }  // append here
  size_t unsent() const { return text_.size() - sent_; }
  void Clear();

  enum class Flushed { kAll, kBlocked, kFailed };
  // Writes what the socket takes. kFailed: the peer is gone.
  Flushed Flush(int fd);
  // The same for what is here and then `fresh`, which is copied only if the socket does not take
  // all of it.
  Flushed Flush(int fd, std::string_view fresh, BufferPool& buffers);

 private:
  std::string text_;
  size_t sent_ = 0;
};

}  // namespace voxeld
