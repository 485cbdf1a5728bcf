#include "daemon/net/shown_pools.h"

#include <array>
#include <string_view>

#include "daemon/net/answer_area.h"

namespace voxeld {
namespace {

constexpr std::array<std::string_view, 4> kBufferNames = {"buffers_512", "buffers_4096",
                                                          "buffers_65536", "buffers_larger"};
static_assert(kBufferNames.size() == BufferPool::kTierBytes.size() + 1 &&
              BufferPool::kTierBytes == std::array<size_t, 3>{512, 4096, 65536});

}  // namespace

ShownMemory ShownMemoryOf(const BufferPool& buffers, const CallPool& calls, const JsonDoor& json,
                          const HttpDoor& http, const RespDoor& resp) {
  ShownMemory shown;
  for (size_t tier = 0; tier < kBufferNames.size(); ++tier) {
    shown.pools.push_back({kBufferNames[tier], &buffers.counts(tier), /*all_come_back=*/true});
  }
  shown.pools.push_back({"json_calls", &json.calls.counts(), /*all_come_back=*/true});
  shown.pools.push_back({"calls", &calls.counts, /*all_come_back=*/true});
  shown.pools.push_back({"json_messages", &json.messages.counts()});
  shown.pools.push_back({"messages", &calls.messages.counts()});
  shown.pools.push_back({"http_parsers", &http.parsers.counts()});
  shown.pools.push_back({"resp_work", &resp.spares.counts()});
  shown.pools.push_back({"resp_sets", &resp.sets.counts()});
  shown.pools.push_back({"resp_gets", &resp.gets.counts()});
  shown.areas = {{"json_answers", &json.calls.answers(), AnswerArea::kBytes, &json.calls.counts()},
                 {"answers", &calls.answers, AnswerArea::kBytes, &calls.counts}};
  return shown;
}

}  // namespace voxeld
