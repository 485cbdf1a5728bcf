#include "daemon/wire/line_splitter.h"

#include <algorithm>

namespace voxeld {

void LineSplitter::Feed(std::string_view bytes) {
  if (too_long_) return;
  // Only when at least half of the buffer is done with: moving the rest then costs each byte a
  // constant.
  if (begin_ >= buffer_.size() - begin_) Compact();
  buffer_.append(bytes);
}

LineSplitter::State LineSplitter::Next(std::string_view* line) {
  size_t next = 0;
  while (!too_long_ && FindLine(line, &next)) {
    if (line->size() > max_line_bytes_) break;
    begin_ = scanned_ = next;
    if (line->find_first_not_of(" \t") != std::string_view::npos) return State::kComplete;
  }
  // A line of exactly the limit may still wait for the \n of its \r\n.
  const size_t pending = buffered();
  const bool may_end = pending == max_line_bytes_ + 1 && buffer_.back() == '\r';
  if (pending > max_line_bytes_ && !may_end) too_long_ = true;
  return too_long_ ? State::kTooLong : State::kWaiting;
}

void LineSplitter::ReleaseMemory() {
  Compact();
  buffer_.shrink_to_fit();
}

void LineSplitter::Compact() {
  buffer_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
}

bool LineSplitter::FindLine(std::string_view* line, size_t* next) {
  const size_t newline = buffer_.find('\n', scanned_);
  if (newline == std::string::npos) {
    scanned_ = buffer_.size();
    if (!ended_ || begin_ == buffer_.size()) return false;
  }
  const size_t end = std::min(newline, buffer_.size());
  *line = std::string_view(buffer_).substr(begin_, end - begin_);
  if (line->ends_with('\r')) line->remove_suffix(1);
  *next = std::min(end + 1, buffer_.size());
  return true;
}

}  // namespace voxeld
