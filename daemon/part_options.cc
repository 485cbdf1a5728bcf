#include "daemon/part_options.h"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "daemon/memory/memory_use.h"
#include "voxel/base/check.h"

namespace voxeld {
namespace {

// Descriptors that are no connections: our own, gRPC's, and files being imported; and what each
// project file takes.
constexpr int kOwnDescriptors = 128;
constexpr int kFileDescriptors = 4;

RequestLimits RequestLimitsOf(const Config& config) {
  RequestLimits limits;
  limits.max = static_cast<int32_t>(config.request_ids);
  limits.keep_for = config.request_ids_kept;
  limits.max_bytes = config.request_ids_bytes;
  return limits;
}

// The most VOXEL.SETs that are one call: no more than are done on the poller's thread, and none
// that would be refused for those that come with it.
size_t SetsTogether(const Config& config) {
  constexpr int64_t kMost = 1024;
  constexpr int64_t kBytesOfOne = 64 << 10;  // a brick that was not there, and the nodes above
  const int64_t bricks = std::max(config.max_batch_bytes / kBytesOfOne, int64_t{1});
  return static_cast<size_t>(std::min({kMost, config.max_voxels, bricks}));
}

// The same of VOXEL.GETs: as many as their call's AnswerArea has room for without the heap.
size_t GetsTogether(const Config& config) {
  constexpr int64_t kMost = 448;
  return static_cast<size_t>(std::min(kMost, config.max_read_voxels));
}

const Method& MethodNamed(const Dispatcher& dispatcher, std::string_view name) {
  const Method* method = dispatcher.methods().FindByName(name);
  VOXEL_CHECK(method != nullptr);
  return *method;
}

}  // namespace

std::vector<int> CpusOf(std::string_view text) {
  if (text.empty()) return {};
  return ReadCpus(text).value_or(std::vector<int>());
}

WorkerPoolOptions PoolOptionsOf(const Config& config) {
  WorkerPoolOptions options;
  options.min_threads = static_cast<int>(config.workers_min);
  options.max_threads = static_cast<int>(config.workers_max);
  options.max_queued = static_cast<size_t>(config.worker_queue);
  options.grow_after = config.worker_delay;
  options.idle_exit = config.worker_idle;
  options.rested = MemoryUse::ReturnFreePages;
  options.cpus = CpusOf(config.worker_cpus);
  return options;
}

Dispatcher::Limits QueueLimitsOf(const Config& config) {
  return {.strand_queue = static_cast<size_t>(config.strand_queue),
          .peer_queue = static_cast<size_t>(config.peer_queue)};
}

DiskOptions DiskOptionsOf(const Config& config) {
  DiskOptions options;
  options.dir = config.data_dir;
  options.file.compression = static_cast<int>(config.compression);
  options.file.upkeep.fold_bytes = config.fold_bytes;
  options.file.upkeep.fold_percent = config.fold_percent;
  options.file.upkeep.requests = RequestLimitsOf(config);
  options.relaxed_delay = config.relaxed_delay;
  options.writers = static_cast<int>(config.writers);
  options.cpus = CpusOf(config.worker_cpus);
  options.max_open_files = static_cast<int32_t>(config.max_open_files);
  return options;
}

RegistryOptions RegistryOptionsOf(const Config& config, Timers* timers,
                                  std::shared_ptr<MemoryPressure> pressure) {
  RegistryOptions options;
  options.pressure = std::move(pressure);
  options.timers = timers;
  options.max_projects = static_cast<int32_t>(config.max_projects);
  options.idle_after = config.idle_after;
  options.project.max_checkpoints = static_cast<int32_t>(config.max_checkpoints);
  options.project.max_pending = static_cast<int32_t>(config.max_pending_revisions);
  options.project.requests = RequestLimitsOf(config);
  options.project.watches.max_watches = static_cast<int32_t>(config.max_watches);
  options.project.watches.max_untaken = config.watch_backlog;
  options.project.watches.patience_ms = absl::ToInt64Milliseconds(config.watch_patience);
  options.project.retained_bytes = config.retained_bytes;
  options.project.retained_revisions = static_cast<int32_t>(config.retained_revisions);
  return options;
}

ServiceLimits ServiceLimitsOf(const Config& config) {
  ServiceLimits limits;
  limits.max_message_bytes = config.max_message_bytes;
  limits.max_upload_bytes = config.max_upload_bytes;
  limits.max_voxels = config.max_voxels;
  limits.max_import_voxels = config.max_import_voxels;
  limits.max_read_voxels = config.max_read_voxels;
  limits.max_batch_bytes = config.max_batch_bytes;
  limits.max_memory = config.max_memory;
  limits.max_edits = static_cast<int32_t>(config.max_edits);
  limits.max_layers = static_cast<int32_t>(config.max_layers);
  limits.max_selections = static_cast<int32_t>(config.max_selections);
  limits.engine_threads = static_cast<int32_t>(config.threads);
  return limits;
}

JsonLimits JsonLimitsOf(const Config& config) {
  JsonLimits limits;
  limits.max_line_bytes = static_cast<size_t>(config.max_message_bytes);
  limits.max_batch = static_cast<int>(config.max_batch);
  limits.max_in_flight = static_cast<int>(config.max_in_flight);
  limits.max_subscriptions = static_cast<int>(config.max_subscriptions);
  limits.stream_output_bytes = static_cast<size_t>(config.stream_output_bytes);
  limits.soft_output_bytes = static_cast<size_t>(config.soft_output_bytes);
  limits.hard_output_bytes = static_cast<size_t>(config.hard_output_bytes);
  limits.partial_line = config.line_timeout;
  return limits;
}

McpLimits McpLimitsOf(const Config& config) {
  McpLimits limits;
  limits.max_batch = std::min(limits.max_batch, static_cast<int>(config.max_batch));
  return limits;
}

HttpDoor HttpDoorOf(const Config& config, CallPool* calls, McpDoor* mcp, const TokenGuard* tokens) {
  HttpLimits http;
  http.max_body_bytes = static_cast<size_t>(config.max_message_bytes);
  ByteLimits limits;
  limits.partial = config.http_timeout;
  limits.idle = config.http_idle_timeout;
  limits.soft_output_bytes = static_cast<size_t>(config.http_output_bytes);
  return {.calls = calls, .mcp = mcp, .http = http, .limits = limits, .tokens = tokens};
}

RespDoor RespDoorOf(const Config& config, CallPool* calls) {
  const Dispatcher& dispatcher = *calls->dispatcher;
  RespLimits resp;
  resp.max_command_bytes = static_cast<size_t>(config.max_message_bytes);
  ByteLimits limits;
  limits.partial = config.command_timeout;
  limits.soft_output_bytes = static_cast<size_t>(config.resp_soft_output_bytes);
  limits.hard_output_bytes = static_cast<size_t>(config.resp_hard_output_bytes);
  return {.calls = calls,
          .sets = {calls, MethodNamed(dispatcher, "voxel.set"), SetsTogether(config)},
          .gets = {calls, MethodNamed(dispatcher, "voxel.get"), GetsTogether(config)},
          .edit = MethodNamed(dispatcher, "voxel.apply_edits"),
          .version = std::string(Version()),
          .resp = resp,
          .limits = limits};
}

SocketLimits SocketLimitsOf(const Config& config) {
  SocketLimits limits;
  limits.max_connections = static_cast<int>(config.max_connections);
  limits.peer_connections = config.peer_connections > 0
                                ? static_cast<int>(config.peer_connections)
                                : limits.max_connections - limits.max_connections / 16;
  limits.first_byte = config.first_byte_timeout;
  const int files = config.data_dir.empty() ? 0 : static_cast<int>(config.max_open_files);
  const int own = kOwnDescriptors + kFileDescriptors * files;
  const rlim_t wanted = static_cast<rlim_t>(config.max_connections) + own;
  rlimit allowed{};
  if (getrlimit(RLIMIT_NOFILE, &allowed) != 0) return limits;
  if (allowed.rlim_cur < wanted) {
    allowed.rlim_cur = std::min(allowed.rlim_max, wanted);
    setrlimit(RLIMIT_NOFILE, &allowed);
    getrlimit(RLIMIT_NOFILE, &allowed);
  }
  const auto open_files = static_cast<int>(std::min<rlim_t>(allowed.rlim_cur, 1 << 24));
  limits.fd_ceiling =
      std::min(limits.max_connections + own, std::max(open_files - own / 4, open_files / 2));
  return limits;
}

}  // namespace voxeld
