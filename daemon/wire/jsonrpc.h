// JSON-RPC 2.0 as a pure state machine: bytes in, requests out; results in, bytes out. No sockets, no threads.
//
// Framing:   one JSON value a line (\n or \r\n) in; one a line out. Blank lines are ignored; a last line without an end is
//            taken at end of stream. Batches are arrays. A line over the limit is answered with an error and ends the stream.
// Source:    jsonrpc.org/specification; docs/protocols.md says what we add (streams, rpc.cancel).
// Threading: an object may be used by one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace voxeld {

// Splits a byte stream into lines; each byte is looked at once. Views live until the next Feed.
class LineSplitter {
 public:
  explicit LineSplitter(size_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

  // Takes bytes; then call Next until it says kWaiting.
  void Feed(std::string_view bytes);
  void FeedEnd();  // the stream has ended: a last unterminated line becomes complete
  enum class State { kComplete, kWaiting, kTooLong };
  State Next(std::string_view* line);
  size_t buffered() const;

 private:
  size_t max_line_bytes_;
  std::string buffer_;
  size_t begin_ = 0;    // of the current line
  size_t scanned_ = 0;  // no newline before here
  bool ended_ = false;
};

// One call as it stood in a request. Views point into the line that was parsed.
struct JsonRpcCall {
  std::string_view id;      // the raw token, `7` or `"a"` or `null`; empty: a notification, never answered
  std::string_view method;  // unescaped
  std::string_view params;  // the raw object or array; empty if absent
  int64_t deadline_ms = 0;  // our extension, member "deadline_ms" of the request object: 0 none
  bool progress = false;    // our extension, member "progress": send rpc.progress notifications for this call
  absl::Status error;       // not OK: this entry is not a valid request; answer it with this
  int error_code = 0;       // and this JSON-RPC code
};

struct JsonRpcLine {
  bool batch = false;
  std::vector<JsonRpcCall> calls;  // exactly one unless batch; an invalid line is one call with an error and id `null`
};

class JsonRpcParser {
 public:
  JsonRpcParser(int max_batch);
  ~JsonRpcParser();
  // Parses one line. Never fails: what is wrong becomes calls with errors (-32700, -32600).
  void Parse(std::string_view line, JsonRpcLine* out);

 private:
  struct Impl;
  Impl* impl_;
};

// Replies, without the line's end. `id` is the raw token.
void AppendResult(std::string_view id, std::string_view result_json, std::string* out);
void AppendError(std::string_view id, int code, const absl::Status& status, std::string* out);
// A notification: {"jsonrpc":"2.0","method":...,"params":...}.
void AppendNotification(std::string_view method, std::string_view params_json, std::string* out);

}  // namespace voxeld
