#include "clients/mcp/rpc_reply.h"

#include <string>
#include <utility>

#include "clients/mcp/message.h"

namespace mcp {

using Json = nlohmann::json;

bool RpcReply::Take(const Json& message) {
  if (const std::string method = TextOf(message, "method"); !method.empty()) {
    const Json& content = MemberOf(message, "params");
    const bool is_ours =
        !subscription_.is_null() && MemberOf(content, "subscription") == subscription_;
    if (!is_ours) return false;
    if (method == "rpc.item") items_.push_back(MemberOf(content, "item"));
    if (method != "rpc.end") return method == "rpc.item";
    const Json& error = MemberOf(content, "error");
    answer_ =
        error.is_null() ? Json{{"result", {{"items", std::move(items_)}}}} : Json{{"error", error}};
    done_ = true;
    return true;
  }
  if (MemberOf(message, "id") != id_ || !subscription_.is_null()) return false;
  const Json& error = MemberOf(message, "error");
  if (error.is_null() && !message.contains("result")) return false;
  const Json& result = MemberOf(message, "result");
  subscription_ = MemberOf(result, "subscription");
  done_ = subscription_.is_null();  // else the items follow
  if (done_) answer_ = error.is_null() ? Json{{"result", result}} : Json{{"error", error}};
  return true;
}

Json RpcReply::ToCancel() const {
  return subscription_.is_null() ? Json{{"id", id_}} : Json{{"subscription", subscription_}};
}

Json RpcReply::Answer() && { return std::move(answer_); }

}  // namespace mcp
