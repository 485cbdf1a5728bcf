// The replies that a RESP2 connection owes, in the order of its commands.
//
// Threading: the poller's thread.
// Cost:      no memory in the steady state: the list is kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "daemon/net/unary_call.h"

namespace voxeld {

// What a call's answer looks like.
enum class RespForm : uint8_t {
  kOk,       // +OK
  kColor,    // GetVoxelsResponse: "#rrggbbaa", or null for air
  kChanged,  // ApplyEditsResponse: the number of voxels changed
  kJson,     // the response as JSON
};

class RespReplies {
 public:
  // A call that answers `count` commands with the same reply.
  void Add(std::unique_ptr<UnaryCall> call, RespForm form, uint32_t count);
  // Where the reply to the next command can be appended: `out` if nothing is owed before it.
  std::string* Text(std::string* out);
  // Appends what is ready and whose turn it is, and hands the calls over.
  void Emit(std::string* out, absl::FunctionRef<void(std::unique_ptr<UnaryCall>)> emitted);

  void ForEachCall(absl::FunctionRef<void(UnaryCall&)> fn);
  bool empty() const { return begin_ == replies_.size(); }
  size_t size() const { return replies_.size() - begin_; }
  size_t text_bytes() const;  // of the texts that wait

 private:
  struct Reply {
    std::unique_ptr<UnaryCall> call;  // null: `text` is the reply
    RespForm form = RespForm::kOk;
    uint32_t count = 1;
    std::string text;
  };

  std::vector<Reply> replies_;
  size_t begin_ = 0;  // those before it are out
};

}  // namespace voxeld
