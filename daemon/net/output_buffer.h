// What waits to be written to one socket. Everything appended in a round goes out in one write.
//
// Threading: the poller's thread.
#pragma once

#include <cstddef>
#include <string>

namespace voxeld {

class OutputBuffer {
 public:
  std::string* text() { return &text_; }  // append here
  size_t unsent() const { return text_.size() - sent_; }
  void Clear();

  enum class Flushed { kAll, kBlocked, kFailed };
  // Writes what the socket takes. kFailed: the peer is gone.
  Flushed Flush(int fd);

 private:
  std::string text_;
  size_t sent_ = 0;
};

}  // namespace voxeld
