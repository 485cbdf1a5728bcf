// Redis' protocol as a pure state machine: bytes in, commands out. No sockets, no threads. Each
// byte is looked at once, or twice in a length that a piece ends in, and those of arguments not at
// all, wherever the pieces are cut.
//
// Forms:     arrays of bulk strings, "*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n", as client libraries send;
//            and lines of words, "ECHO hi\r\n", with quotes as redis-cli's, as people type.
// Limits:    the bytes of a command and the number of its arguments; checked before memory is
//            taken.
// Threading: an object may be used by one thread at a time.
// Cost:      no memory but the list of arguments, which is kept, and what quoted words say.
// Source:    redis.io/docs/reference/protocol-spec, of version 2 what clients send.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

namespace voxeld {

struct RespLimits {
  size_t max_command_bytes = 16 << 20;
  size_t max_arguments = 1 << 18;
  size_t max_line_bytes = 64 << 10;  // of a command that is a line of words
};

class RespParser {
 public:
  enum class State {
    kComplete,  // arguments() is a command; begin the next one with Next
    kWaiting,   // for more bytes
    kError,     // error() says why; nothing more can be read on this connection
  };

  explicit RespParser(const RespLimits& limits) : limits_(limits) {}

  // `bytes` are all that came since the command began: those of the last call, wherever they lie
  // now, and more.
  State Feed(std::string_view bytes);

  // REQUIRES: kComplete. Views into the bytes fed last, or into the parser; empty for a blank line.
  absl::Span<const std::string_view> arguments() const { return arguments_; }
  size_t size() const { return at_; }  // of the command, in bytes
  // REQUIRES: kError. "invalid bulk length".
  std::string_view error() const { return error_; }
  // Some of a command was fed, and not all.
  bool begun() const { return step_ != Step::kBegin || scanned_ > 0; }
  // Forgets the command. What is fed next begins behind it.
  void Next();

 private:
  enum class Step : uint8_t { kBegin, kLine, kLength, kBulk, kComplete, kError };
  struct Range {
    size_t begin = 0, size = 0;
  };

  // The line at at_, without its end; at_ then stands behind it. False: it is not all there.
  bool TakeLine(std::string_view bytes, size_t max, std::string_view* line);
  // The number of the line at at_, behind its first byte; at_ then stands behind the line. False:
  // it is not all there, or no number, which is the error.
  bool TakeLength(std::string_view bytes, std::string_view error, int64_t* length);
  void Begin(std::string_view bytes);
  void TakeBulkLength(std::string_view bytes);
  void TakeBulk(std::string_view bytes, size_t size);
  void TakeWords(std::string_view bytes);
  bool TakeWord(std::string_view line, size_t* at);
  void Complete(std::string_view bytes);
  void Fail(std::string_view error);

  const RespLimits limits_;
  Step step_ = Step::kBegin;
  bool waiting_ = false;  // for more bytes
  size_t at_ = 0;         // everything before it is done with
  size_t scanned_ = 0;    // no line ends in [at_, scanned_)
  size_t left_ = 0;       // arguments still to come
  size_t bulk_ = 0;       // the size of the one that is waited for
  std::vector<Range> ranges_;
  std::vector<std::string_view> arguments_;
  std::string words_;  // what the words of a line say, one behind the other
  std::string_view error_;
};

}  // namespace voxeld
