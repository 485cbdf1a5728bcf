#include "daemon/net/reply_queue.h"

#include <utility>

namespace voxeld {

ReplyQueue::~ReplyQueue() {
  for (JsonCall* call : {lines_.first, silent_.first}) {
    while (call != nullptr) delete std::exchange(call, call->next);
  }
}

void ReplyQueue::List::Append(JsonCall* from, JsonCall* to) {
  (last == nullptr ? first : last->next) = from;
  last = to;
  to->next = nullptr;
}

JsonCall* ReplyQueue::Add(std::unique_ptr<JsonCall> call) {
  JsonCall* const added = call.release();
  added->place = std::exchange(begins_, JsonCall::Place::kWithinLine);
  lines_.Append(added, added);
  return added;
}

ReplyQueue::Line ReplyQueue::LineFrom(JsonCall* first) {
  Line line;
  for (JsonCall* call = first; call != nullptr; call = call->next) {
    if (call != first && call->place != JsonCall::Place::kWithinLine) break;
    line.last = call;
    line.ended &= call->ended;
    line.silent &= call->notification();
  }
  return line;
}

void ReplyQueue::HandOver(JsonCall* first, const Line& line, Emitted emitted) {
  for (JsonCall* call = first; call != nullptr;) {
    JsonCall* const next = call == line.last ? nullptr : call->next;
    emitted(std::unique_ptr<JsonCall>(call));
    call = next;
  }
}

void ReplyQueue::EmitSilent(Emitted emitted) {
  List left;
  for (JsonCall* call = std::exchange(silent_, {}).first; call != nullptr;) {
    const Line line = LineFrom(call);
    JsonCall* const next = line.last->next;
    if (line.ended) {
      HandOver(call, line, emitted);
    } else {
      left.Append(call, line.last);
    }
    call = next;
  }
  silent_ = left;
}

void ReplyQueue::Emit(std::string* out, Emitted emitted) {
  EmitSilent(emitted);
  while (lines_.first != nullptr) {
    JsonCall* const first = lines_.first;
    const Line line = LineFrom(first);
    if (!line.ended && !line.silent) return;
    lines_.first = line.last->next;
    if (lines_.first == nullptr) lines_.last = nullptr;
    if (!line.ended) {
      silent_.Append(first, line.last);
      continue;
    }
    const bool batch = first->place == JsonCall::Place::kBeginsBatch;
    char separator = '[';
    for (const JsonCall* call = first;; call = call->next) {
      if (!call->notification()) {
        if (batch) out->push_back(std::exchange(separator, ','));
        out->append(call->reply);
      }
      if (call == line.last) break;
    }
    if (!line.silent) out->append(batch ? "]\n" : "\n");
    HandOver(first, line, emitted);
  }
}

JsonCall* ReplyQueue::Find(std::string_view id) {
  for (JsonCall* call = lines_.first; call != nullptr; call = call->next) {
    if (!call->ended && call->id() == id) return call;
  }
  return nullptr;
}

void ReplyQueue::ForEachOpen(absl::FunctionRef<void(JsonCall&)> fn) {
  for (JsonCall* call : {silent_.first, lines_.first}) {
    for (; call != nullptr; call = call->next) {
      if (!call->ended) fn(*call);
    }
  }
}

}  // namespace voxeld
