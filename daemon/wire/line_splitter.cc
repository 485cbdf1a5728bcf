#include "daemon/wire/line_splitter.h"

#include <algorithm>
#include <utility>

namespace voxeld {
namespace {

constexpr size_t kLeastRoom = 2048;

}  // namespace

void LineSplitter::FeedView(std::string_view bytes) {
  if (too_long_) return;
  if (buffered() == 0) return View(bytes);
  // What ends the line that is begun joins it; the rest needs no copy.
  const size_t newline = viewing_ || !rest_.empty() ? std::string_view::npos : bytes.find('\n');
  if (newline == std::string_view::npos) return Feed(bytes);
  Feed(bytes.substr(0, newline + 1));
  rest_ = bytes.substr(newline + 1);
}

void LineSplitter::View(std::string_view bytes) {
  view_ = bytes;
  viewing_ = true;
  rest_ = {};
  begin_ = scanned_ = 0;
}

void LineSplitter::Keep(absl::FunctionRef<void(std::string* text, size_t bytes)> make_room) {
  if (!viewing_) {
    buffer_.append(std::exchange(rest_, {}));
    return;
  }
  const std::string_view left = view_.substr(begin_);
  // With room for the rest of its line, as far as that can be guessed.
  const size_t wanted = std::max(kLeastRoom, 2 * left.size());
  if (!left.empty() && buffer_.capacity() < wanted) make_room(&buffer_, wanted);
  buffer_.assign(left);
  viewing_ = false;
  scanned_ -= begin_;
  begin_ = 0;
}

void LineSplitter::Feed(std::string_view bytes) {
  if (too_long_) return;
  if (viewing_ || !rest_.empty()) Keep([](std::string*, size_t) {});
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
  if (!too_long_ && !rest_.empty() && begin_ == text().size()) {
    View(rest_);
    return Next(line);
  }
  // A line of exactly the limit may still wait for the \n of its \r\n.
  const size_t pending = text().size() - begin_;
  const bool may_end = pending == max_line_bytes_ + 1 && text().back() == '\r';
  if (pending > max_line_bytes_ && !may_end) too_long_ = true;
  return too_long_ ? State::kTooLong : State::kWaiting;
}

std::string LineSplitter::ReleaseMemory() { return buffered() > 0 ? std::string() : Abandon(); }

std::string LineSplitter::Abandon() {
  begin_ = scanned_ = 0;
  viewing_ = false;
  rest_ = {};
  return std::exchange(buffer_, std::string());
}

void LineSplitter::Compact() {
  buffer_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
}

bool LineSplitter::FindLine(std::string_view* line, size_t* next) {
  const std::string_view all = text();
  const size_t newline = all.find('\n', scanned_);
  if (newline == std::string_view::npos) {
    scanned_ = all.size();
    if (!ended_ || begin_ == all.size()) return false;
  }
  const size_t end = std::min(newline, all.size());
  *line = all.substr(begin_, end - begin_);
  if (line->ends_with('\r')) line->remove_suffix(1);
  *next = std::min(end + 1, all.size());
  return true;
}

}  // namespace voxeld
