#include "daemon/server.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "absl/time/clock.h"
#include "daemon/disk/data_dir.h"
#include "daemon/disk/disk_store.h"
#include "daemon/doors.h"
#include "daemon/io/poller.h"
#include "daemon/memory/buffer_pool.h"
#include "daemon/memory/memory_pressure.h"
#include "daemon/memory/program_pages.h"
#include "daemon/net/grpc_front.h"
#include "daemon/net/json_door.h"
#include "daemon/net/shown_pools.h"
#include "daemon/net/socket_front.h"
#include "daemon/part_options.h"
#include "daemon/runtime/affinity.h"
#include "daemon/runtime/nearby.h"
#include "daemon/runtime/slab_worker.h"
#include "daemon/runtime/thread_stacks.h"
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
#include "voxel/base/steady_time.h"
#include "voxel/base/str_cat.h"
#include "voxel/base/string_view.h"
#include "voxel/formats/format.h"

namespace voxeld {
namespace {

Severity LevelOf(const Config& config) {
  return ParseSeverity(config.log_level).value_or(Severity::kInfo);
}

std::unique_ptr<Log> MakeLog(const Config& config) {
  const bool json = config.log_format == "json";
  const bool journal = IsJournal(STDERR_FILENO);
  const LogFormat format = journal ? (json ? LogFormat::kJournalJson : LogFormat::kJournalText)
                                   : (json ? LogFormat::kJson : LogFormat::kText);
  return std::make_unique<Log>(STDERR_FILENO, LevelOf(config), static_cast<int>(config.log_lines),
                               format);
}

struct MadePoller {
  std::unique_ptr<Poller> poller;
  std::string io;  // as admin.info tells it
};

// As --io says. Where io_uring is asked for and not to be had, epoll does as well.
absl::StatusOr<MadePoller> MakePoller(const Config& config, const Log& log) {
  if (config.io == "uring") {
    auto uring = Poller::Create(Io::kUring);
    if (uring.ok()) return MadePoller{*std::move(uring), "io_uring"};
    log.Warning("io_uring is not to be had here; epoll takes its place",
                {{"text", voxel::ToStd(uring.status().message())}});
  }
  VOXEL_ASSIGN_OR_RETURN(std::unique_ptr<Poller> epoll, Poller::Create(Io::kEpoll));
  return MadePoller{std::move(epoll), "epoll"};
}

// Null unless projects are to be kept.
absl::StatusOr<std::unique_ptr<DiskStore>> OpenDiskStore(const Config& config, const Log* log,
                                                         Nearby* nearby) {
  if (config.data_dir.empty()) return nullptr;
  const std::string name = voxel::StrCat("the voxeld with pid ", getpid(), " on ", config.socket);
  DiskOptions options = DiskOptionsOf(config);
  options.nearby = nearby;
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

// That the processors named exist; OK if none are.
absl::Status CheckAffinity(const Config& config) {
  for (const auto& [flag, text] :
       {std::pair<std::string_view, std::string_view>{"poller-cpus", config.poller_cpus},
        {"worker-cpus", config.worker_cpus}}) {
    const absl::Status status = CheckCpus(CpusOf(text));
    if (status.ok()) continue;
    return absl::FailedPreconditionError(
        voxel::StrCat("--", flag, "=", text, ": ", voxel::ToStd(status.message())));
  }
  return absl::OkStatus();
}

// When nothing of the start goes on any more.
constexpr absl::Duration kStarted = absl::Seconds(1);
// Caches are not given back more often while memory stays short.
constexpr absl::Duration kTrimPause = absl::Seconds(1);
// Nor if they hold less than such a share of the limit.
constexpr int64_t kWorthTrimming = 64;

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

}  // namespace

// In the order in which they need each other; they end in the reverse.
struct Server::Parts {
  Parts(const Config& config_in, Surroundings around_in, std::unique_ptr<Log> log_in,
        std::unique_ptr<DiskStore> disk_in, std::unique_ptr<Poller> poller_in, UniqueFd signals_in,
        Sockets sockets_in, PeerPolicy peers, std::unique_ptr<TokenGuard> tokens_in);

  // Gives back what the doors keep for later, and what revisions do that wait to be freed. Poller's
  // thread.
  void TrimSockets() {
    json.Trim();
    calls.Trim();
    http.parsers.Trim();
    resp.Trim();
    buffers.Trim();
    registry->FreeRetired();
    MemoryUse::ReturnFreePages();
  }

  Config config;  // SIGHUP changes it, on the poller's thread
  const Surroundings around;
  const std::unique_ptr<Log> log_owner;
  const Log& log;
  const std::unique_ptr<Poller> poller;
  const UniqueFd signals;
  const std::unique_ptr<TokenGuard> tokens;  // null: nobody is asked for one
  const voxel::FormatRegistry formats;
  const MethodTable methods;
  MemoryUse memory;
  const std::shared_ptr<MemoryPressure> pressure;
  WorkerPool pool;
  const SlabWorker slab_worker;
  Timers timers;
  const std::unique_ptr<DiskStore> disk;     // null: nothing is kept
  const std::unique_ptr<CommitStore> store;  // without a disk
  const std::unique_ptr<ProjectRegistry> registry;
  Services services;
  Dispatcher dispatcher;
  BufferPool buffers;  // of all connections but gRPC's
  JsonDoor json;
  McpDoor mcp;
  GrpcFront grpc;
  CallPool calls;
  HttpDoor http;
  RespDoor resp;
  Sockets sockets;
  SocketFront front;
};

Server::Parts::Parts(const Config& config_in, Surroundings around_in, std::unique_ptr<Log> log_in,
                     std::unique_ptr<DiskStore> disk_in, std::unique_ptr<Poller> poller_in,
                     UniqueFd signals_in, Sockets sockets_in, PeerPolicy peers,
                     std::unique_ptr<TokenGuard> tokens_in)
    : config(config_in),
      around(std::move(around_in)),
      log_owner(std::move(log_in)),
      log(*log_owner),
      poller(std::move(poller_in)),
      signals(std::move(signals_in)),
      tokens(std::move(tokens_in)),
      pressure(std::make_shared<MemoryPressure>(MemoryPressure::LimitsFor(config.max_memory))),
      pool(PoolOptionsOf(config)),
      disk(std::move(disk_in)),
      store(disk == nullptr ? MakeStore(config) : nullptr),
      registry(disk == nullptr
                   ? ProjectRegistry::Create(RegistryOptionsOf(config, &timers, pressure),
                                             store.get(), &pool, &absl::Now)
                   : ProjectRegistry::Create(RegistryOptionsOf(config, &timers, pressure),
                                             disk.get(), &pool, &absl::Now)),
      dispatcher(&methods, &services, &pool, QueueLimitsOf(config)),
      buffers(&memory.response),
      json(poller.get(), &dispatcher, &pool, &log, &memory, &buffers, JsonLimitsOf(config)),
      mcp(&json, std::string(Version()), McpLimitsOf(config)),
      grpc(poller.get(),
           GrpcDoor{&dispatcher, &log, config.max_message_bytes,
                    static_cast<int>(config.grpc_max_streams), config.grpc_output_bytes}),
      calls(poller.get(), &dispatcher, &log, &memory.request, &buffers),
      http(HttpDoorOf(config, &calls, &mcp, tokens.get())),
      resp(RespDoorOf(config, &calls)),
      sockets(std::move(sockets_in)),
      front({&json, &grpc, &http, &resp}, SocketLimitsOf(config), std::move(peers)) {
  services.registry = registry.get();
  services.archive = disk.get();
  services.store_is_durable = disk != nullptr;
  services.store_health = disk != nullptr ? &disk->health() : nullptr;
  services.commits = disk != nullptr ? &disk->commits() : nullptr;
  services.methods = &methods;
  services.calls = &dispatcher.calls();
  services.connections = &front.connections();
  services.workers = &pool;
  services.formats = &formats;
  services.timers = &timers;
  services.memory = &memory;
  services.shown_memory = ShownMemoryOf(buffers, calls, json, http, resp);
  memory.CountTasks([this] { return pool.queue_bytes(); });
  memory.TrimWith([this] { poller->Post([this] { TrimSockets(); }); });
  // What the doors keep is little, and stays: to give it back takes the poller.
  pressure->RelieveWith(MemoryPressure::Stage::kCaches, kTrimPause, [this] {
    if (MemoryUse::SpareBytes() < config.max_memory / kWorthTrimming) return false;
    pool.Post([this] {
      MemoryUse::ReturnSpare();
      pressure->Relieved(MemoryPressure::Stage::kCaches);
    });
    return true;
  });
  services.pressure = pressure.get();
  services.limits = ServiceLimitsOf(config);
  services.roots = config.root;
  services.version = std::string(Version());
  services.doors.assign(std::begin(kDoorNames), std::end(kDoorNames));
  services.shown_limits = config.limits;
  services.started = voxel::SteadyNow();
  if (config.slow_request > absl::ZeroDuration()) {
    dispatcher.OnSlow(config.slow_request, [this](const Method& method, const CallContext& context,
                                                  absl::Duration took, const absl::Status& status) {
      log.Warning("slow request",
                  {{"method", method.name},
                   {"door", DoorName(context.door)},
                   {"peer", context.peer},
                   {"status", voxel::ToStd(absl::StatusCodeToString(status.code()))},
                   {"ms", absl::ToInt64Milliseconds(took)}});
    });
  }
}

// What signals do, and what the service manager hears meanwhile. Poller's thread.
class Server::Life : public Poller::Handler {
 public:
  explicit Life(Parts* parts) : parts_(parts) {}

  int exit_status() const { return exit_status_; }

  // From now on, looks now and then whether anything was asked at any door, and gives memory back
  // that was kept for more if nothing was.
  void TrimWhenIdle() {
    parts_->poller->After(kTrimEvery, [this] {
      const int64_t calls = parts_->dispatcher.calls().Count();
      if (calls == last_calls_ && calls != trimmed_at_) {
        trimmed_at_ = calls;
        Trim();
        TrimAgain(calls);
      }
      last_calls_ = calls;
      TrimWhenIdle();
    });
  }

  void Begin(const std::string& status) {
    LogTls();
    manager().Tell(voxel::StrCat("READY=1\nSTATUS=", status));
    if (manager().watchdog() > absl::ZeroDuration()) FeedWatchdog();
  }

  void OnReady(uint32_t) override {
    signalfd_siginfo signal{};
    while (read(parts_->signals.get(), &signal, sizeof signal) == sizeof signal) {
      const auto number = static_cast<int>(signal.ssi_signo);
      const std::string_view name = number == SIGTERM ? "SIGTERM" : "SIGINT";
      if (number == SIGHUP) {
        if (!stopping_) Reload();
      } else if (!std::exchange(stopping_, true)) {
        parts_->log.Info(voxel::StrCat(name, ": stopping"));
        asked_ = voxel::SteadyNow();
        Drain();
      } else if (voxel::SteadyNow() - asked_ > kSameRequest) {
        parts_->log.Warning(voxel::StrCat("a second ", name, ": ending at once"));
        Abandon();
      }
    }
  }

 private:
  // Tools such as timeout(1) signal the process and then its group: that is one request, not two.
  static constexpr absl::Duration kSameRequest = absl::Milliseconds(200);
  static constexpr int64_t kDaysToRenew = 7;
  static constexpr absl::Duration kLook = absl::Milliseconds(5);
  static constexpr absl::Duration kTrimEvery = absl::Seconds(10);
  static constexpr absl::Duration kTrimAgain = absl::Seconds(2);
  // What cancelled calls are given to end, of the grace period's last part.
  static constexpr absl::Duration kForCancel = absl::Seconds(1);

  void Trim() {
    parts_->pool.Post([memory = &parts_->memory] { memory->Optimize(); });
  }
  // The first time, revisions were freed that had waited, and threads freed what was others'. Code
  // goes only now, as giving back needs some.
  void TrimAgain(int64_t calls) {
    parts_->poller->After(kTrimAgain, [this, calls] {
      if (parts_->dispatcher.calls().Count() != calls) return;
      Trim();
      parts_->pool.Post(UnmapProgramPages);
    });
  }

  const ServiceManager& manager() const { return parts_->around.manager; }

  // From the poller itself: one that hangs is what the watchdog is for.
  void FeedWatchdog() {
    manager().Tell("WATCHDOG=1");
    parts_->poller->After(manager().watchdog() / 3, [this] { FeedWatchdog(); });
  }

  // Everything is read again; what cannot be read changes nothing.
  void Reload() {
    manager().TellReloading();
    const absl::Status status = TakeNews();
    if (!status.ok()) {
      parts_->log.Error("SIGHUP: the settings stay as they were",
                        {{"text", voxel::ToStd(status.message())}});
    }
    manager().Tell("READY=1");
  }

  absl::Status TakeNews() {
    if (!parts_->around.reread) return absl::FailedPreconditionError("nothing to read again");
    VOXEL_ASSIGN_OR_RETURN(const Config news, parts_->around.reread());
    if (parts_->tokens != nullptr) VOXEL_RETURN_IF_ERROR(parts_->tokens->Reload());
    std::vector<std::string> ignored;
    TakeReloaded(news, &parts_->config, &ignored);
    parts_->log_owner->set_least(LevelOf(parts_->config));
    for (const std::string& flag : ignored) {
      parts_->log.Warning(voxel::StrCat("SIGHUP: ", flag, " takes effect at the next start"));
    }
    LogTls();
    parts_->log.Info("SIGHUP: the settings were read again");
    return absl::OkStatus();
  }

  // gRPC takes renewed files by itself, and keeps the old ones while these are of no use.
  void LogTls() const {
    const Config& config = parts_->config;
    if (config.tls_cert.empty()) return;
    const absl::StatusOr<absl::Duration> left = TlsTimeLeft(config);
    if (!left.ok()) {
      return parts_->log.Error("the TLS files are of no use",
                               {{"text", voxel::ToStd(left.status().message())}});
    }
    const auto days = absl::ToInt64Hours(*left) / 24;
    parts_->log.Write(days < kDaysToRenew ? Severity::kWarning : Severity::kInfo,
                      "the TLS certificate is valid", {{"days", days}});
  }

  void Drain() {
    manager().Tell("STOPPING=1\nSTATUS=letting running calls end");
    deadline_ = voxel::SteadyNow() + parts_->config.grace_period;
    parts_->dispatcher.Drain();
    parts_->front.StopAccepting();
    parts_->sockets.unix_socket->Close();
    parts_->sockets.tcp.fd.Reset();
    parts_->sockets.http.fd.Reset();
    parts_->front.Drain();
    parts_->grpc.Shutdown(deadline_, [this] { grpc_done_ = true; });
    LookAgain();
  }

  void LookAgain() {
    parts_->poller->After(kLook, [this] {
      const bool done = grpc_done_ && parts_->front.idle() && parts_->dispatcher.in_flight() == 0;
      if (done) return parts_->poller->Stop();
      const absl::Time now = voxel::SteadyNow();
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
    parts_->sockets.unix_socket->Close();
    _exit(1);
  }

  Parts* const parts_;
  bool stopping_ = false;
  bool grpc_done_ = false;
  bool cancelled_ = false;
  int64_t last_calls_ = 0;  // as TrimWhenIdle saw them
  int64_t trimmed_at_ = 0;
  int exit_status_ = 0;
  absl::Time asked_, deadline_;  // by voxel::SteadyNow()
};

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Server::~Server() = default;

absl::Status Server::Check(const Config& config) {
  VOXEL_RETURN_IF_ERROR(CheckAffinity(config));
  if (!config.data_dir.empty()) VOXEL_RETURN_IF_ERROR(DataDir::Check(config.data_dir));
  return CheckDoors(config);
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Config& config, Surroundings around) {
  // Every later thread inherits the mask, so that signals come through the descriptor only.
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  BoundThreadStacks();
  UniqueFd signal_fd(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signal_fd.ok()) return absl::ErrnoToStatus(errno, "signalfd");
  VOXEL_RETURN_IF_ERROR(Check(config));
  VOXEL_ASSIGN_OR_RETURN(PeerPolicy peers, PeersOf(config));
  VOXEL_ASSIGN_OR_RETURN(std::unique_ptr<TokenGuard> tokens, TokensOf(config));
  // First, while there are no threads: it changes the umask for a moment.
  VOXEL_ASSIGN_OR_RETURN(Sockets sockets, OpenSockets(config, around.manager));
  auto log = MakeLog(config);
  VOXEL_ASSIGN_OR_RETURN(MadePoller poller, MakePoller(config, *log));
  VOXEL_ASSIGN_OR_RETURN(std::unique_ptr<DiskStore> disk,
                         OpenDiskStore(config, log.get(), poller.poller.get()));
  auto parts = std::make_unique<Parts>(config, std::move(around), std::move(log), std::move(disk),
                                       std::move(poller.poller), std::move(signal_fd),
                                       std::move(sockets), std::move(peers), std::move(tokens));
  parts->services.io = poller.io;
  VOXEL_RETURN_IF_ERROR(parts->front.AcceptUnix(parts->sockets.unix_socket->fd()));
  if (parts->sockets.tcp.fd.ok()) {
    parts->services.doors.push_back("grpc-tcp");
    parts->grpc.ProtectTcp(TcpPeerOf(config, parts->tokens.get()));
    const bool tls = !config.tls_cert.empty();
    VOXEL_RETURN_IF_ERROR(parts->front.AcceptTcp(parts->sockets.tcp.fd.get(), tls));
  }
  if (parts->sockets.http.fd.ok()) {
    parts->services.doors.push_back("http-tcp");
    VOXEL_RETURN_IF_ERROR(parts->front.AcceptHttp(parts->sockets.http.fd.get()));
  }
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

int Server::Run() {
  Parts& parts = *parts_;
  auto life = std::make_shared<Life>(&parts);
  if (!parts.poller->Watch(parts.signals.get(), EPOLLIN, life).ok()) return 1;
  std::string where = parts.sockets.unix_socket->path();
  if (parts.sockets.tcp.fd.ok()) {
    voxel::StrAppend(&where,
                     parts.config.tls_cert.empty() ? " and gRPC on " : " and gRPC over TLS on ",
                     parts.sockets.tcp.address);
  }
  if (parts.sockets.http.fd.ok()) {
    voxel::StrAppend(&where, " and HTTP on ", parts.sockets.http.address);
  }
  const std::string kept =
      parts.config.data_dir.empty()
          ? "projects end with this process (--data-dir=DIR keeps them)"
          : voxel::StrCat(parts.registry->size(), " projects in ", parts.config.data_dir);
  for (const std::string& remark : parts.config.remarks) parts.log.Info(remark);
  parts.log.Info(voxel::StrCat("voxeld ", Version(), " listening on ", where, "; ", kept));
  // From here on, so that threads made before are not bound; gRPC's serve sockets, too.
  if (!RunOn(CpusOf(parts.config.poller_cpus)).ok()) {
    parts.log.Warning("the poller runs on any processor: --poller-cpus failed");
  }
  life->Begin(voxel::StrCat("listening on ", where));
  if (parts.config.ready_fd >= 0) {
    const auto fd = static_cast<int>(parts.config.ready_fd);
    (void)!write(fd, "\n", 1);
    close(fd);
  }
  // The fast door serves already; gRPC gets ready meanwhile.
  parts.grpc.Warm(voxel::StrCat("uid:", geteuid()));
  life->TrimWhenIdle();
  parts.poller->After(kStarted, UnmapProgramPages);
  parts.poller->Run();
  parts.log.Info("stopped");
  return life->exit_status();
}

}  // namespace voxeld
