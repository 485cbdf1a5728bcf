// An HTTP connection's bytes: read whole and in pieces, with the same requests and the same error
// in the end. The first byte chooses how the rest is cut into pieces.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/wire/http_parser.h"
#include "tests/fuzz/pieces.h"
#include "voxel/base/check.h"

namespace voxeld {
namespace {

HttpLimits SmallLimits() {
  HttpLimits limits;
  limits.max_line_bytes = 128;
  limits.max_header_bytes = 256;
  limits.max_headers = 8;
  limits.max_body_bytes = 512;
  return limits;
}

struct Stream {
  std::vector<std::string> requests;
  int status = 0;
  bool operator==(const Stream&) const = default;
};

// What was read, with every promise of the parser checked.
std::string Shown(const HttpRequest& request) {
  VOXEL_CHECK(!request.method.empty() && !request.path.empty());
  VOXEL_CHECK(request.body.size() <= SmallLimits().max_body_bytes);
  VOXEL_CHECK(request.headers.size() <= SmallLimits().max_headers);
  std::string text;
  const auto add = [&text](std::string_view piece) {
    for (const char c : piece) VOXEL_CHECK(c != '\r' && c != '\n' && c != '\0');
    text.append(piece);
    text.push_back('\n');
  };
  add(request.method);
  add(request.path);
  add(request.query);
  for (const HttpHeader& header : request.headers) {
    add(header.name);
    add(header.value);
    VOXEL_CHECK(request.Header(header.name).has_value());
  }
  text.append(request.body);
  text.push_back(request.keep_alive ? '+' : '-');
  return text;
}

Stream Parse(std::string_view bytes, size_t piece) {
  HttpParser parser(SmallLimits());
  Stream out;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    const std::string_view cut = bytes.substr(0, piece);
    const std::vector<char> exact(cut.begin(), cut.end());  // so that ASan sees reads past the end
    for (std::string_view left(exact.data(), exact.size()); !left.empty();) {
      size_t used = 0;
      const HttpParser::State state = parser.Feed(left, &used);
      VOXEL_CHECK(used <= left.size());
      left.remove_prefix(used);
      if (state == HttpParser::State::kError) {
        out.status = parser.error().status;
        VOXEL_CHECK(out.status >= 400 && !parser.error().message.empty());
        return out;
      }
      if (state == HttpParser::State::kWaiting) {
        VOXEL_CHECK(left.empty());
        break;
      }
      out.requests.push_back(Shown(parser.request()));
      parser.Next();
    }
  }
  return out;
}

}  // namespace
}  // namespace voxeld

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  voxeld::CheckPieces(data, size, voxeld::Parse);
  return 0;
}
