// A client of the JSON-RPC door: one connection, one call at a time, a look at another descriptor
// while waiting.
//
// Threading: one thread.
#pragma once

#include <functional>
#include <string>

#include "nlohmann/json.hpp"

namespace voxctl {

class JsonSocket {
 public:
  using Json = nlohmann::json;

  explicit JsonSocket(std::string path) : path_(std::move(path)) {}
  ~JsonSocket();
  JsonSocket(const JsonSocket&) = delete;
  JsonSocket& operator=(const JsonSocket&) = delete;

  // What a call gave: exactly one of both is not null.
  struct Reply {
    Json result;
    Json error;  // {"code", "message", "data"}
  };
  // Runs one call. A server stream's items are gathered: result is {"items": [...]}. Connects if
  // need be. While it waits, `also` is called whenever descriptor `also_fd` has something to read;
  // if it returns true the call is cancelled.
  Reply Call(const std::string& method, const Json& params, int also_fd,
             const std::function<bool()>& also);

 private:
  bool Connect(std::string* problem);
  void Close();
  bool Send(const Json& message);
  // The next line; false at the end of the connection.
  bool Receive(Json* message, int also_fd, const std::function<bool()>& also, int64_t id);

  const std::string path_;
  int fd_ = -1;
  int64_t last_id_ = 0;
  std::string buffer_;
};

}  // namespace voxctl
