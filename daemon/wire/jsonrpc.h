// JSON-RPC 2.0 as a pure state machine: lines in, calls out; results in, bytes out. No sockets, no
// threads. One JSON value a line in (line_splitter.h), one a line out; batches are arrays.
//
// Data flow: bytes -> LineSplitter -> line -> JsonRpcParser -> calls -> (somebody runs them) ->
// Append* -> bytes.
// Threading: an object may be used by one thread at a time.
// Source:    jsonrpc.org/specification; docs/protocols.md says what we add (streams, rpc.cancel).
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "daemon/wire/json_scanner.h"
#include "daemon/wire/line_splitter.h"

namespace voxeld {

// One call as it stood in a request. Views point into the line that was parsed, or into the parser
// (a method's name with escapes), and live until the next Parse.
struct JsonRpcCall {
  std::string_view
      id;  // the raw token, `7` or `"a"` or `null`; empty: a notification, never answered
  std::string_view method;  // unescaped
  std::string_view params;  // the raw object or array; empty if absent
  int64_t deadline_ms = 0;  // our extension, member "deadline_ms" of the request object: 0 none
  bool progress =
      false;  // our extension, member "progress": send rpc.progress notifications for this call
  absl::Status error;  // not OK: this entry is not a valid request; answer it with this
  int error_code = 0;  // and this JSON-RPC code
};

struct JsonRpcLine {
  bool batch = false;
  std::vector<JsonRpcCall>
      calls;  // exactly one unless batch; an invalid line is one call with an error and id `null`
};

class JsonRpcParser {
 public:
  // REQUIRES: max_batch >= 1.
  explicit JsonRpcParser(int max_batch);

  // Parses one line. Never fails: what is wrong becomes calls with errors, of the codes
  //   -32700  not JSON (MALFORMED_MESSAGE): one call, whatever the line held before the mistake
  //   -32600  JSON, but no request: wrong "jsonrpc", missing "method", an unknown or repeated
  //           member ...
  //   -32008  a batch of more than max_batch entries (LIMIT_BATCH): one call, none of them runs
  // The error's field names the member ("deadline_ms"). All of the line is checked to be JSON,
  // params too.
  void Parse(std::string_view line, JsonRpcLine* out);

 private:
  // Not OK: the whole line gets this error.
  absl::Status ParseLine(std::string_view line, JsonRpcLine* out);
  absl::Status ParseBatch(std::string_view line, JsonScanner& scanner, JsonRpcLine* out);
  // A request, or a value that stands where one should. False: the text is broken.
  bool ParseEntry(JsonScanner& scanner, JsonRpcLine* out);

  const size_t max_batch_;
  std::deque<std::string> escaped_;  // strings of the last line that had escapes; calls point here
};

// Replies, without the line's end. `id` is the raw token, not empty.
void AppendResultHead(std::string_view id, std::string* out);  // then the result, and "}"
void AppendResult(std::string_view id, std::string_view result_json, std::string* out);
// error.data is the status' ErrorInfo as JSON.
void AppendError(std::string_view id, int code, const absl::Status& status, std::string* out);
// The error object alone, {"code":...,"message":...,"data":...}, as rpc.end carries it.
void AppendErrorObject(int code, const absl::Status& status, std::string* out);
// A notification: {"jsonrpc":"2.0","method":...,"params":...}.
void AppendNotification(std::string_view method, std::string_view params_json, std::string* out);

}  // namespace voxeld
