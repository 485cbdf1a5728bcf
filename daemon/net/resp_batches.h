// Commands about one voxel that become one call: VOXEL.SETs one edit, VOXEL.GETs one read. They are
// those which one round of the poller brings, of one peer and for one layer, over whichever of its
// connections they come.
//
// Threading: the poller's thread.
// Memory:    batches are used again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "daemon/net/resp_voxel.h"
#include "daemon/net/unary_call.h"
#include "voxel/base/pool_counts.h"

namespace voxeld {

class RespBatch final : public UnaryCallOwner {
 public:
  // A connection that has brought some of the commands.
  class Member {
   public:
    virtual ~Member() = default;
    // A batch that it has joined has ended; perhaps while it is being started. Its replies are to
    // be made later: the batch is still held by whoever ends it.
    virtual void BatchEnded() = 0;
  };

  // Answers the commands in their order.
  const UnaryCall& call() const { return *call_; }

  void CallEnded(UnaryCall* call) override;

 private:
  template <typename Request>
  friend class RespBatches;

  std::unique_ptr<UnaryCall> call_;  // null: spare
  uint32_t count_ = 0;
  std::vector<std::shared_ptr<Member>> members_;  // until it has ended
};

// The batch of one method that is open, and spare ones.
template <typename Request>
class RespBatches {
 public:
  // Batches of up to `most` commands. REQUIRES: the method of that request, voxel.set or voxel.get.
  RespBatches(CallPool* calls, const Method& method, size_t most);

  const Method& method() const { return method_; }

  // Puts the command into the open batch; if it does not go with what is there, that is started and
  // another one opened. Returns the command's number in the batch.
  uint32_t Add(std::string_view peer, const RespVoxelCommand& command);
  // `member` hears when the open batch has ended. Once for each batch; REQUIRES: one is open.
  void Join(std::shared_ptr<RespBatch::Member> member);
  const std::shared_ptr<RespBatch>& open() const { return open_; }
  // The number of the open batch; 0 if none is open.
  uint64_t turn() const { return open_ != nullptr ? turn_ : 0; }
  // Starts the open batch, if there is one. Due at the round's end at the latest.
  void Start();
  // A call for that command alone, not started.
  std::unique_ptr<UnaryCall> TakeCall(std::string_view peer, const RespVoxelCommand& command);
  // Replies were made of it. Used again once nobody else holds it.
  void Give(std::shared_ptr<RespBatch> batch);
  // Frees what is kept.
  void Trim();

  // Bytes without the lists. Any thread.
  const voxel::PoolCounts& counts() const { return counts_; }

 private:
  bool TryAdd(std::string_view peer, const RespVoxelCommand& command);
  void Keep(int64_t batches);

  CallPool* const calls_;
  const Method& method_;
  const uint32_t most_;
  std::shared_ptr<RespBatch> open_;
  uint64_t turn_ = 0;
  std::vector<std::shared_ptr<RespBatch>> spares_;
  voxel::PoolCounts counts_;
};

extern template class RespBatches<v1::SetVoxelsRequest>;
extern template class RespBatches<v1::GetVoxelsRequest>;

}  // namespace voxeld
