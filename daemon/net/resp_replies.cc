#include "daemon/net/resp_replies.h"

#include <utility>

#include "daemon/wire/resp_reply.h"
#include "voxeld/v1/voxel.pb.h"

namespace voxeld {
namespace {

constexpr size_t kKeptReplies = 1024;

// "#rrggbbaa", or null for air: written here, since as a text of the response it would cost heap
// calls.
void AppendColor(uint32_t rgba, std::string* out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  if (rgba == 0) return AppendRespNull(out);
  char text[9] = {'#'};
  for (size_t i = 8; i > 0; --i, rgba >>= 4) text[i] = kDigits[rgba & 15];
  AppendRespBulk({text, sizeof text}, out);
}

// The answer to its command of that number.
void AppendAnswer(const UnaryCall& call, uint32_t number, RespForm form, std::string* out) {
  if (!call.status().ok()) return AppendRespStatus(call.status(), out);
  switch (form) {
    case RespForm::kOk:
      return AppendRespSimple("OK", out);
    case RespForm::kColor: {
      const auto& response = static_cast<const v1::GetVoxelsResponse&>(call.response());
      return AppendColor(response.rgba(static_cast<int>(number)), out);
    }
    case RespForm::kChanged: {
      const auto& response = static_cast<const v1::ChangeResponse&>(call.response());
      return AppendRespInteger(response.change().voxels_changed(), out);
    }
    case RespForm::kEdited: {
      const auto& response = static_cast<const v1::ApplyEditsResponse&>(call.response());
      return AppendRespInteger(response.change().voxels_changed(), out);
    }
    case RespForm::kJson:
      return AppendRespBulk(call.json(), out);
  }
}

}  // namespace

void RespReplies::Add(std::unique_ptr<UnaryCall> call, RespForm form) {
  ++commands_;
  replies_.push_back({std::move(call), nullptr, form, 0, 1, {}});
}

void RespReplies::Add(const std::shared_ptr<RespBatch>& batch, uint32_t number, RespForm form) {
  ++commands_;
  if (!empty() && replies_.back().batch == batch) {
    Reply& last = replies_.back();
    if (last.first + last.count == number) return ++last.count, void();
  }
  replies_.push_back({nullptr, batch, form, number, 1, {}});
}

std::string* RespReplies::Text(std::string* out) {
  if (empty()) return out;
  if (replies_.back().source() != nullptr) replies_.emplace_back();
  return &replies_.back().text;
}

void RespReplies::Emit(std::string* out, absl::FunctionRef<void(Emitted)> emitted) {
  for (; begin_ < replies_.size(); ++begin_) {
    Reply& reply = replies_[begin_];
    const UnaryCall* const source = reply.source();
    if (source == nullptr) {
      out->append(reply.text);
      continue;
    }
    if (!source->ended()) break;
    for (uint32_t i = 0; i < reply.count; ++i) {
      AppendAnswer(*source, reply.first + i, reply.form, out);
    }
    commands_ -= reply.count;
    emitted({std::move(reply.call), std::move(reply.batch), reply.form});
  }
  // What is out goes once it is the larger part: each reply moves at most once on average.
  if (begin_ > replies_.size() / 2) {
    replies_.erase(replies_.begin(), replies_.begin() + static_cast<int64_t>(begin_));
    begin_ = 0;
  }
  if (replies_.empty() && replies_.capacity() > kKeptReplies) replies_.shrink_to_fit();
}

size_t RespReplies::text_bytes() const {
  size_t bytes = 0;
  for (size_t i = begin_; i < replies_.size(); ++i) bytes += replies_[i].text.size();
  return bytes;
}

void RespReplies::ForEachCall(absl::FunctionRef<void(UnaryCall&)> fn) {
  for (size_t i = begin_; i < replies_.size(); ++i) {
    if (replies_[i].call != nullptr) fn(*replies_[i].call);
  }
}

}  // namespace voxeld
