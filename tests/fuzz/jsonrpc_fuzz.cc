// A JSON-RPC connection's bytes: split into lines whole and in pieces, each line parsed into calls,
// each call's promises checked. The first byte chooses how the rest is cut into pieces.
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/wire/jsonrpc.h"
#include "voxel/base/check.h"

namespace voxeld {
namespace {

constexpr size_t kMaxLine = 512;
constexpr int kMaxBatch = 8;
constexpr int kParseError = -32700;
constexpr int kTooMany = -32008;

struct Stream {
  std::vector<std::string> lines;
  bool too_long = false;
  bool operator==(const Stream&) const = default;
};

void Drain(LineSplitter& splitter, Stream* out) {
  std::string_view line;
  while (!out->too_long) {
    switch (splitter.Next(&line)) {
      case LineSplitter::State::kComplete:
        VOXEL_CHECK(line.size() <= kMaxLine);
        out->lines.emplace_back(line);
        continue;
      case LineSplitter::State::kTooLong:
        out->too_long = true;
        return;
      case LineSplitter::State::kWaiting:
        return;
    }
  }
}

Stream Split(std::string_view bytes, size_t piece) {
  LineSplitter splitter(kMaxLine);
  Stream out;
  for (; !bytes.empty() && !out.too_long; bytes.remove_prefix(std::min(piece, bytes.size()))) {
    const std::string input(bytes.substr(0, piece));  // ends with its piece, as a reader's does
    if (piece % 2 == 0) {
      splitter.Feed(input);
    } else {
      splitter.FeedView(input);
    }
    Drain(splitter, &out);
    splitter.Keep([](std::string*, size_t) {});
  }
  splitter.FeedEnd();
  Drain(splitter, &out);
  return out;
}

void CheckCall(const JsonRpcCall& call) {
  const bool bad = !call.error.ok();
  VOXEL_CHECK(bad == (call.error_code != 0));
  // What is wrong is always answered, and an answer needs an id.
  if (bad) VOXEL_CHECK(!call.id.empty());
  if (!call.params.empty()) {
    VOXEL_CHECK(call.params.front() == '{' || call.params.front() == '[');
    VOXEL_CHECK(call.params.back() == '}' || call.params.back() == ']');
  }
  VOXEL_CHECK(call.deadline_ms >= 0);
}

// Everything but a parse error is JSON from end to end, by simdjson's DOM parser (which takes
// numbers only if they fit and nests less deep).
void CheckIsJson(simdjson::dom::parser& parser, std::string_view text) {
  simdjson::dom::element element;
  const auto error = parser.parse(text.data(), text.size()).get(element);
  VOXEL_CHECK(error == simdjson::SUCCESS || error == simdjson::NUMBER_ERROR);
}

// A reply to any call must be JSON, whatever the call's id was: as an entry of a batch it is no
// request, but no parse error either.
void CheckReply(JsonRpcParser& parser, const JsonRpcCall& call) {
  if (call.id.empty()) return;
  std::string reply = "[";
  if (call.error.ok()) {
    AppendResult(call.id, "{}", &reply);
  } else {
    AppendError(call.id, call.error_code, call.error, &reply);
  }
  reply += "]";
  JsonRpcLine line;
  parser.Parse(reply, &line);
  VOXEL_CHECK(line.batch && line.calls.size() == 1);
}

void CheckStream(std::string_view bytes, uint8_t cut) {
  const Stream whole = Split(bytes, std::max<size_t>(1, bytes.size()));
  VOXEL_CHECK(whole == Split(bytes, size_t{1} + cut));
  if (bytes.size() <= kMaxLine) VOXEL_CHECK(whole == Split(bytes, 1));
  JsonRpcParser parser(kMaxBatch);
  JsonRpcParser replies(kMaxBatch);
  simdjson::dom::parser oracle;
  JsonRpcLine line;
  for (const std::string& text : whole.lines) {
    const std::vector<char> exact(text.begin(),
                                  text.end());  // so that ASan sees reads past the end
    parser.Parse({exact.data(), exact.size()}, &line);
    VOXEL_CHECK(!line.calls.empty() && line.calls.size() <= kMaxBatch);
    VOXEL_CHECK(line.batch || line.calls.size() == 1);
    if (line.calls.front().error_code != kParseError && line.calls.front().error_code != kTooMany) {
      CheckIsJson(oracle, text);
    }
    for (const JsonRpcCall& call : line.calls) {
      CheckCall(call);
      CheckReply(replies, call);
    }
  }
}

}  // namespace
}  // namespace voxeld

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  voxeld::CheckStream({reinterpret_cast<const char*>(data) + 1, size - 1}, data[0]);
  return 0;
}
