#include "daemon/service/mutation.h"

#include <utility>

#include "daemon/convert/enums.h"
#include "daemon/convert/geometry.h"
#include "daemon/convert/ids.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "voxel/base/error.h"
#include "voxel/base/hash.h"
#include "voxel/base/short_text.h"
#include "voxel/base/status_macros.h"

namespace voxeld {
namespace {

using google::protobuf::Message;
using voxel::Error;
using voxel::Reason;

constexpr size_t kMaxRequestIdBytes = 128;
constexpr size_t kMaxActorBytes = 128;
constexpr size_t kMaxCommentBytes = 1024;

// Takes the request id out of a message while it lives.
class WithoutRequestId {
 public:
  explicit WithoutRequestId(const Message& request) {
    const auto* field = request.GetDescriptor()->FindFieldByName("write");
    if (field == nullptr || !request.GetReflection()->HasField(request, field)) return;
    const auto& write =
        static_cast<const v1::Write&>(request.GetReflection()->GetMessage(request, field));
    if (write.request_id().empty()) return;
    // The call's own message, which nobody else reads meanwhile, and which is put back as it was: a
    // copy would cost more than all of the hash.
    write_ = const_cast<v1::Write*>(&write);
    write_->mutable_request_id()->swap(id_);
  }
  ~WithoutRequestId() {
    if (write_ != nullptr) write_->mutable_request_id()->swap(id_);
  }
  WithoutRequestId(const WithoutRequestId&) = delete;

 private:
  v1::Write* write_ = nullptr;
  std::string id_;
};

// Equal requests give equal hashes, across processes: map entries in key order, the request id left
// out. `bytes` is memory to work in.
uint64_t HashRequest(const Message& request, std::string& bytes) {
  const WithoutRequestId rest(request);
  bytes = request.GetDescriptor()->full_name();
  const size_t name = bytes.size();
  bytes.resize(name + request.ByteSizeLong());
  google::protobuf::io::ArrayOutputStream stream(bytes.data() + name,
                                                 static_cast<int>(bytes.size() - name));
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  request.SerializeWithCachedSizes(&coded);
  coded.Trim();
  return voxel::HashBytes(bytes.data(), bytes.size());
}

absl::Status CheckGuards(const v1::Write& write, WriteOptions& options) {
  if (write.expected_revision() < 0) {
    return Error(Reason::INVALID_FIELD,
                 voxel::ShortText("write.expected_revision is ", write.expected_revision(),
                                  "; it takes 0 or more"),
                 "write.expected_revision");
  }
  options.expected_revision = write.expected_revision();
  if (!write.has_unchanged()) return absl::OkStatus();
  WriteOptions::Unchanged unchanged;
  VOXEL_ASSIGN_OR_RETURN(unchanged.box, ToBox(write.unchanged().box(), "write.unchanged.box"));
  unchanged.since_revision = write.unchanged().since_revision();
  if (unchanged.since_revision <= 0) {
    return Error(Reason::INVALID_FIELD,
                 voxel::ShortText("write.unchanged.since_revision is ", unchanged.since_revision,
                                  "; it takes 1 or more"),
                 "write.unchanged.since_revision");
  }
  options.unchanged = unchanged;
  return absl::OkStatus();
}

// Turns an outcome into the method's status and response. `filled`: the response was made for the
// request log already.
template <typename AnyOutcome, typename Fill>
absl::Status Answer(CallContext& context, AnyOutcome& outcome, bool filled, Message* response,
                    Fill fill) {
  context.ticket = outcome.ticket;
  VOXEL_RETURN_IF_ERROR(outcome.status);
  if (outcome.replayed) return Replay(outcome.answer, response);
  if (!filled) fill(outcome);
  return absl::OkStatus();
}

}  // namespace

absl::Status Replay(const std::string& answer, Message* response) {
  if (!response->ParseFromString(answer)) {
    return Error(Reason::INTERNAL, "the stored answer of this request_id cannot be read");
  }
  MutableChange(response)->set_replayed(true);
  return absl::OkStatus();
}

v1::Change* MutableChange(Message* response) {
  if (response->GetDescriptor() == v1::ChangeResponse::descriptor()) {  // that of most methods
    return static_cast<v1::ChangeResponse*>(response)->mutable_change();
  }
  const auto* field = response->GetDescriptor()->FindFieldByName("change");
  return static_cast<v1::Change*>(response->GetReflection()->MutableMessage(response, field));
}

absl::StatusOr<const WriteOptions*> ToWriteOptions(CallContext& context, const v1::Write& write,
                                                   const Message& request) {
  WriteOptions& options = context.write;
  VOXEL_RETURN_IF_ERROR(CheckText(write.request_id(), kMaxRequestIdBytes, "write.request_id"));
  VOXEL_RETURN_IF_ERROR(CheckText(write.actor(), kMaxActorBytes, "write.actor"));
  VOXEL_RETURN_IF_ERROR(CheckText(write.comment(), kMaxCommentBytes, "write.comment"));
  VOXEL_RETURN_IF_ERROR(CheckEnum(write.durability(), "write.durability"));
  options.unchanged.reset();
  VOXEL_RETURN_IF_ERROR(CheckGuards(write, options));
  options.actor = write.actor().empty() ? context.peer : write.actor();
  options.comment = write.comment();
  options.request_id = write.request_id();
  options.request_hash = 0;
  if (!options.request_id.empty()) {
    options.request_hash =
        voxel::HashMix(HashRequest(request, context.scratch), context.content_hash);
  }
  options.validate_only = write.validate_only();
  options.relaxed = write.durability() == v1::DURABILITY_RELAXED;
  return &options;
}

voxel::TaskContext LongTask(const Services& services, const CallContext& context) {
  voxel::TaskContext task = context.Task();
  task.max_voxels = services.limits.max_voxels;
  task.max_new_bytes = services.limits.max_batch_bytes;
  task.threads = services.limits.engine_threads;
  return task;
}

voxel::TaskContext EditTask(const Services& services, const CallContext& context) {
  voxel::TaskContext task = LongTask(services, context);
  task.max_total_bytes = services.limits.max_memory;
  return task;
}

absl::Status CheckRoom(const Services& services) {
  voxel::TaskContext task;
  task.max_total_bytes = services.limits.max_memory;
  return task.Check();
}

void FillChange(const Services& services, const Project& project, const WriteOptions& options,
                const Outcome& outcome, v1::Change* change) {
  change->set_revision(outcome.revision);
  change->set_voxels_changed(outcome.voxels_changed);
  if (!outcome.bounds.empty()) FromBox(outcome.bounds, change->mutable_bounds());
  change->set_durable(services.store_is_durable && !project.identity().ephemeral &&
                      !options.relaxed && !options.validate_only);
}

template <typename AnyOutcome>
absl::Status MutateBy(Services& services, CallContext& context, Project& project,
                      const v1::Write& write, const Message& request, MutationStep<AnyOutcome> step,
                      Message* response, absl::FunctionRef<void(const AnyOutcome&)> fill) {
  VOXEL_ASSIGN_OR_RETURN(const WriteOptions* const given, ToWriteOptions(context, write, request));
  const WriteOptions& options = *given;
  bool filled = false;
  const auto fill_all = [&](const AnyOutcome& outcome) {
    FillChange(services, project, options, outcome, MutableChange(response));
    fill(outcome);
    filled = true;
  };
  AnyOutcome outcome = step(options, [&](const AnyOutcome& made, std::string* answer) {
    fill_all(made);
    response->AppendToString(answer);
  });
  return Answer(context, outcome, filled, response, fill_all);
}

absl::Status Mutate(Services& services, CallContext& context, Project& project,
                    const v1::Write& write, const Message& request, Project::Change change,
                    Message* response, FillResponse fill, Room room) {
  // Within the change: a retry of what was done before there was too much is answered all the same.
  const auto with_room = [&](const Revision& applied) -> absl::StatusOr<ChangedDocument> {
    if (room == Room::kNeeded) VOXEL_RETURN_IF_ERROR(CheckRoom(services));
    return change(applied);
  };
  return MutateBy<Outcome>(
      services, context, project, write, request,
      [&](const WriteOptions& options, Project::MakeAnswer make_answer) {
        return project.Mutate(options, with_room, make_answer);
      },
      response, fill);
}

#define VOXELD_MUTATE_BY(OUTCOME)                                                              \
  template absl::Status MutateBy<OUTCOME>(Services&, CallContext&, Project&, const v1::Write&, \
                                          const Message&, MutationStep<OUTCOME>, Message*,     \
                                          absl::FunctionRef<void(const OUTCOME&)>);
VOXELD_MUTATE_BY(UndoOutcome)
VOXELD_MUTATE_BY(CheckpointOutcome)
VOXELD_MUTATE_BY(RollbackOutcome)
#undef VOXELD_MUTATE_BY

}  // namespace voxeld
