// A client of the JSON-RPC door: one connection, one call at a time, a look at another descriptor
// while waiting.
//
// Threading: one thread.
#pragma once

#include <functional>
#include <string>

#include "clients/mcp/rpc_reply.h"
#include "nlohmann/json.hpp"

namespace voxctl {

class JsonSocket {
 public:
  using Json = nlohmann::json;

  explicit JsonSocket(std::string path) : path_(std::move(path)) {}
  ~JsonSocket();
  JsonSocket(const JsonSocket&) = delete;
  JsonSocket& operator=(const JsonSocket&) = delete;

  // What `look` found: call it again when there is more to read; cancel the call; call it no more.
  enum class Look { kAgain, kCancel, kNoMore };
  // Runs one call and returns {"result": ...} or {"error": {"code", "message", "data"}}. A server
  // stream's items are gathered: result is {"items": [...]}. Connects if need be. While it waits,
  // `look` is called whenever descriptor `look_fd` has something to read. The connection is closed,
  // and the next call makes a new one, unless this call came to its own end: a reply to another id,
  // a broken line or an exception of `look` leave nothing behind that a later call could take for
  // its answer.
  Json Call(const std::string& method, const Json& params, int look_fd,
            const std::function<Look()>& look);

 private:
  struct Pending {  // the call that runs
    mcp::RpcReply reply;
    int look_fd;  // -1: nothing to look at
    const std::function<Look()>& look;
  };

  bool Connect(std::string* problem);
  void Close();
  bool Send(const Json& message);
  void Cancel(const mcp::RpcReply& call);
  // The next line; false at the end of the connection.
  bool Receive(Json* message, Pending* call);

  const std::string path_;
  int fd_ = -1;
  int64_t last_id_ = 0;
  std::string buffer_;
};

}  // namespace voxctl
