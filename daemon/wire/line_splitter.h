// Splits a byte stream into lines; each byte is looked at once.
//
// Framing:   lines end with \n or \r\n. Lines of nothing but spaces and tabs are skipped. A last
//            line without an end is taken at the end of the stream. A line longer than the limit
//            ends the stream.
// Threading: an object may be used by one thread at a time.
// Cost:      holds what is not yet handed out, at most a line and the last Feed; an idle connection
//            holds nothing after ReleaseMemory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace voxeld {

class LineSplitter {
 public:
  explicit LineSplitter(size_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

  // Takes bytes; then call Next until it no longer says kComplete. Ends the views that Next gave.
  void Feed(std::string_view bytes);
  // The stream has ended: a last unterminated line becomes complete.
  void FeedEnd() { ended_ = true; }

  enum class State {
    // `line` is the next one, without its end; it lives until the next Feed or ReleaseMemory
    kComplete,
    kWaiting,  // nothing complete is left
    kTooLong,  // the next line is over the limit; from now on always the answer
  };
  State Next(std::string_view* line);

  // Bytes taken and not yet handed out.
  size_t buffered() const { return buffer_.size() - begin_; }
  // Gives memory back that nothing needs now. Ends the views that Next gave.
  void ReleaseMemory();

 private:
  // Drops the lines that were handed out.
  void Compact();
  // The bytes from begin_ to the end of its line, without the end; sets `next` behind the end.
  // False: no end yet.
  bool FindLine(std::string_view* line, size_t* next);

  const size_t max_line_bytes_;
  std::string buffer_;
  size_t begin_ = 0;    // of the current line
  size_t scanned_ = 0;  // no newline in [begin_, scanned_)
  bool ended_ = false;
  bool too_long_ = false;
};

}  // namespace voxeld
