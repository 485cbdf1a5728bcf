// What methods work on. Built by server.cc, handed to every method.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "daemon/memory/memory_pressure.h"
#include "daemon/memory/memory_use.h"
#include "daemon/runtime/timers.h"
#include "daemon/runtime/worker_pool.h"
#include "daemon/service/shown_memory.h"
#include "daemon/stats/call_stats.h"
#include "daemon/stats/commit_stats.h"
#include "daemon/stats/connection_stats.h"
#include "daemon/stats/store_health.h"
#include "daemon/store/project_archive.h"
#include "daemon/store/project_registry.h"
#include "voxel/formats/format.h"

namespace voxeld {

// Limits that methods check, each a flag of the daemon.
struct ServiceLimits {
  int64_t max_message_bytes = int64_t{16} << 20;
  int64_t max_upload_bytes = int64_t{256} << 20;
  int64_t max_voxels = int64_t{1} << 40;  // one edit may cover
  int64_t max_import_voxels = int64_t{64} << 20;
  int64_t max_read_voxels = int64_t{16} << 20;  // one read may return
  int64_t max_batch_bytes = int64_t{4} << 30;   // brick memory one batch may add
  int64_t max_memory = int64_t{4} << 30;        // brick memory of all projects
  int32_t max_edits = 100000;                   // in one batch
  int32_t max_layers = 4096;                    // in one project
  int32_t max_selections = 1024;                // in one project
  int32_t engine_threads = 2;                   // for rendering and large operations
};

class MethodTable;

struct Services {
  ProjectRegistry* registry = nullptr;
  ProjectArchive* archive = nullptr;  // null: no project has a file
  const voxel::FormatRegistry* formats = nullptr;
  Timers* timers = nullptr;
  MemoryUse* memory = nullptr;               // null: only voxels and caches are known of
  const MemoryPressure* pressure = nullptr;  // null: nothing is done about it
  ServiceLimits limits;
  const StoreHealth* store_health = nullptr;  // null: nothing is kept
  const CommitStats* commits = nullptr;       // null: nothing is kept
  // For admin.stats; null where nothing is counted.
  const MethodTable* methods = nullptr;
  const CallStats* calls = nullptr;
  const ConnectionStats* connections = nullptr;
  const WorkerPool* workers = nullptr;
  ShownMemory shown_memory;
  bool store_is_durable = false;  // whether what the commit store acknowledges survives a crash
  std::vector<std::string>
      roots;  // directories that `path` arguments may name files under; none: refused
  std::string version;
  std::string io;  // how sockets are served: "epoll" or "io_uring"
  std::vector<std::string> doors;
  std::map<std::string, int64_t> shown_limits;  // for admin.info, by flag name
  absl::Time started;                           // by voxel::SteadyNow()
};

}  // namespace voxeld
