#include "daemon/net/resp_batches.h"

#include <utility>

#include "voxel/base/plain_memory.h"

namespace voxeld {
namespace {

constexpr size_t kKeptBatches = 64;

// What a request is like before its first command.
void Begin(v1::SetVoxelsRequest* request, MessagePool* messages) { BeginVoxels(request, messages); }
void Begin(v1::GetVoxelsRequest*, MessagePool*) {}

// False: it does not go with those that are there.
bool AddTo(v1::SetVoxelsRequest* request, const RespVoxel& voxel) {
  return AddVoxel(voxel, request->mutable_voxels());
}
bool AddTo(v1::GetVoxelsRequest* request, const RespVoxel& voxel) {
  for (const int32_t n : voxel.xyz) request->add_xyz(n);
  return true;
}

}  // namespace

void RespBatch::CallEnded(UnaryCall*) {
  for (const std::shared_ptr<Member>& member : members_) member->BatchEnded();
  members_.clear();
}

template <typename Request>
RespBatches<Request>::RespBatches(CallPool* calls, const Method& method, size_t most)
    : calls_(calls), method_(method), most_(static_cast<uint32_t>(most)) {}

template <typename Request>
uint32_t RespBatches<Request>::Add(std::string_view peer, const RespVoxelCommand& command) {
  if (open_ != nullptr && TryAdd(peer, command)) return open_->count_++;
  Start();
  counts_.Take(!spares_.empty());
  if (spares_.empty()) {
    open_ = std::make_shared<RespBatch>();
  } else {
    open_ = std::move(spares_.back());
    spares_.pop_back();
    Keep(-1);
  }
  ++turn_;
  open_->call_ = TakeCall(peer, command);
  open_->count_ = 1;
  return 0;
}

template <typename Request>
bool RespBatches<Request>::TryAdd(std::string_view peer, const RespVoxelCommand& command) {
  UnaryCall& call = *open_->call_;
  auto* const request = static_cast<Request*>(call.request());
  // One that will be refused must not take others with it.
  const bool goes = open_->count_ < most_ && command.voxel.in_world() &&
                    request->project() == command.project && request->layer() == command.layer &&
                    call.context().peer == peer;
  if (!goes || !AddTo(request, command.voxel)) return false;
  call.CountBytes(command.voxel.color.size());
  return true;
}

template <typename Request>
std::unique_ptr<UnaryCall> RespBatches<Request>::TakeCall(std::string_view peer,
                                                          const RespVoxelCommand& command) {
  std::unique_ptr<UnaryCall> call = calls_->Take(method_, Door::kResp, peer);
  auto* const request = static_cast<Request*>(call->request());
  Begin(request, &calls_->messages);
  request->mutable_project()->assign(command.project);
  request->mutable_layer()->assign(command.layer);
  AddTo(request, command.voxel);
  call->CountBytes(command.project.size() + command.layer.size() + command.voxel.color.size());
  return call;
}

template <typename Request>
void RespBatches<Request>::Join(std::shared_ptr<RespBatch::Member> member) {
  open_->members_.push_back(std::move(member));
}

template <typename Request>
void RespBatches<Request>::Start() {
  // Closed first: it may end at once.
  const std::shared_ptr<RespBatch> batch = std::exchange(open_, nullptr);
  if (batch == nullptr) return;
  batch->call_->context().commands = batch->count_;
  batch->call_->Start(batch);
}

template <typename Request>
void RespBatches<Request>::Give(std::shared_ptr<RespBatch> batch) {
  if (batch.use_count() > 1) return;  // others still owe replies
  calls_->Give(std::move(batch->call_));
  if (spares_.size() == kKeptBatches || voxel::PlainMemory()) return;
  spares_.push_back(std::move(batch));
  Keep(1);
}

template <typename Request>
void RespBatches<Request>::Trim() {
  Keep(-static_cast<int64_t>(spares_.size()));
  spares_.clear();
}

template <typename Request>
void RespBatches<Request>::Keep(int64_t batches) {
  counts_.Keep(batches, batches * static_cast<int64_t>(sizeof(RespBatch)));
}

template class RespBatches<v1::SetVoxelsRequest>;
template class RespBatches<v1::GetVoxelsRequest>;

}  // namespace voxeld
