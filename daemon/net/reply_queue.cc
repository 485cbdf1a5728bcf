#include "daemon/net/reply_queue.h"

#include <algorithm>

namespace voxeld {

bool ReplyQueue::Line::ended() const {
  return std::all_of(calls.begin(), calls.end(), [](const auto& call) { return call->ended; });
}

bool ReplyQueue::Line::silent() const {
  return std::all_of(calls.begin(), calls.end(),
                     [](const auto& call) { return call->notification(); });
}

void ReplyQueue::Begin(bool batch) { lines_.emplace_back().batch = batch; }

JsonCall* ReplyQueue::Add(std::unique_ptr<JsonCall> call) {
  lines_.back().calls.push_back(std::move(call));
  return lines_.back().calls.back().get();
}

void ReplyQueue::Emit(std::string* out,
                      absl::FunctionRef<void(std::unique_ptr<JsonCall>)> emitted) {
  for (auto line = lines_.begin(); line != lines_.end();) {
    const bool silent = line->silent();
    if (!line->ended()) {
      if (!silent) return;
      ++line;
      continue;
    }
    char separator = '[';
    for (const auto& call : line->calls) {
      if (call->notification()) continue;
      if (line->batch) out->push_back(std::exchange(separator, ','));
      out->append(call->reply);
    }
    if (!silent) out->append(line->batch ? "]\n" : "\n");
    auto calls = std::move(line->calls);
    line = lines_.erase(line);
    for (auto& call : calls) emitted(std::move(call));
  }
}

JsonCall* ReplyQueue::Find(std::string_view id) {
  for (Line& line : lines_) {
    for (auto& call : line.calls) {
      if (!call->ended && call->id() == id) return call.get();
    }
  }
  return nullptr;
}

void ReplyQueue::ForEachOpen(absl::FunctionRef<void(JsonCall&)> fn) {
  for (Line& line : lines_) {
    for (auto& call : line.calls) {
      if (!call->ended) fn(*call);
    }
  }
}

}  // namespace voxeld
