// Splits a byte stream into lines; each byte is looked at once.
//
// Framing:   lines end with \n or \r\n. Lines of nothing but spaces and tabs are skipped. A last
//            line without an end is taken at the end of the stream. A line longer than the limit
//            ends the stream.
// Threading: an object may be used by one thread at a time.
// Cost:      holds what is not yet handed out, at most a line and the last Feed. Of bytes that were
//            fed as a view only those of lines that are not all in it are copied, and what nobody
//            takes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"

namespace voxeld {

class LineSplitter {
 public:
  explicit LineSplitter(size_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

  // Takes bytes; then call Next until it no longer says kComplete. Ends the views that Next gave.
  void Feed(std::string_view bytes);
  // The same without a copy: the bytes must stay where they are until Keep or the next Feed.
  void FeedView(std::string_view bytes);
  // Copies what is left of a view, to a text that `make_room` gives room for so many bytes, in
  // place of what it has. Ends the views that Next gave.
  void Keep(absl::FunctionRef<void(std::string* text, size_t bytes)> make_room);
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
  size_t buffered() const { return text().size() - begin_ + rest_.size(); }
  // The memory, if nothing needs it now; else an empty text. Ends the views that Next gave.
  std::string ReleaseMemory();
  // The memory, whatever is in it: nothing more is to be fed or handed out.
  std::string Abandon();

 private:
  void View(std::string_view bytes);
  // Drops the lines that were handed out.
  void Compact();
  // The bytes from begin_ to the end of its line, without the end; sets `next` behind the end.
  // False: no end yet.
  bool FindLine(std::string_view* line, size_t* next);

  std::string_view text() const { return viewing_ ? view_ : std::string_view(buffer_); }

  const size_t max_line_bytes_;
  std::string buffer_;
  std::string_view view_;
  bool viewing_ = false;   // the text is the view; nothing in the buffer counts any more
  std::string_view rest_;  // of a view whose beginning ended a line in the buffer: comes next
  size_t begin_ = 0;       // of the current line
  size_t scanned_ = 0;     // no newline in [begin_, scanned_)
  bool ended_ = false;
  bool too_long_ = false;
};

}  // namespace voxeld
