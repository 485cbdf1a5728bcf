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

void AppendAnswer(const UnaryCall& call, RespForm form, std::string* out) {
  if (!call.status().ok()) return AppendRespStatus(call.status(), out);
  switch (form) {
    case RespForm::kOk:
      return AppendRespSimple("OK", out);
    case RespForm::kColor: {
      const auto& response = static_cast<const v1::GetVoxelsResponse&>(call.response());
      return AppendColor(response.rgba(0), out);
    }
    case RespForm::kChanged: {
      const auto& response = static_cast<const v1::ApplyEditsResponse&>(call.response());
      return AppendRespInteger(response.change().voxels_changed(), out);
    }
    case RespForm::kJson:
      return AppendRespBulk(call.json(), out);
  }
}

}  // namespace

void RespReplies::Add(std::unique_ptr<UnaryCall> call, RespForm form, uint32_t count) {
  replies_.push_back({std::move(call), form, count, {}});
}

std::string* RespReplies::Text(std::string* out) {
  if (empty()) return out;
  if (replies_.back().call != nullptr) replies_.emplace_back();
  return &replies_.back().text;
}

void RespReplies::Emit(std::string* out,
                       absl::FunctionRef<void(std::unique_ptr<UnaryCall>)> emitted) {
  for (; begin_ < replies_.size(); ++begin_) {
    Reply& reply = replies_[begin_];
    if (reply.call == nullptr) {
      out->append(reply.text);
      continue;
    }
    if (!reply.call->ended()) break;
    for (uint32_t i = 0; i < reply.count; ++i) AppendAnswer(*reply.call, reply.form, out);
    emitted(std::move(reply.call));
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
