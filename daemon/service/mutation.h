// What every mutation shares: the Write message, the guards, the answer that a retry gets, the
// ticket.
#pragma once

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/service/call_context.h"
#include "daemon/service/services.h"
#include "google/protobuf/message.h"
#include "voxeld/v1/common.pb.h"

namespace voxeld {

// The Write of `request` as options, which are context.write: they are good until the next call of
// this. `request` is hashed without its request_id, so that only a true retry is replayed; nobody
// else may read it meanwhile. INVALID_FIELD, MISSING_FIELD, OUT_OF_WORLD.
absl::StatusOr<const WriteOptions*> ToWriteOptions(CallContext& context, const v1::Write& write,
                                                   const google::protobuf::Message& request);

// The engine's context for long work: the call's own, bounded by the daemon's limits.
voxel::TaskContext LongTask(const Services& services, const CallContext& context);
// The same for work that adds voxels: refused while all projects together take too much memory.
voxel::TaskContext EditTask(const Services& services, const CallContext& context);
// LIMIT_MEMORY while all projects together take too much memory for anything to be added.
absl::Status CheckRoom(const Services& services);

// Makes a stored answer the response again, with change.replayed set. INTERNAL if it cannot be
// read.
absl::Status Replay(const std::string& answer, google::protobuf::Message* response);

// The field `change` of a response that has one.
v1::Change* MutableChange(google::protobuf::Message* response);

// Fills a Change, but for its edits.
void FillChange(const Services& services, const Project& project, const WriteOptions& options,
                const Outcome& outcome, v1::Change* change);

// Runs `change` on the project and answers: `fill` writes the response (its `change` field is
// filled already). A replay gives the stored response back, with change.replayed set. `response`
// must have a field `change` of type Change.
using FillResponse = absl::FunctionRef<void(const Outcome&)>;
// Whether a mutation is refused while memory is short. One that only takes something away is not:
// it is what helps.
enum class Room : uint8_t { kNeeded, kNotNeeded };
absl::Status Mutate(Services& services, CallContext& context, Project& project,
                    const v1::Write& write, const google::protobuf::Message& request,
                    Project::Change change, google::protobuf::Message* response, FillResponse fill,
                    Room room = Room::kNeeded);

// The same for mutations of the project that answer more than a change: `step` makes the outcome,
// an UndoOutcome, CheckpointOutcome or RollbackOutcome.
template <typename AnyOutcome>
using MutationStep = absl::FunctionRef<AnyOutcome(const WriteOptions&,
                                                  Project::MakeAnswerOf<AnyOutcome> make_answer)>;
template <typename AnyOutcome>
absl::Status MutateBy(Services& services, CallContext& context, Project& project,
                      const v1::Write& write, const google::protobuf::Message& request,
                      MutationStep<AnyOutcome> step, google::protobuf::Message* response,
                      absl::FunctionRef<void(const AnyOutcome&)> fill);

}  // namespace voxeld
