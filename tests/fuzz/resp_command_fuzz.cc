// A Redis client's bytes: read whole and in pieces, with the same commands and the same error in
// the end. The first byte chooses how the rest is cut into pieces.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/wire/resp_parser.h"
#include "tests/fuzz/pieces.h"
#include "voxel/base/check.h"

namespace voxeld {
namespace {

RespLimits SmallLimits() {
  RespLimits limits;
  limits.max_command_bytes = 512;
  limits.max_arguments = 16;
  limits.max_line_bytes = 128;
  return limits;
}

struct Stream {
  std::vector<std::string> words;  // of each command: how many, then each
  std::string error;
  size_t left = 0;
  bool operator==(const Stream&) const = default;
};

Stream Parse(std::string_view bytes, size_t piece) {
  RespParser parser(SmallLimits());
  Stream out;
  std::string pending;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    pending.append(bytes.substr(0, piece));
    while (!pending.empty()) {
      // Elsewhere each time, and exactly as long, so that ASan sees reads past the end.
      const std::vector<char> exact(pending.begin(), pending.end());
      const RespParser::State state = parser.Feed({exact.data(), exact.size()});
      if (state == RespParser::State::kWaiting) break;
      if (state == RespParser::State::kError) {
        out.error = parser.error();
        VOXEL_CHECK(!out.error.empty());
        return out;
      }
      VOXEL_CHECK(parser.size() > 0 && parser.size() <= pending.size());
      out.words.push_back(std::to_string(parser.arguments().size()));
      for (const std::string_view word : parser.arguments()) {
        VOXEL_CHECK(word.size() <= SmallLimits().max_command_bytes);
        out.words.emplace_back(word);
      }
      pending.erase(0, parser.size());
      parser.Next();
    }
  }
  out.left = pending.size();
  return out;
}

}  // namespace
}  // namespace voxeld

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  voxeld::CheckPieces(data, size, voxeld::Parse);
  return 0;
}
