// What the JSON-RPC door says about one call, gathered into one reply. For connections that run one
// call at a time.
//
// Threading: one thread at a time.
// Source:    docs/protocols.md, "Streams".
#pragma once

#include <cstdint>

#include "nlohmann/json.hpp"

namespace mcp {

class RpcReply {
 public:
  using Json = nlohmann::json;

  // Of the call that was sent with this id.
  explicit RpcReply(int64_t id) : id_(id) {}

  // Takes one message of the daemon's; false if it does not belong to this call.
  bool Take(const Json& message);
  bool done() const { return done_; }
  // What to say to rpc.cancel about it: by its id, or by its stream's number once it has one.
  Json ToCancel() const;

  // REQUIRES: done(). {"result": ...} or {"error": {"code", "message", "data"}}. The items of a
  // server stream are gathered: the result is {"items": [...]}.
  Json Answer() &&;

 private:
  const int64_t id_;
  Json subscription_;  // a stream's number, once the daemon gave it
  Json items_ = Json::array();
  Json answer_;
  bool done_ = false;
};

}  // namespace mcp
