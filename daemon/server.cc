#include "daemon/server.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "absl/time/clock.h"
#include "daemon/disk/disk_store.h"
#include "daemon/net/grpc_front.h"
#include "daemon/net/json_door.h"
#include "daemon/net/poller.h"
#include "daemon/net/socket_front.h"
#include "daemon/net/tcp_socket.h"
#include "daemon/net/unix_socket.h"
#include "daemon/runtime/timers.h"
#include "daemon/runtime/worker_pool.h"
#include "daemon/service/dispatcher.h"
#include "daemon/service/method_table.h"
#include "daemon/service/services.h"
#include "daemon/stats/log.h"
#include "daemon/store/memory_commit_store.h"
#include "daemon/store/project_registry.h"
#include "daemon/store/test_commit_store.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/formats/format.h"

namespace voxeld {
namespace {

// Descriptors that are no connections: our own, gRPC's, and files being imported; and what each
// project file takes.
constexpr int kOwnDescriptors = 128;
constexpr int kFileDescriptors = 4;

std::unique_ptr<Log> MakeLog(const Config& config) {
  return std::make_unique<Log>(STDERR_FILENO,
                               ParseSeverity(config.log_level).value_or(Severity::kInfo));
}

WorkerPoolOptions PoolOptions(const Config& config) {
  WorkerPoolOptions options;
  options.max_threads = static_cast<int>(config.workers_max);
  options.min_threads = std::min(options.min_threads, options.max_threads);
  return options;
}

// Null unless projects are to be kept.
absl::StatusOr<std::unique_ptr<DiskStore>> OpenDiskStore(const Config& config, const Log* log) {
  if (config.data_dir.empty()) return nullptr;
  DiskOptions options;
  options.dir = config.data_dir;
  options.file.compression = static_cast<int>(config.compression);
  const std::string name =
      voxel::StrCat("the voxeld with pid ", getpid(), " on ", config.socket_path);
  return DiskStore::Open(options, name, log);
}

// The store of a daemon that keeps nothing.
std::unique_ptr<CommitStore> MakeStore(const Config& config) {
  if (!config.test_commit.has_value()) return std::make_unique<MemoryCommitStore>();
  TestCommitOptions options;
  options.delay = absl::Milliseconds(config.test_commit->delay_ms);
  options.fail_every = config.test_commit->fail_every;
  if (config.test_commit->reason.has_value()) {
    options.failure = voxel::Error(*config.test_commit->reason, "this group was to fail");
  }
  return std::make_unique<TestCommitStore>(std::move(options));
}

RegistryOptions RegistryOptionsOf(const Config& config) {
  RegistryOptions options;
  options.max_projects = static_cast<int32_t>(config.max_projects);
  // Idle projects make room before an edit is refused for want of memory.
  options.max_open_bytes = config.max_memory / 4 * 3;
  options.project.max_checkpoints = static_cast<int32_t>(config.max_checkpoints);
  options.project.watches.max_watches = static_cast<int32_t>(config.max_watches);
  options.project.watches.max_untaken = config.watch_backlog;
  options.project.retained_bytes = config.retained_bytes;
  options.project.retained_revisions = static_cast<int32_t>(config.retained_revisions);
  return options;
}

ServiceLimits LimitsOf(const Config& config) {
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
  return limits;
}

// Allows as many descriptors as the limit of connections wants and the system permits, and says
// where connections have to stop so that some are left for the rest.
SocketLimits SocketLimitsOf(const Config& config) {
  SocketLimits limits;
  limits.max_connections = static_cast<int>(config.max_connections);
  const int files = config.data_dir.empty() ? 0 : DiskOptions().max_open_files;
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

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

}  // namespace

// In the order in which they need each other; they end in the reverse.
struct Server::Parts {
  Parts(const Config& config_in, std::unique_ptr<Log> log_in, std::unique_ptr<DiskStore> disk_in,
        std::unique_ptr<Poller> poller_in, UniqueFd signals_in);

  const Config config;
  const std::unique_ptr<Log> log_owner;
  const Log& log;
  const std::unique_ptr<Poller> poller;
  const UniqueFd signals;
  const voxel::FormatRegistry formats;
  const MethodTable methods;
  WorkerPool pool;
  Timers timers;
  const std::unique_ptr<DiskStore> disk;     // null: nothing is kept
  const std::unique_ptr<CommitStore> store;  // without a disk
  const std::unique_ptr<ProjectRegistry> registry;
  Services services;
  Dispatcher dispatcher;
  JsonDoor json;
  GrpcFront grpc;
  std::unique_ptr<UnixSocket> unix_socket;
  TcpSocket tcp_socket;
  SocketFront front;
};

Server::Parts::Parts(const Config& config_in, std::unique_ptr<Log> log_in,
                     std::unique_ptr<DiskStore> disk_in, std::unique_ptr<Poller> poller_in,
                     UniqueFd signals_in)
    : config(config_in),
      log_owner(std::move(log_in)),
      log(*log_owner),
      poller(std::move(poller_in)),
      signals(std::move(signals_in)),
      pool(PoolOptions(config)),
      disk(std::move(disk_in)),
      store(disk == nullptr ? MakeStore(config) : nullptr),
      registry(
          disk == nullptr
              ? ProjectRegistry::Create(RegistryOptionsOf(config), store.get(), &pool, &absl::Now)
              : ProjectRegistry::Create(RegistryOptionsOf(config), disk.get(), &pool, &absl::Now)),
      dispatcher(&methods, &services, &pool),
      json(poller.get(), &dispatcher, &pool, &log, JsonLimitsOf(config)),
      grpc(poller.get(), GrpcDoor{&dispatcher, &log, config.max_message_bytes}),
      front(&json, &grpc, SocketLimitsOf(config)) {
  services.registry = registry.get();
  services.archive = disk.get();
  services.store_is_durable = disk != nullptr;
  services.store_health = disk != nullptr ? &disk->health() : nullptr;
  services.formats = &formats;
  services.timers = &timers;
  services.limits = LimitsOf(config);
  services.roots = config.roots;
  services.version = std::string(Version());
  services.doors = {"grpc", "jsonrpc"};
  services.shown_limits = config.limits;
  services.started = absl::Now();
}

// What signals do. Poller's thread.
class Server::Life : public Poller::Handler {
 public:
  explicit Life(Parts* parts) : parts_(parts) {}

  int exit_status() const { return exit_status_; }

  void OnReady(uint32_t) override {
    signalfd_siginfo signal{};
    while (read(parts_->signals.get(), &signal, sizeof signal) == sizeof signal) {
      const auto number = static_cast<int>(signal.ssi_signo);
      const std::string name = voxel::StrCat(number == SIGHUP    ? "SIGHUP"
                                             : number == SIGTERM ? "SIGTERM"
                                                                 : "SIGINT");
      if (number == SIGHUP) {
        parts_->log.Info("SIGHUP is ignored");
      } else if (!std::exchange(stopping_, true)) {
        parts_->log.Info(voxel::StrCat(name, ": stopping"));
        asked_ = absl::Now();
        Drain();
      } else if (absl::Now() - asked_ > kSameRequest) {
        parts_->log.Warning(voxel::StrCat("a second ", name, ": ending at once"));
        Abandon();
      }
    }
  }

 private:
  // Tools such as timeout(1) signal the process and then its group: that is one request, not two.
  static constexpr absl::Duration kSameRequest = absl::Milliseconds(200);
  static constexpr absl::Duration kLook = absl::Milliseconds(5);
  // What cancelled calls are given to end, of the grace period's last part.
  static constexpr absl::Duration kForCancel = absl::Seconds(1);

  void Drain() {
    deadline_ = absl::Now() + parts_->config.grace_period;
    parts_->dispatcher.Drain();
    parts_->front.StopAccepting();
    parts_->unix_socket->Close();
    parts_->tcp_socket.fd.Reset();
    parts_->front.Drain();
    parts_->grpc.Shutdown(deadline_, [this] { grpc_done_ = true; });
    LookAgain();
  }

  void LookAgain() {
    parts_->poller->After(kLook, [this] {
      const bool done = grpc_done_ && parts_->front.idle() && parts_->dispatcher.in_flight() == 0;
      if (done) return parts_->poller->Stop();
      const absl::Time now = absl::Now();
      const absl::Duration for_cancel = std::min(kForCancel, parts_->config.grace_period / 4);
      if (now >= deadline_ - for_cancel && !std::exchange(cancelled_, true)) {
        parts_->log.Warning(voxel::StrCat("cancelling ", parts_->dispatcher.in_flight(), " calls"));
        exit_status_ = 1;
        parts_->front.CancelAll();
      }
      if (now >= deadline_) return Abandon();
      LookAgain();
    });
  }

  // Calls still run, so nothing can be taken apart under them.
  [[noreturn]] void Abandon() {
    parts_->unix_socket->Close();
    _exit(1);
  }

  Parts* const parts_;
  bool stopping_ = false;
  bool grpc_done_ = false;
  bool cancelled_ = false;
  int exit_status_ = 0;
  absl::Time asked_, deadline_;
};

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Server::~Server() = default;

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Config& config) {
  // Every later thread inherits the mask, so that signals come through the descriptor only.
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  UniqueFd signal_fd(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signal_fd.ok()) return absl::ErrnoToStatus(errno, "signalfd");
  // First, while there are no threads: it changes the umask for a moment.
  VOXEL_ASSIGN_OR_RETURN(std::unique_ptr<UnixSocket> unix_socket,
                         UnixSocket::Open(config.socket_path));
  TcpSocket tcp_socket;
  if (!config.grpc_tcp.empty()) {
    VOXEL_ASSIGN_OR_RETURN(tcp_socket, ListenOnLoopback(config.grpc_tcp));
  }
  VOXEL_ASSIGN_OR_RETURN(std::unique_ptr<Poller> poller, Poller::Create());
  auto log = MakeLog(config);
  VOXEL_ASSIGN_OR_RETURN(std::unique_ptr<DiskStore> disk, OpenDiskStore(config, log.get()));
  auto parts = std::make_unique<Parts>(config, std::move(log), std::move(disk), std::move(poller),
                                       std::move(signal_fd));
  parts->unix_socket = std::move(unix_socket);
  parts->tcp_socket = std::move(tcp_socket);
  VOXEL_RETURN_IF_ERROR(parts->front.AcceptUnix(parts->unix_socket->fd()));
  if (parts->tcp_socket.fd.ok()) {
    parts->services.doors.push_back("grpc-tcp");
    VOXEL_RETURN_IF_ERROR(parts->front.AcceptTcp(parts->tcp_socket.fd.get()));
  }
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

int Server::Run() {
  Parts& parts = *parts_;
  auto life = std::make_shared<Life>(&parts);
  if (!parts.poller->Watch(parts.signals.get(), EPOLLIN, life).ok()) return 1;
  std::string where = parts.config.socket_path;
  if (parts.tcp_socket.fd.ok()) voxel::StrAppend(&where, " and gRPC on ", parts.tcp_socket.address);
  const std::string kept =
      parts.config.data_dir.empty()
          ? "projects end with this process (--data-dir=DIR keeps them)"
          : voxel::StrCat(parts.registry->size(), " projects in ", parts.config.data_dir);
  parts.log.Info(voxel::StrCat("voxeld ", Version(), " listening on ", where, "; ", kept));
  if (parts.config.ready_fd >= 0) {
    const auto fd = static_cast<int>(parts.config.ready_fd);
    (void)!write(fd, "\n", 1);
    close(fd);
  }
  // The fast door serves already; gRPC gets ready meanwhile.
  parts.grpc.Warm(voxel::StrCat("uid:", geteuid()));
  parts.poller->Run();
  parts.log.Info("stopped");
  return life->exit_status();
}

}  // namespace voxeld
