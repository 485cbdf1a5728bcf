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
#include "daemon/net/resp_batches.h"
#include "daemon/net/unary_call.h"

namespace voxeld {

// What a call's answer looks like.
enum class RespForm : uint8_t {
  kOk,       // +OK
  kColor,    // GetVoxelsResponse: each voxel's "#rrggbbaa", or null for air
  kChanged,  // ChangeResponse: the number of voxels changed
  kEdited,   // ApplyEditsResponse: the same
  kJson,     // the response as JSON
};

class RespReplies {
 public:
  // The answer of a call.
  void Add(std::unique_ptr<UnaryCall> call, RespForm form);
  // The answer of a batch to the command of that number in it.
  void Add(const std::shared_ptr<RespBatch>& batch, uint32_t number, RespForm form);
  // Where the reply to the next command can be appended: `out` if nothing is owed before it.
  std::string* Text(std::string* out);
  // Appends what is ready and whose turn it is, and hands over what it was made of.
  struct Emitted {
    std::unique_ptr<UnaryCall> call;  // one of them
    std::shared_ptr<RespBatch> batch;
    RespForm form;
  };
  void Emit(std::string* out, absl::FunctionRef<void(Emitted)> emitted);

  void ForEachCall(absl::FunctionRef<void(UnaryCall&)> fn);
  bool empty() const { return begin_ == replies_.size(); }
  size_t size() const { return replies_.size() - begin_; }
  size_t commands() const { return commands_; }  // that calls and batches answer
  size_t text_bytes() const;                     // of the texts that wait

 private:
  struct Reply {
    std::unique_ptr<UnaryCall> call;
    std::shared_ptr<RespBatch> batch;
    RespForm form = RespForm::kOk;
    uint32_t first = 0, count = 1;  // of the batch's answers
    std::string text;               // the reply, without a call and a batch

    const UnaryCall* source() const { return batch != nullptr ? &batch->call() : call.get(); }
  };

  std::vector<Reply> replies_;
  size_t begin_ = 0;  // those before it are out
  size_t commands_ = 0;
};

}  // namespace voxeld
