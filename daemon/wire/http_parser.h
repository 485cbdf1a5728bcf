// HTTP/1.1 requests as a pure state machine: bytes in, whole requests out. No sockets, no threads.
// Each byte is looked at once, wherever the pieces are cut.
//
// Strict:    what two parsers might read differently is an error, so that nothing can be smuggled
//            past a proxy: lines that end without \r, a \r inside one, folded headers, space before
//            a colon, two lengths of any kind, a Transfer-Encoding other than "chunked", a missing
//            or second Host.
// Limits:    a request line, all headers together, their number, and the body; each is checked
//            before memory is taken, and Content-Length before a byte of the body is read.
// Threading: an object may be used by one thread at a time.
// Cost:      holds one request. Memory of up to 64 KiB is kept for the next one.
// Source:    RFC 9110, RFC 9112.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voxeld {

struct HttpLimits {
  size_t max_line_bytes = 8 << 10;
  size_t max_header_bytes = 32 << 10;
  size_t max_headers = 100;
  size_t max_body_bytes = 16 << 20;
};

// Views live until the next request is begun, or more is fed.
struct HttpHeader {
  std::string_view name, value;  // as sent; the value without the space around it
};

struct HttpRequest {
  std::string_view method;  // "GET"
  std::string_view path;    // "/metrics"; of a target such as http://host/metrics, too
  std::string_view query;   // behind the '?', without it
  std::vector<HttpHeader> headers;
  std::string_view body;
  bool keep_alive = true;  // the client wants to ask more on this connection

  // The value of the header of that name, in any case; none if it is not there. Of several, the
  // first.
  std::optional<std::string_view> Header(std::string_view name) const;
};

class HttpParser {
 public:
  enum class State {
    kComplete,  // request() is whole; begin the next one with Next
    kWaiting,   // for more bytes
    kError,     // error() says why; nothing more can be read on this connection
  };
  struct Error {
    int status = 0;  // 400, 413, 414, 417, 431, 501, 505
    std::string message;
  };

  explicit HttpParser(const HttpLimits& limits) : limits_(limits) {}

  // Takes bytes up to the end of the request. `*used` says how many; kComplete leaves the rest to
  // the next request.
  State Feed(std::string_view bytes, size_t* used);

  // REQUIRES: kComplete.
  const HttpRequest& request() const { return request_; }
  // REQUIRES: kError.
  const Error& error() const { return error_; }
  // Forgets the request and begins the next one.
  void Next();

  // True once for a request that is to be sent "100 Continue" before its client goes on.
  bool TakeExpectation();
  // Some of a request is there, and not all.
  bool begun() const { return step_ != Step::kRequestLine || !text_.empty(); }

 private:
  enum class Step : uint8_t {
    kRequestLine,
    kHeaders,
    kBody,
    kChunkSize,
    kChunkData,
    kChunkEnd,
    kTrailers,
    kComplete,
    kError,
  };
  // A piece of text_, which may still move.
  struct Range {
    size_t begin = 0, size = 0;
  };
  struct Field {
    Range name, value;
  };

  bool TakeLine(std::string_view* bytes);
  void LineDone();
  void TakeRequestLine(std::string_view line);
  void TakeTarget(std::string_view target, size_t begin);
  void TakeHeader(std::string_view line);
  void HeadDone();
  void CheckHost();
  void ReadLength();
  void ReadConnection();
  void ReadExpectation();
  void TakeBody(std::string_view* bytes);
  void TakeChunkSize(std::string_view line);
  void Complete();
  void Fail(int status, std::string message);

  std::string_view Text(Range range) const {
    return std::string_view(text_).substr(range.begin, range.size);
  }
  // The one value of a header that may stand once; an error if it stands twice.
  std::optional<std::string_view> Once(std::string_view name);

  const HttpLimits limits_;
  Step step_ = Step::kRequestLine;
  std::string text_;       // the request line and headers, without line ends
  size_t line_begin_ = 0;  // of the line that is being read, in text_
  bool blank_seen_ = false;
  std::string body_;
  size_t body_left_ = 0;  // of the body, or of a chunk
  size_t trailer_lines_ = 0;

  bool one_one_ = true;  // HTTP/1.1
  Range method_, path_, query_;
  std::vector<Field> fields_;
  bool keep_alive_ = true;
  bool expects_ = false;

  HttpRequest request_;
  Error error_;
};

}  // namespace voxeld
